// The full replays: a year or two of real bars a recipe, as it is shipped. How often each retrains, that its
// gate says both yes and no, what memory it takes, and every prediction again.
#include "e2e/recipe_case.h"
#include "support/long_tests.h"

namespace pawl::test {
namespace {

constexpr std::int64_t kTwoGigabytes = std::int64_t{2} << 30;

class LongRecipes : public LongTest {
 protected:
  void SetUp() override {
    LongTest::SetUp();
    if (!IsSkipped() && !shared_data()) GTEST_SKIP() << kNoSharedData;
  }
  static std::string data(const std::string& file) { return *shared_data() / file; }

  // Replays into folder/data and audits it; what --json found.
  Json replay(const std::string& recipe, const Words& words) const {
    RunOptions options;
    options.timeout = std::chrono::hours(1);
    const Ran ran = run_pawl(Words{"replay", "--recipe", shipped_recipe(recipe), "--data", folder / "data",
                                   "--json", folder / "out.json", "-q"} +
                                 words,
                             options);
    EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
    if (ran.exit_code != 0) return {};
    EXPECT_LT(ran.peak_memory_bytes, kTwoGigabytes);
    EXPECT_GT(ran.peak_memory_bytes, 0);
    Json report = json_of(read_file(folder / "out.json"));
    expect_clean_audit(folder / "data", 1000);
    RecordProperty("peak_mb", static_cast<int>(ran.peak_memory_bytes >> 20));
    RecordProperty("runs", static_cast<int>(report["runs"].size()));
    return report;
  }

  static void expect_runs(const Json& report, std::int64_t at_least) {
    const std::int64_t promoted = runs_with(report, "promote"), kept = runs_with(report, "keep");
    EXPECT_GE(promoted + kept, at_least) << "runs that reached a verdict";
    EXPECT_GE(promoted, 1);
    EXPECT_GE(kept, 1);
  }

  TempFolder folder;
};

Words four_pairs() {
  Words words;
  for (const InputFile& pair : forex_weekly().bars) words = words + Words{"--bars", pair.file};
  return words;
}

// What the gate counted in a run of a group; -1 where no line says.
int improved_lines(const Json& run) {
  for (const Json& check : run["by_line"][0]["checks"]) {
    if (check["name"] == "quorum") return check["value"].get<int>();
  }
  return -1;
}

// A4, Show 2: 2018 has weeks of each kind, and what moves in them follows from the count.
TEST_F(LongRecipes, ForexWeeklyOver2018HasWeeksOfEveryQuorum) {
  const Json report = replay("forex-weekly", four_pairs() + Words{"--to", "2019-01-01"});
  ASSERT_FALSE(report.is_null());
  expect_runs(report, 25);
  std::map<int, int> weeks;
  for (const Json& run : report["runs"]) {
    const int improved = improved_lines(run);
    ++weeks[improved];
    EXPECT_EQ(run["verdict"] == "promote", improved >= 2) << run["started_at"];
    const auto moved =
        std::ranges::count_if(run["by_line"], [](const Json& line) { return line["verdict"] == "promote"; });
    EXPECT_EQ(moved, improved >= 2 ? improved : 0) << run["started_at"];
  }
  for (const int improved : {1, 2, 3}) EXPECT_GE(weeks[improved], 1) << improved << " of 4";
}

// AUD_USD has no bars in 2019: it is insufficient, never moves, and counts among the four all the same.
TEST_F(LongRecipes, ForexWeeklyGoesOnWithoutTheLineThatHasNoBarsIn2019) {
  const Json report = replay("forex-weekly", four_pairs());
  ASSERT_FALSE(report.is_null());
  expect_runs(report, 75);
  int without = 0, deployed = 0;
  for (const Json& run : report["runs"]) {
    if (run["started_at"].get<std::string>() < "2019-01-13") continue;
    ++without;
    deployed += run["verdict"] == "promote" ? 1 : 0;
    const Json& line = run["by_line"][3];
    EXPECT_EQ(line["line"], "forex-weekly/AUD_USD");
    EXPECT_EQ(line["verdict"], "insufficient");
    EXPECT_TRUE(has(line["reasons"].dump(), "no bars since 2018-12-31T22:00:00Z")) << line["reasons"];
    for (const Json& each : run["by_line"]) {
      EXPECT_TRUE(has(each["reasons"].dump(), fmt::format("{}/4 improved", improved_lines(run))))
          << each["reasons"];
    }
  }
  EXPECT_GE(without, 45);
  EXPECT_GE(deployed, 1) << "two of the other three still make the quorum";
}

TEST_F(LongRecipes, StocksDailyOverItsLastTwoYearsWithAFloorThatCanBeMet) {
  const Json report =
      replay("stocks-daily", {"--bars", data("stocks"), "--outside", data("macro"), "--score-from",
                              "2019-02-20", "--set", "gate.min_accuracy=0.50"});
  ASSERT_FALSE(report.is_null());
  expect_runs(report, 400);
  const auto full =
      std::ranges::count_if(report["runs"], [](const Json& run) { return run["full"] == true; });
  EXPECT_GE(full, 100) << "D1: one a week is searched anew";
}

TEST_F(LongRecipes, QqqMinuteOverTwoSymbols) {
  const Json report = replay("qqq-minute", {"--bars", data("minute/QQQ_1m_2025.csv.gz"), "--bars",
                                            data("minute/SPY_1m_2024.csv.gz")});
  ASSERT_FALSE(report.is_null());
  expect_runs(report, 10);
  for (const char* line : {"qqq-minute/QQQ", "qqq-minute/SPY"}) {
    EXPECT_GE(std::ranges::count_if(report["runs"],
                                    [line](const Json& run) { return run["lines"] == Json::array({line}); }),
              10)
        << line;
  }
}

TEST_F(LongRecipes, TradeFilterOverAThousandTrades) {
  const std::string pair = data("forex/EURUSD_M5.csv.gz"), trades = folder / "trades.csv";
  const Ran made = run_pawl({"trades", "make", "--recipe", shipped_recipe("trade-filter"), "--bars", pair,
                             "--count", "1000", "-o", trades, "-q"});
  ASSERT_EQ(made.exit_code, 0) << made.stderr_text;
  const Json report = replay("trade-filter", {"--bars", pair, "--to", "2018-06-01", "--trades", trades});
  ASSERT_FALSE(report.is_null());
  expect_runs(report, 10);
  EXPECT_EQ(report["trades"]["closed"], 1000);
}

// A12: one weekly run over four pairs and two years of M5, walk-forward folds included. The limit is the
// budget of the specification, twenty times what it takes; bench/ measures.
TEST_F(LongRecipes, A12OneForexRunStaysWithinItsBudget) {
  RunOptions options;
  options.timeout = std::chrono::minutes(10);
  Words words = {"train",  "--recipe", shipped_recipe("forex-weekly"), "--data", folder / "data",
                 "--json", "-q"};
  for (const InputFile& pair : forex_weekly().bars) words = words + Words{"--bars", pair.file};
  const Ran ran = run_pawl(words, options);
  ASSERT_TRUE(ran.exit_code == 0 || ran.exit_code == 10) << ran.stderr_text;
  EXPECT_LT(ran.peak_memory_bytes, kTwoGigabytes);
  const Json run = json_of(ran.stdout_text)["runs"][0];
  EXPECT_EQ(run["by_line"].size(), 4U);
  EXPECT_EQ(run["by_line"][0]["folds"].size(), 5U);
}

}  // namespace
}  // namespace pawl::test
