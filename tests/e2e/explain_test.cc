// `pawl explain`, in a process of its own: what people and programs are told, and what they are told where a
// number is wrong.
#include <sqlite3.h>

#include <cmath>

#include "e2e/replayed.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

class ExplainCommand : public testing::Test {
 protected:
  void SetUp() override {
    report = replay_quickly(folder.path());
    ASSERT_FALSE(report.is_null());
    data = folder.path() / "data";
  }
  Ran explain(const Words& more) const { return run_pawl(Words{"explain", "--data", data, "-q"} + more); }
  Json explained(const Words& more) const {
    const Ran ran = explain(more + Words{"--json"});
    EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
    return json_of(ran.stdout_text);
  }

  TempFolder folder;
  fs::path data;
  Json report;
};

TEST_F(ExplainCommand, TellsWhyAPredictionCameOutSo) {
  const Json newest = explained({});
  EXPECT_EQ(newest["prediction"]["id"], 2600 - 25);
  EXPECT_EQ(newest["reproduced"], true);
  EXPECT_EQ(newest["sum_check"]["holds"], true);
  EXPECT_LE(newest["sum_check"]["gap"].get<double>(), 1e-5);
  EXPECT_TRUE(newest["outcome"].is_null());
  ASSERT_EQ(newest["features"].size(), 28U);
  double sum = newest["scores"][0]["bias"];
  for (const Json& feature : newest["features"]) sum += feature["contributions"][0].get<double>();
  const double p = newest["prediction"]["p_up"];
  EXPECT_NEAR(sum, std::log(p / (1 - p)), 1e-5);
  EXPECT_EQ(explained({"--line", "BTC_USDT"}), newest);
  EXPECT_EQ(explained({"--symbol", "BTC/USDT"}), newest);

  const Json old = explained({"--prediction", "2000"});
  EXPECT_FALSE(old["outcome"].is_null());
  const Json first = explained({"--prediction", "1"});
  EXPECT_EQ(first["model_kind"], "rules");
  EXPECT_TRUE(has(first["rule"], "trend: ema(")) << first;

  const std::string text = explain({"--prediction", "2000"}).stdout_text;
  for (const char* part :
       {"prediction 2000: crypto-live/BTC_USDT", "its serving artifact", "answered", "outcome",
        "bit for bit as logged", "log-odds of UP", "adds up to what was answered", "rsi(14)", "█", "│"}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
}

TEST_F(ExplainCommand, TellsWhatAVersionGoesBy) {
  const Json champion = explained({"--version", "champion", "--repeats", "2", "--rows", "300"});
  EXPECT_EQ(champion["importance"]["kind"], "gain");
  double total = 0;
  for (const Json& column : champion["importance"]["columns"]) total += column["share"].get<double>();
  EXPECT_NEAR(total, 1, 1e-9);
  const Json& permutation = champion["permutation"];
  ASSERT_FALSE(permutation.is_null());
  EXPECT_EQ(permutation["columns"].size(), 28U) << champion["too_few_rows"];
  EXPECT_EQ(permutation["repeats"], 2);
  EXPECT_LE(permutation["rows"]["used"], 300);
  EXPECT_GT(permutation["rows"]["from"].get<std::string>(), champion["seen_to"].get<std::string>());
  EXPECT_EQ(explained({"--version", "champion", "--repeats", "2", "--rows", "300"}), champion);
  EXPECT_NE(
      explained({"--version", "champion", "--repeats", "2", "--rows", "300", "--seed", "9"})["permutation"],
      permutation);
  EXPECT_TRUE(explained({"--version", "champion", "--recorded-only"})["permutation"].is_null());

  const std::string text = explain({"--version", "v000001"}).stdout_text;
  for (const char* part :
       {"crypto-live/BTC_USDT v000001 (xgboost)", "share of the mean gain", "rows that it never saw",
        "as they are: log loss", "seed 1", "log loss rises by", "±"}) {
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  }
  const std::string rules = explain({"--version", "v000000"}).stdout_text;
  EXPECT_TRUE(has(rules, "none: it follows a rule and learnt nothing")) << rules;
  const Ran shown = run_pawl({"models", "show", "BTC_USDT", "v000001", "--data", data});
  EXPECT_TRUE(has(shown.stdout_text, "goes by")) << shown.stdout_text;
  EXPECT_TRUE(has(shown.stdout_text, "% (gain") || has(shown.stdout_text, "… (gain")) << shown.stdout_text;
}

TEST_F(ExplainCommand, SaysWhatToDoAboutWhatIsNotThere) {
  const auto refused = [&](const Words& words, int exit_code, std::string_view part) {
    const Ran ran = explain(words);
    EXPECT_EQ(ran.exit_code, exit_code) << ran.stderr_text;
    EXPECT_TRUE(has(ran.stderr_text, part)) << ran.stderr_text;
  };
  refused({"--prediction", "999999"}, 1, "there is no prediction 999999 here");
  refused({"--prediction", "0"}, 2, "--prediction");
  refused({"--version", "v009999"}, 1, "see `pawl models list`");
  refused({"--version", "newest"}, 2, "a version is written v000003");
  refused({"--line", "ETH_USDT"}, 1, "the lines here are");
  refused({"--symbol", "ETH/USDT"}, 1, "has no such symbol");
  refused({"--prediction", "5", "--version", "v000001"}, 2, "name one of them");
  const Ran nowhere = run_pawl({"explain", "--data", folder.path() / "nowhere"});
  EXPECT_NE(nowhere.exit_code, 0);
  EXPECT_FALSE(nowhere.stderr_text.empty());
}

TEST_F(ExplainCommand, SaysSoWhereAPredictionIsNotAsItWasLogged) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((data / "pawl.db").c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, "UPDATE predictions SET p_up = p_up + 0.01 WHERE id = 2000", nullptr, nullptr,
                         nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  const Ran ran = explain({"--prediction", "2000"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.stdout_text, "NOT AS LOGGED: probabilities")) << ran.stdout_text;
  const Json json = json_of(explain({"--prediction", "2000", "--json"}).stdout_text);
  EXPECT_EQ(json["reproduced"], false);
}

}  // namespace
}  // namespace pawl::test
