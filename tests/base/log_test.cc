#include "base/log.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <functional>
#include <limits>
#include <regex>

#include <cstdlib>
#include <thread>
#include <vector>

#include "base/json.h"
#include "support/test_files.h"

namespace pawl {
namespace {

TEST(Log, WritesUtcLevelAndTextToStderrAndFile) {
  test::TempFolder folder;
  testing::internal::CaptureStderr();
  {
    const auto log = Log::open(LogLevel::info, folder / "logs/pawl.log");
    ASSERT_TRUE(log) << log.error().message;
    log->debug("not at this level");
    log->info("Training model (50 epochs)");
    log->warn("{} is no format here");
    log->error("two\nlines");
  }
  const std::string on_stderr = testing::internal::GetCapturedStderr();
  EXPECT_EQ(test::read_file(folder / "logs/pawl.log"), on_stderr);
  const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )";
  EXPECT_TRUE(std::regex_match(
      on_stderr, std::regex(time + R"(info  Training model \(50 epochs\)\n)" + time +
                            R"(warn  \{\} is no format here\n)" + time + R"(error two\\nlines\n)")))
      << on_stderr;
}

TEST(Log, AddsToAFileThatIsThere) {
  test::TempFolder folder;
  testing::internal::CaptureStderr();
  for (int i = 0; i < 2; ++i) Log::open(LogLevel::info, folder / "log")->info("again");
  testing::internal::GetCapturedStderr();
  const std::string text = test::read_file(folder / "log");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Log, SilentAndOffSayNothing) {
  testing::internal::CaptureStderr();
  Log::silent().error("x");
  Log::open(LogLevel::off)->error("x");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Log, AFileThatCannotBeOpenedIsAnError) {
  test::TempFolder folder;
  test::write_file(folder / "file", "x");
  const auto log = Log::open(LogLevel::info, folder / "file/log");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::io);
  EXPECT_NE(log.error().message.find((folder / "file/log").string()), std::string::npos);
}

std::string logged(const LogOptions& options, const std::function<void(const Log&)>& say) {
  testing::internal::CaptureStderr();
  {
    const auto log = Log::open(options);
    EXPECT_TRUE(log) << log.error().message;
    if (log) say(*log);
  }
  return testing::internal::GetCapturedStderr();
}

TEST(Log, JsonLinesCarryTheirFields) {
  const std::string text = logged({.format = LogFormat::json, .logger = "loop"}, [](const Log& log) {
    log.info("Promoted \"v000004\"\nfor good", {{"symbol", "EUR_USD"},
                                                {"model_version", std::string("v000004")},
                                                {"duration_ms", 12.5},
                                                {"rows", 2000},
                                                {"nothing", std::numeric_limits<double>::quiet_NaN()}});
    log.warn("bytes that are no UTF-8: \xff {} %v");
  });
  ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
  const std::string first = text.substr(0, text.find('\n'));
  const auto json = parse_json(first);
  ASSERT_TRUE(json) << json.error().message << "\n" << first;
  EXPECT_TRUE(std::regex_match((*json)["ts"].get<std::string>(),
                               std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")))
      << first;
  Json rest = *json;
  rest.erase("ts");
  EXPECT_EQ(rest, (Json{{"level", "info"},
                        {"logger", "loop"},
                        {"msg", "Promoted \"v000004\"\nfor good"},
                        {"symbol", "EUR_USD"},
                        {"model_version", "v000004"},
                        {"duration_ms", 12.5},
                        {"rows", 2000},
                        {"nothing", nullptr}}));
  const auto second = parse_json(text.substr(first.size() + 1));
  ASSERT_TRUE(second) << text;
  EXPECT_EQ((*second)["level"], "warn");
  EXPECT_NE((*second)["msg"].get<std::string>().find("{} %v"), std::string::npos);
}

TEST(Log, TextLinesCarryTheirFieldsToo) {
  const std::string text = logged({}, [](const Log& log) {
    log.info("Promoted", {{"symbol", "EUR_USD"}, {"err", "two words\n"}, {"empty", ""}, {"rows", 3}});
  });
  EXPECT_TRUE(text.ends_with("Z info  Promoted symbol=EUR_USD err=\"two words\\n\" empty=\"\" rows=3\n"))
      << text;
}

TEST(Log, ChoosesJsonWhereNobodyReadsAlong) {
  const auto say = [](const Log& log) { log.info("x"); };
  EXPECT_TRUE(logged({.format = LogFormat::automatic}, say).starts_with("{\"ts\":"))
      << "a file is no terminal";
  EXPECT_FALSE(logged({.format = LogFormat::text}, say).starts_with("{"));
}

TEST(Log, PrefixesPrioritiesForTheJournal) {
  test::TempFolder folder;
  testing::internal::CaptureStderr();
  struct stat status{};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  setenv("JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino).c_str(), 1);
  {
    const Log log =
        Log::open({.level = LogLevel::debug, .file = folder / "log", .format = LogFormat::automatic}).value();
    log.debug("d");
    log.info("i");
    log.warn("w");
    log.error("e");
  }
  // Another stream than the journal's: what a child with a redirected stderr sees.
  setenv("JOURNAL_STREAM", "1:1", 1);
  Log::open(LogLevel::info)->info("elsewhere");
  unsetenv("JOURNAL_STREAM");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(std::regex_match(
      text, std::regex("<7>[^ {]+Z debug d\n<6>[^ ]+Z info  i\n<4>[^ ]+Z warn  w\n<3>[^ ]+Z error e\n"
                       "[^< ]+Z info  elsewhere\n")))
      << text;
  EXPECT_EQ(test::read_file(folder / "log").find('<'), std::string::npos)
      << "a file has no reader of priorities";
}

TEST(Log, LinesOfManyThreadsStayWhole) {
  test::TempFolder folder;
  testing::internal::CaptureStderr();
  const Log log = Log::open(LogLevel::info, folder / "log").value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([log] {
      for (int n = 0; n < 100; ++n) log.info("0123456789");
    });
  }
  for (std::thread& thread : threads) thread.join();
  testing::internal::GetCapturedStderr();
  const std::string text = test::read_file(folder / "log");
  const std::string line = "2026-01-02T03:04:05.678Z info  0123456789\n";
  EXPECT_EQ(text.size(), 400 * line.size());
}

}  // namespace
}  // namespace pawl
