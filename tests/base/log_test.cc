#include "base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <thread>
#include <vector>

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
