// Fetching without training, and judging without moving: `pawl pull` and `pawl judge`, and the words of the
// five originals for a training by hand. A2, A4, B3, B5, C7, E5.
#include <map>

#include "e2e/replayed.h"

namespace pawl::test {
namespace {

struct Answer {
  int exit_code = -1;
  Json json;
  std::string error;
};

class ByHand : public testing::Test {
 protected:
  Answer ask(const Words& words) const {
    const Ran ran = run_pawl(words + Words{"--data", data, "--json", "-q"});
    return {ran.exit_code, json_of(ran.stdout_text), ran.stderr_text};
  }
  // A made-up market in a new folder, without a model.
  void pull(const std::string& recipe, int bars) const {
    const Answer pulled =
        ask({"pull", "--recipe", recipe_of(recipe), "--set", fmt::format("source.bars={}", bars)});
    ASSERT_EQ(pulled.exit_code, 0) << pulled.error;
  }
  static std::string recipe_of(const std::string& name) { return source_dir() / "config" / (name + ".yaml"); }
  std::map<std::string, Json> champions() const {
    std::map<std::string, Json> found;
    const Json status = ask({"status"}).json;
    for (const Json& line : status["lines"]) found[line["line"].get<std::string>()] = line["champion"];
    return found;
  }

  TempFolder folder;
  const std::string data = folder / "data";
};

TEST_F(ByHand, A2_PullFetchesEveryMarketAndTrainsNothing) {
  const Words pull_words = {"pull", "--recipe", recipe_of("forex-weekly"), "--set", "source.bars=300"};
  const Answer first = ask(pull_words);
  ASSERT_EQ(first.exit_code, 0) << first.error;
  std::vector<std::string> symbols;
  for (const Json& one : first.json["pulled"]) {
    symbols.push_back(one["symbol"]);
    EXPECT_EQ(one["timeframe"], "M5");
    EXPECT_EQ(one["added"], 300);
    EXPECT_EQ(one["duplicates"], 0);
  }
  EXPECT_EQ(symbols, (std::vector<std::string>{"EUR_USD", "GBP_USD", "USD_JPY", "AUD_USD"}));
  for (const auto& [line, champion] : champions()) EXPECT_TRUE(champion.is_null()) << line;

  // The folder remembers where its bars come from; what is there already is not stored twice.
  const Answer again = ask({"pull", "--set", "source.bars=310"});
  ASSERT_EQ(again.exit_code, 0) << again.error;
  for (const Json& one : again.json["pulled"]) {
    EXPECT_EQ(one["added"], 10);
    EXPECT_EQ(one["duplicates"], 300);
    EXPECT_EQ(one["revised"], 0);
  }
}

TEST_F(ByHand, A2_PullCountsABarThatComesWithOtherValuesAsRevised) {
  const std::string file = folder / "bars.csv";
  std::string csv = csv_of(simulated_bars(40));
  write_file(file, csv);
  const Words words = {"pull", "--recipe", recipe_file(), "--bars", "BTC_USDT:H1=" + file};
  ASSERT_EQ(ask(words).json["pulled"][0]["added"], 40);
  // The last bar's volume with one more digit in front.
  csv.insert(csv.rfind(',') + 1, 1, '9');
  write_file(file, csv);
  const Json revised = ask(words).json["pulled"][0];
  EXPECT_EQ(revised["added"], 0);
  EXPECT_EQ(revised["duplicates"], 39);
  EXPECT_EQ(revised["revised"], 1);
}

TEST_F(ByHand, A2_PullOfWhatIsNotThereLeavesNothingBehind) {
  const Answer missing = ask({"pull", "--recipe", recipe_file(), "--bars", "BTC_USDT:H1=nowhere.csv"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_TRUE(has(missing.error, "nowhere.csv")) << missing.error;
  EXPECT_FALSE(std::filesystem::exists(data));
  EXPECT_EQ(ask({"pull"}).exit_code, 2) << "which recipe?";
}

class Judged : public ByHand {
 protected:
  void SetUp() override {
    pull("crypto-live", 2600);
    first = ask({"train", "--epochs", "15", "--set", "gate.policy=always"});
    ASSERT_EQ(first.exit_code, 0) << first.error;
    kept = ask({"train", "--epochs", "12", "--set", "gate.policy=never"});
    ASSERT_EQ(kept.exit_code, 10) << kept.error;
  }
  Answer first, kept;
};

TEST_F(Judged, A4_C7_SaysWhatTheRunSawAndMovesNothing) {
  const std::string before = read_file(std::filesystem::path(data) / "pawl.db");
  const Answer judged = ask({"judge"});
  EXPECT_EQ(read_file(std::filesystem::path(data) / "pawl.db"), before);
  EXPECT_EQ(champions().at("crypto-live/BTC_USDT"), "v000001");

  // No bar has come since the run: its contest is the oracle.
  const Json &line = judged.json["lines"][0], &run = kept.json["runs"][0];
  for (const char* key : {"champion", "challenger", "judged", "train", "majority_class_accuracy"}) {
    EXPECT_EQ(line[key], run[key]) << key;
  }
  EXPECT_EQ(judged.json["gate"], "better");
  const double champion = line["champion"]["scores"]["accuracy"],
               challenger = line["challenger"]["scores"]["accuracy"];
  EXPECT_EQ(judged.exit_code, challenger > champion ? 0 : 10);
  EXPECT_EQ(judged.json["verdict"], challenger > champion ? "promote" : "keep");
  const Json& check = line["checks"][0];
  EXPECT_EQ(check["name"], "accuracy");
  EXPECT_EQ(check["value"], challenger);
  EXPECT_EQ(check["limit"], champion);
  EXPECT_EQ(check["pass"], challenger > champion);
  EXPECT_GT(line["judged"]["from"].get<std::string>(), line["train"]["to"].get<std::string>());
}

TEST_F(Judged, A4_TheOtherWayRoundTheScoresChangeSides) {
  const Json forth = ask({"judge", "--line", "BTC/USDT", "--version", "v000002"}).json["lines"][0];
  const Json back =
      ask({"judge", "--line", "BTC_USDT", "--version", "v000001", "--against", "v000002"}).json["lines"][0];
  EXPECT_EQ(forth["champion"], back["challenger"]);
  EXPECT_EQ(forth["challenger"], back["champion"]);
  EXPECT_EQ(forth["judged"], back["judged"]);

  const Json rules = ask({"judge", "--against", "v000000"}).json["lines"][0];
  EXPECT_EQ(rules["first_model"], true);
  EXPECT_EQ(rules["champion"]["version"], "v000000");
  EXPECT_EQ(rules["challenger"]["version"], "v000002") << "the newest other one";
}

TEST_F(Judged, RefusesWhatCannotBeCompared) {
  EXPECT_EQ(ask({"judge", "--version", "v000001"}).exit_code, 2) << "it serves itself";
  EXPECT_EQ(ask({"judge", "--version", "newest"}).exit_code, 2);
  EXPECT_EQ(ask({"judge", "--version", "v000009"}).exit_code, 1);
  EXPECT_EQ(ask({"judge", "--line", "DOGE_USDT"}).exit_code, 1);
  const Answer label = ask({"judge", "--set", "label.horizon_bars=5"});
  EXPECT_EQ(label.exit_code, 1);
  EXPECT_TRUE(has(label.error, "another label")) << label.error;
}

TEST_F(ByHand, JudgingBeginsNoLine) {
  EXPECT_EQ(ask({"judge"}).exit_code, 1) << "there is no store";
  EXPECT_FALSE(std::filesystem::exists(data));
  pull("crypto-live", 50);
  const Answer early = ask({"judge"});
  EXPECT_EQ(early.exit_code, 1);
  EXPECT_TRUE(has(early.error, "pawl train")) << early.error;
  EXPECT_TRUE(champions().at("crypto-live/BTC_USDT").is_null());
}

TEST_F(ByHand, A4_AGroupIsJudgedWithItsQuorum) {
  pull("forex-weekly", 3000);
  const Words small = {"--set", "validation.min_bars=1000",       "--set", "validation.min_judged_rows=200",
                       "--set", "validation.walk_forward_folds=0"};
  const Answer first = ask(Words{"train", "--epochs", "25", "--set", "gate.policy=always"} + small);
  ASSERT_EQ(first.exit_code, 0) << first.error;
  const Answer second = ask(Words{"train", "--epochs", "40", "--set", "gate.policy=never"} + small);
  ASSERT_EQ(second.exit_code, 10) << second.error;
  const Answer judged = ask(Words{"judge"} + small);
  ASSERT_EQ(judged.json["lines"].size(), 4U) << judged.error;
  int improved = 0, promoted = 0;
  for (const Json& line : judged.json["lines"]) {
    for (const Json& check : line["checks"]) {
      if (check["name"] == "score") improved += check["pass"] == true ? 1 : 0;
    }
    promoted += line["verdict"] == "promote" ? 1 : 0;
  }
  for (const Json& line : judged.json["lines"]) {
    EXPECT_EQ(line["checks"].back()["name"], "quorum");
    EXPECT_EQ(line["checks"].back()["value"], improved);
    EXPECT_EQ(line["checks"].back()["limit"], 2);
  }
  EXPECT_EQ(promoted, improved >= 2 ? improved : 0);
  EXPECT_EQ(judged.exit_code, promoted > 0 ? 0 : 10);
  for (const auto& [line, champion] : champions()) EXPECT_EQ(champion, "v000001") << line;
}

TEST_F(Judged, B3_EpochsAreOfThatRunAlone) {
  EXPECT_EQ(ask({"models", "show", "BTC_USDT", "v000001"}).json["settings"]["rounds"], 15);
  EXPECT_EQ(ask({"models", "show", "BTC_USDT", "v000002"}).json["settings"]["rounds"], 12);
  EXPECT_EQ(ask({"config", "show"}).json["model"]["trees"], 200);
  EXPECT_EQ(ask({"train", "--epochs", "0"}).exit_code, 2);
  const Answer rules = ask({"train", "--epochs", "5", "--set", "model.kind=rules"});
  EXPECT_EQ(rules.exit_code, 2) << "rules are not trained in rounds";
}

TEST_F(ByHand, E5_MinSamplesStandInForTheRecipesMinimum) {
  pull("qqq-minute", 1450);
  const Answer few = ask({"train", "--symbol", "QQQ"});
  EXPECT_EQ(few.exit_code, 1);
  EXPECT_TRUE(has(few.error, "1450 bars are known and 1500 are needed")) << few.error;
  const Answer enough = ask({"train", "--symbol", "QQQ", "--min-samples", "50", "--epochs", "5"});
  ASSERT_TRUE(enough.exit_code == 0 || enough.exit_code == 10) << enough.error;
  EXPECT_EQ(enough.json["runs"].size(), 1U);
  EXPECT_EQ(enough.json["runs"][0]["lines"], Json({"qqq-minute/QQQ"}));
  // It was trained and scored; that its labels are too few to tell chance from skill is for the gate to say.
  EXPECT_FALSE(enough.json["runs"][0]["challenger"]["scores"]["accuracy"].is_null());
  EXPECT_EQ(enough.json["runs"][0]["reasons"][0], "46 labels that do not overlap, 50 are needed");
  EXPECT_EQ(ask({"config", "show"}).json["validation"]["min_bars"], 1500);
}

TEST_F(Judged, B5_ImportModelByTheNameOfTheOriginal) {
  const std::string file = folder / "champion.pawl", other = folder / "other";
  ASSERT_EQ(run_pawl({"export", "model", "BTC_USDT", "-o", file, "--data", data}).exit_code, 0);
  const Ran ran =
      run_pawl({"import-model", file, "--line", "crypto-live/BTC_USDT", "--data", other, "--json"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_EQ(json_of(ran.stdout_text), (Json{{"line", "crypto-live/BTC_USDT"}, {"version", "v000001"}}));
  // A pickle is no model: nothing in it is looked at.
  const std::string pickle = folder / "model.pt";
  write_file(pickle, std::string("\x80\x02}q\x00.", 6));
  const Ran refused = run_pawl({"import-model", pickle, "--line", "crypto-live/BTC_USDT", "--data", other});
  EXPECT_EQ(refused.exit_code, 65) << refused.stderr_text;
}

}  // namespace
}  // namespace pawl::test
