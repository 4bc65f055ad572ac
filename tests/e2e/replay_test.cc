// `pawl replay` over two years of real bars: what it finds, and that nothing but data, recipe and seed
// decides.
#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "e2e/replayed.h"
#include "support/long_tests.h"

namespace pawl::test {
namespace {

// As `jq -cS '.decisions[]' out.json | sha256sum` has it.
std::string hash_decisions(const Json& report) {
  std::string text;
  for (const Json& decision : report["decisions"]) text += decision.dump() + "\n";
  return sha256_hex(text);
}

void expect_keys(const Json& json, const std::vector<std::string>& keys, const std::string& where) {
  for (const std::string& key : keys) EXPECT_TRUE(json.contains(key)) << where << " lacks " << key;
}

void expect_all_keys(const Json& report) {
  expect_keys(report,
              {"schema", "recipe", "seed", "bars", "signals", "outcomes", "win_rate", "win_rate_net",
               "break_even", "pnl_after_cost", "sharpe", "runs", "versions", "decisions", "decisions_sha256",
               "elapsed_s", "bars_per_s"},
              "the report");
  for (const Json& run : report["runs"]) {
    const std::string where = "run " + run["id"].dump();
    expect_keys(run,
                {"id", "lines", "trigger", "reason", "started_at", "known_at", "train", "judged", "champion",
                 "challenger", "checks", "verdict", "reasons"},
                where);
    for (const char* range : {"train", "judged"})
      expect_keys(run[range], {"from", "to", "rows"}, where + " " + range);
    for (const char* side : {"champion", "challenger"})
      expect_keys(run[side], {"version", "scores"}, where + " " + side);
    EXPECT_FALSE(run["checks"].empty()) << where;
    for (const Json& check : run["checks"])
      expect_keys(check, {"name", "value", "limit", "pass"}, where + " check");
    EXPECT_FALSE(run["reasons"].empty()) << where;
  }
}

void expect_integers_and_strings(const Json& json) {
  if (json.is_structured()) {
    for (const Json& part : json) expect_integers_and_strings(part);
  } else {
    EXPECT_TRUE(json.is_number_integer() || json.is_string()) << json.dump();
  }
}

void expect_sound_runs(const Json& report) {
  std::map<std::string, int> verdicts;
  std::set<std::string> triggers;
  std::int64_t last_id = 0;
  std::string last_start;
  for (const Json& run : report["runs"]) {
    ++verdicts[run["verdict"]];
    triggers.insert(run["trigger"]);
    EXPECT_GT(run["id"], last_id);
    EXPECT_GT(run["started_at"], last_start);
    last_id = run["id"];
    last_start = run["started_at"];
    const auto time = [&run](const char* outer, const char* inner = nullptr) {
      return *parse_time((inner == nullptr ? run[outer] : run[outer][inner]).get<std::string>());
    };
    EXPECT_EQ(time("known_at"), time("started_at") + 30 * kMinuteMs) << "the recipe's training time";
    // h + 1 = 4 bars until the last training label is known, and an embargo of 24, lie between the two.
    EXPECT_LE(time("train", "to") + 28 * kHourMs, time("judged", "from"));
    EXPECT_LE(time("judged", "to") + 4 * kHourMs, time("started_at"));
    EXPECT_GE(run["judged"]["rows"], 200);
    // The gate is `better`: what it says follows from the scores that it shows.
    const double champion = run["champion"]["scores"]["accuracy"],
                 challenger = run["challenger"]["scores"]["accuracy"];
    EXPECT_EQ(run["verdict"] == "promote", challenger > champion) << run["reasons"].dump();
  }
  EXPECT_GE(report["runs"].size(), 15U);
  EXPECT_EQ(report["runs"][0]["trigger"], "first");
  EXPECT_TRUE(triggers.contains("age"));
  EXPECT_TRUE(triggers.contains("win_rate"));
  EXPECT_GE(verdicts["promote"], 3);
  EXPECT_GE(verdicts["keep"], 3);
}

// Every prediction is by the version that the swaps before it had put in place.
void expect_decisions_to_hang_together(const Json& report) {
  std::int64_t serving = 0, last = 0;
  std::map<std::string, int> kinds;
  for (const Json& decision : report["decisions"]) {
    ++kinds[decision["kind"]];
    EXPECT_GE(decision["at"], last);
    last = decision["at"];
    if (decision["kind"] == "prediction") {
      ASSERT_EQ(decision["version"], serving) << decision.dump();
    } else if (decision["kind"] == "swap") {
      ASSERT_EQ(decision["from"], serving);
      serving = decision["to"];
    }
  }
  EXPECT_EQ(kinds["verdict"], static_cast<int>(report["runs"].size()));
  EXPECT_EQ(kinds["trigger"], kinds["verdict"]);
  EXPECT_EQ(kinds["prediction"], 17'519 - 25) << "one for each bar once the slow average is warm";
}

TEST(Replay, OfTwoYearsOfRealBarsSaysWhatHappenedAndWhy) {
  const auto data = shared_data();
  if (!data) GTEST_SKIP() << kNoSharedData;
  const TempFolder folder;
  const Json report =
      replay_csv(folder.path(), *data / "crypto" / "BTCUSDT_1h.csv.gz", {"--recipe", recipe_file()});
  ASSERT_FALSE(report.is_null());
  expect_all_keys(report);
  EXPECT_EQ(report["recipe"], "crypto-live");
  EXPECT_EQ(report["seed"], 1);
  EXPECT_EQ(report["bars"], 17'519);
  EXPECT_GE(report["signals"], 2000);
  EXPECT_EQ(report["versions"].size(), report["runs"].size() + 1) << "one a run, and the baseline";
  expect_sound_runs(report);
  expect_decisions_to_hang_together(report);
  expect_integers_and_strings(report["decisions"]);
  EXPECT_EQ(report["decisions_sha256"], hash_decisions(report));

  // Made again by another process, in blocks of another size, every prediction has the same bits.
  const Ran audit = run_pawl({"audit", "--data", folder.path() / "data", "--json", "--block", "1000", "-q"});
  EXPECT_EQ(audit.exit_code, 0) << audit.stderr_text;
  EXPECT_EQ(json_of(audit.stdout_text),
            (Json{{"checked", 17'519 - 25}, {"different", 0}, {"unavailable", 0}}));
}

const RunOptions kFarAway = {
    .env = {{"TZ", "Asia/Tokyo"}, {"LC_ALL", "de_DE.UTF-8"}, {"LANG", "de_DE.UTF-8"}}};

TEST(Replay, DecidesTheSameWhereverItRunsAndOtherwiseWithAnotherSeed) {
  const TempFolder here, there, seeded;
  write_file(here / "bars.csv", csv_of(simulated_bars(2600)));
  const std::string bars = here.path() / "bars.csv";
  const Json first = replay_csv(here.path(), bars, quick_settings());
  ASSERT_FALSE(first.is_null());
  EXPECT_EQ(first["decisions_sha256"], hash_decisions(first));
  ASSERT_GT(first["runs"].size(), 4U);

  RunOptions options = kFarAway;
  options.working_folder = there.path();
  const Json second = replay_csv(there.path(), bars, quick_settings() + Words{"--threads", "2"}, options);
  EXPECT_EQ(second["decisions_sha256"], first["decisions_sha256"]);
  EXPECT_EQ(second["decisions"], first["decisions"]);
  EXPECT_EQ(second["runs"], first["runs"]) << "scores and all, to the last bit";
  EXPECT_EQ(second["versions"], first["versions"]) << "content hashes and all";

  const Json other = replay_csv(seeded.path(), bars, quick_settings() + Words{"--seed", "2"});
  EXPECT_EQ(other["seed"], 2);
  EXPECT_NE(other["decisions_sha256"], first["decisions_sha256"]);
}

TEST(Replay, LeavesNothingOnDiskWithMemory) {
  const TempFolder folder;
  RunOptions options;
  options.working_folder = folder.path();
  const Ran ran =
      run_pawl({"replay", "--recipe", recipe_file(), "--memory", "--set", "source.bars=400", "--set",
                "source.flip_every_bars=0", "--set", "source.flip_jitter_bars=0", "-q", "--json"},
               options);
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_EQ(json_of(ran.stdout_text)["bars"], 400) << "--json without a file prints";
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Replay, TakesAReplaysFolderAgainAndNeverALiveOne) {
  const TempFolder folder;
  write_file(folder / "bars.csv", csv_of(simulated_bars(300)));
  const Json first = replay_csv(folder.path(), folder / "bars.csv", {"--recipe", recipe_file()});
  const Json again = replay_csv(folder.path(), folder / "bars.csv", {"--recipe", recipe_file()});
  EXPECT_EQ(again["decisions_sha256"], first["decisions_sha256"]);

  const std::string live = folder / "live";
  ASSERT_EQ(
      run_pawl({"import", "bars", "BTC_USDT:H1=" + (folder / "bars.csv").string(), "--data", live, "-q"})
          .exit_code,
      0);
  const Ran refused = run_pawl({"replay", "--recipe", recipe_file(), "--data", live, "-q"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.stderr_text, "live store")) << refused.stderr_text;
}

class LongReplay : public LongTest {};

// One thing at a time over all the bars, so that a difference names its cause.
TEST_F(LongReplay, OfTwoYearsDecidesTheSameWhereverItRuns) {
  const auto data = shared_data();
  if (!data) GTEST_SKIP() << kNoSharedData;
  const std::string bars = *data / "crypto" / "BTCUSDT_1h.csv.gz";
  const Words recipe = {"--recipe", recipe_file()};
  const TempFolder first_folder;
  const Json first = replay_csv(first_folder.path(), bars, recipe);
  ASSERT_FALSE(first.is_null());
  const TempFolder elsewhere;
  RunOptions other_folder, other_zone, other_language;
  other_folder.working_folder = elsewhere.path();
  other_zone.env = {{"TZ", "Asia/Tokyo"}};
  other_language.env = {{"LC_ALL", "de_DE.UTF-8"}};
  const std::vector<std::tuple<std::string, Words, RunOptions>> variants = {
      {"again", {}, {}},
      {"--threads 2", {"--threads", "2"}, {}},
      {"another folder", {}, other_folder},
      {"TZ=Asia/Tokyo", {}, other_zone},
      {"LC_ALL=de_DE.UTF-8", {}, other_language}};
  for (const auto& [name, words, options] : variants) {
    const TempFolder folder;
    const Json report = replay_csv(folder.path(), bars, recipe + words, options);
    EXPECT_EQ(report["decisions_sha256"], first["decisions_sha256"]) << name;
    EXPECT_EQ(report["runs"], first["runs"]) << name;
  }
  const TempFolder folder;
  const Json seeded = replay_csv(folder.path(), bars, recipe + Words{"--seed", "2"});
  EXPECT_NE(seeded["decisions_sha256"], first["decisions_sha256"]);
}

}  // namespace
}  // namespace pawl::test
