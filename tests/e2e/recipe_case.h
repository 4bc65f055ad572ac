// The recipes that are shipped, each with a span of real bars on which it trains a few times within seconds.
#pragma once

#include "e2e/replayed.h"
#include "support/changed_inputs.h"

namespace pawl::test {

// A test's replay of one recipe. Its inputs are always copies: the same files, or with another future.
struct RecipeCase {
  std::string recipe;
  std::vector<InputFile> bars, outside;
  Words words = {};                       // settings, and where to begin
  std::string to = {};                    // where the replay ends; the files go on for a fortnight
  std::vector<std::string> lines = {""};  // whose datasets are compared; "" is the recipe's first
  std::string short_to = {};              // for what runs three times: an earlier end, with runs before it
  bool bot = false;  // a bot of simple rules trades the bars: rows are trades, of a folder
};

inline std::string shipped_recipe(const std::string& name) {
  return source_dir() / "config" / (name + ".yaml");
}

inline InputFile input(const std::filesystem::path& file, KnownFrom known_from) {
  return {*shared_data() / file, std::move(known_from)};
}

// A: four pairs, two of the cron's weeks after the first training.
inline RecipeCase forex_weekly() {
  RecipeCase made{.recipe = "forex-weekly", .bars = {}, .outside = {}};
  for (const char* pair : {"EURUSD", "GBPUSD", "USDJPY", "AUDUSD"}) {
    made.bars.push_back(input(fmt::format("forex/{}_M5.csv.gz", pair), known_at_close(5 * kMinuteMs)));
  }
  made.words = {"--set", "model.trees=10"};
  made.to = "2018-03-20";
  made.lines = {"", "USD_JPY"};
  made.short_to = "2018-03-06";
  return made;
}

// D: a dozen stocks, what is joined to them, and five years before the first day that is scored.
inline RecipeCase stocks_daily() {
  RecipeCase made{.recipe = "stocks-daily", .bars = {}, .outside = {}};
  for (const char* symbol :
       {"AAPL", "MSFT", "INTC", "JPM", "GS", "JNJ", "PFE", "KO", "XOM", "CVX", "WMT", "HD", "SPY", "QQQ"}) {
    made.bars.push_back(input(fmt::format("stocks/{}_1d.csv.gz", symbol), known_at_session_end()));
  }
  made.bars.push_back(input("stocks/VIX_1d.csv.gz", known_at_session_end(15 * kMinuteMs)));
  made.outside = {input("macro/DGS10.csv.gz", known_after_business_days(1))};
  made.words = {"--from",         "2015-01-01", "--score-from",           "2019-02-20", "--set",
                "model.trees=10", "--set",      "gate.min_accuracy=0.45", "--set",      "gate.min_f1=0.4"};
  made.to = "2019-03-20";
  made.lines = {"", "XOM"};
  made.short_to = "2019-03-14";
  return made;
}

// E: the first thirteen sessions, a training each night from the fifth on.
inline RecipeCase qqq_minute() {
  RecipeCase made{.recipe = "qqq-minute", .bars = {}, .outside = {}};
  made.bars = {input("minute/QQQ_1m_2025.csv.gz", known_at_close(kMinuteMs))};
  // The recipe's own gate lets nothing through on two weeks of these bars, and without swaps little is
  // proven.
  made.words = {"--set", "model.trees=20", "--set", "gate.policy=better"};
  made.to = "2025-05-20";
  made.short_to = "2025-05-14";
  return made;
}

// C: a bot of simple rules on one pair, and the filter that learns from its trades.
inline RecipeCase trade_filter() {
  RecipeCase made{.recipe = "trade-filter", .bars = {}, .outside = {}};
  made.bars = {input("forex/EURUSD_M5.csv.gz", known_at_close(5 * kMinuteMs))};
  made.words = {"--set", "model.trees=20"};
  made.to = "2018-04-01";
  made.short_to = "2018-03-01";
  made.bot = true;
  return made;
}

// Copies of a recipe's inputs, from which the binary reads.
class CopiedInputs {
 public:
  CopiedInputs(const RecipeCase& of, AnotherFuture future, std::uint64_t seed) : of_(of) {
    // What lies years ahead would only cost time to read.
    future.end = std::min(future.end, *parse_time(of.to) + 14 * kDayMs);
    for (const InputFile& file : of.bars) copy(file, "bars", future, seed);
    for (const InputFile& file : of.outside) copy(file, "outside", future, seed);
  }
  Words words() const {
    Words words = {"--bars", folder_ / "bars"};
    if (!of_.outside.empty()) words = words + Words{"--outside", folder_ / "outside"};
    return words;
  }

 private:
  void copy(const InputFile& file, const std::string& where, const AnotherFuture& future,
            std::uint64_t seed) const {
    write_with_another_future(file, folder_ / where / file.file.filename().stem(), future, seed);
  }

  const RecipeCase& of_;
  TempFolder folder_;
};

// `pawl replay` into folder/data, with folder/events.ndjson; what --json found. Must succeed.
inline Json replay_recipe(const RecipeCase& some, const CopiedInputs& inputs,
                          const std::filesystem::path& folder, const Words& more = {},
                          const RunOptions& options = {}) {
  const Ran ran = run_pawl(Words{"replay", "--recipe", shipped_recipe(some.recipe), "--data", folder / "data",
                                 "--json", folder / "out.json", "--events", folder / "events.ndjson", "-q"} +
                               inputs.words() + Words{"--to", some.to} + some.words + more,
                           options);
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  return ran.exit_code == 0 ? json_of(read_file(folder / "out.json")) : Json();
}

// Every prediction of the folder comes out again, bar by bar as live and in large blocks.
inline void expect_clean_audit(const std::filesystem::path& data, std::int64_t at_least) {
  for (const char* block : {"1", "4096"}) {
    const Ran ran = run_pawl({"audit", "--data", data, "--block", block, "--json", "-q"});
    EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
    const Json found = json_of(ran.stdout_text);
    EXPECT_GE(found["checked"], at_least);
    EXPECT_EQ(found["different"], 0) << "block " << block << ": " << ran.stdout_text;
    EXPECT_EQ(found["unavailable"], 0) << "block " << block << ": " << ran.stdout_text;
  }
}

inline std::int64_t runs_with(const Json& report, std::string_view verdict) {
  return std::count_if(report["runs"].begin(), report["runs"].end(),
                       [verdict](const Json& run) { return run["verdict"] == verdict; });
}

}  // namespace pawl::test
