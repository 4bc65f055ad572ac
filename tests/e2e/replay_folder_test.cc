// A replay replaces the results of an earlier one: only once it can run, and never what was done by hand.
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

class ReplayFolder : public testing::Test {
 protected:
  void SetUp() override {
    write_file(folder / "bars.csv", csv_of(simulated_bars(1300)));
    ASSERT_EQ(replay().exit_code, 0);
    ASSERT_FALSE(versions().empty());
  }
  Ran replay(const Words& more = {}) const {
    return run_pawl(Words{"replay", "--bars", bars, "--data", data, "-q"} + quick_settings() + more);
  }
  std::string versions() const { return run_pawl({"models", "list", "--data", data, "--json"}).stdout_text; }
  void expect_untouched_by(const Words& more, const std::string& says) const {
    const std::string before = versions();
    const Ran refused = replay(more);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_TRUE(has(refused.stderr_text, says)) << refused.stderr_text;
    EXPECT_EQ(versions(), before);
  }

  TempFolder folder;
  const std::string data = folder / "data", bars = "BTC_USDT:H1=" + (folder / "bars.csv").string();
};

TEST_F(ReplayFolder, IsLeftAloneWhereItsResultsCouldNotBeWritten) {
  const std::string nowhere = folder / "nowhere";
  expect_untouched_by({"--events", nowhere + "/events.ndjson"}, "there is no folder " + nowhere);
  expect_untouched_by({"--json", nowhere + "/out.json"}, "there is no folder " + nowhere);
  expect_untouched_by({"--json", folder.path().string()}, "name a file");
  EXPECT_FALSE(fs::exists(nowhere));
}

TEST_F(ReplayFolder, IsLeftAloneWhereItsBarsCannotBeRead) {
  const std::string events = folder / "events.ndjson";
  write_file(events, "of the last replay\n");
  write_file(folder / "empty.csv", "time,open,high,low,close,volume\n");
  expect_untouched_by({"--events", events, "--bars", "BTC_USDT:H1=" + (folder / "gone.csv").string()},
                      "gone.csv");
  EXPECT_EQ(read_file(events), "of the last replay\n");
  fs::remove(events);
  expect_untouched_by({"--events", events, "--set",
                       "source.files=[" + bars.substr(0, 12) + (folder / "empty.csv").string() + "]"},
                      "bar");
  EXPECT_FALSE(fs::exists(events)) << "a file that never began is not left behind";
}

TEST_F(ReplayFolder, TakesItsOwnOutputs) {
  const std::string fresh = folder / "fresh";
  const Ran ran = run_pawl(Words{"replay", "--bars", bars, "--data", fresh, "-q", "--json",
                                 fresh + "/out.json", "--events", fresh + "/events.ndjson"} +
                           quick_settings());
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  const std::string events = read_file(fresh + "/events.ndjson");
  EXPECT_EQ(json_of(read_file(fresh + "/out.json"))["bars"], 1300);
  EXPECT_TRUE(has(events, "\"kind\":\"swap\"") || has(events, "\"kind\":\"verdict\""));
  EXPECT_EQ(run_pawl({"export", "events", "--data", fresh, "-o", fresh + "/again.ndjson"}).exit_code, 0);
  EXPECT_EQ(read_file(fresh + "/again.ndjson"), events);
}

TEST_F(ReplayFolder, IsReplayedIntoAgainUntilSomebodyWorksInIt) {
  EXPECT_EQ(replay().exit_code, 0);
  EXPECT_EQ(run_pawl({"status", "--data", data}).exit_code, 0);
  EXPECT_EQ(replay().exit_code, 0) << "looking changes nothing";
  ASSERT_EQ(run_pawl({"rollback", "BTC_USDT", "v000000", "--data", data}).exit_code, 0);
  expect_untouched_by({}, "worked on by hand");
  EXPECT_EQ(json_of(run_pawl({"status", "--data", data, "--json"}).stdout_text)["kind"], "live");
}

}  // namespace
}  // namespace pawl::test
