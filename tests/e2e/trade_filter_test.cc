// Recipe C, the binary, and a bot of rules on real EURUSD bars: a thousand trades from end to end.
#include <sqlite3.h>

#include "e2e/replayed.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

std::string filter_recipe() {
  return source_dir() / "config" / "trade-filter.yaml";
}

// Five months of M5 hold more than a thousand trades of the bot.
const Words kSpan = {"--from", "2018-01-01T00:00:00Z", "--to", "2018-06-01T00:00:00Z"};

Json replay_filter(const fs::path& folder, const std::string& bars, const std::string& trades,
                   const Words& more = {}) {
  const Ran ran = run_pawl(Words{"replay", "--recipe", filter_recipe(), "--bars", "EURUSD:M5=" + bars,
                                 "--trades", trades, "--json", folder / "out.json", "-q"} +
                           kSpan + more);
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  return ran.exit_code == 0 ? json_of(read_file(folder / "out.json")) : Json();
}

std::int64_t runs_with(const Json& report, const std::string& verdict) {
  std::int64_t count = 0;
  for (const Json& run : report["runs"]) count += run["verdict"] == verdict ? 1 : 0;
  return count;
}

class RealFilter : public testing::Test {
 protected:
  void SetUp() override {
    const auto data = shared_data();
    if (!data) GTEST_SKIP() << kNoSharedData;
    bars = *data / "forex" / "EURUSD_M5.csv.gz";
    trades = folder.path() / "trades.csv";
    const Ran made = run_pawl({"trades", "make", "--recipe", filter_recipe(), "--bars", "EURUSD:M5=" + bars,
                               "--count", "1000", "-o", trades, "-q"});
    ASSERT_EQ(made.exit_code, 0) << made.stderr_text;
  }
  TempFolder folder;
  std::string bars, trades;
};

TEST_F(RealFilter, C5AThousandTradesRetrainPromoteKeepAndTakeBack) {
  const Json report = replay_filter(folder.path(), bars, trades, {"--data", folder.path() / "data"});
  ASSERT_FALSE(report.is_null());
  EXPECT_EQ(report["trades"]["signals"], 1000);
  EXPECT_EQ(report["trades"]["closed"], 1000);
  EXPECT_GE(report["runs"].size(), 10U);
  EXPECT_GE(runs_with(report, "promote"), 1);
  EXPECT_GE(runs_with(report, "keep"), 1);
  EXPECT_EQ(runs_with(report, "failed"), 0);
  EXPECT_GT(report["trades"]["refused_on_paper"]["closed"], 100);
  EXPECT_LT(report["elapsed_s"].get<double>(), 300);

  const std::string data = folder.path() / "data";
  const Ran audit = run_pawl({"audit", "--data", data, "--json", "-q"});
  EXPECT_EQ(audit.exit_code, 0) << audit.stdout_text;
  EXPECT_EQ(json_of(audit.stdout_text)["checked"], 1000);

  // C3, C7: the file that grew beside the store is what is exported from it.
  const Ran exported = run_pawl({"trades", "export", "--data", data});
  EXPECT_EQ(exported.exit_code, 0) << exported.stderr_text;
  EXPECT_EQ(exported.stdout_text, read_file(folder.path() / "data/data/training_data.csv"));
  EXPECT_TRUE(has(exported.stdout_text,
                  "rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,profitable,signal_type\n"));
  EXPECT_TRUE(fs::is_symlink(folder.path() / "data/models/ml_signal_model.pkl")) << "C1: ml_model_path";

  // The audit sees one bit of one answer, and a close on paper that the bars do not give.
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open((folder.path() / "data/pawl.db").c_str(), &db), SQLITE_OK);
  for (const char* sql :
       {"UPDATE trades SET p_profit = p_profit + 2.3e-16 WHERE number = 700",
        "UPDATE trades SET pnl_pct = pnl_pct + 0.001 WHERE number = (SELECT max(number) FROM "
        "trades WHERE allowed = 0 AND closed_at IS NOT NULL)"}) {
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    EXPECT_EQ(sqlite3_changes(db), 1);
  }
  sqlite3_close(db);
  const Ran damaged = run_pawl({"audit", "--data", data, "--json", "-q"});
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_EQ(json_of(damaged.stdout_text)["different"], 2) << damaged.stdout_text;
}

TEST_F(RealFilter, C5TheSameBytesOnOneThreadAndOnTwo) {
  const Json one = replay_filter(folder.path(), bars, trades, {"--memory", "--threads", "1"});
  const Json two = replay_filter(folder.path(), bars, trades, {"--memory", "--threads", "2"});
  ASSERT_FALSE(one.is_null() || two.is_null());
  EXPECT_EQ(one["decisions_sha256"], two["decisions_sha256"]);
  EXPECT_EQ(one["versions"], two["versions"]) << "content hashes included";
}

// C2, C7: what the originals' scripts did, by hand.
TEST_F(RealFilter, C7ExtractTrainAndJudgeByHand) {
  const std::string data = folder.path() / "hand";
  const Words in = {"--data", data, "-q"};
  ASSERT_EQ(run_pawl(Words{"trades", "import", trades, "--recipe", filter_recipe()} + in).exit_code, 0);
  const Ran trained = run_pawl(Words{"train", "--json"} + in);
  EXPECT_TRUE(trained.exit_code == 0 || trained.exit_code == 10) << trained.stderr_text;
  const Json run = json_of(trained.stdout_text)["runs"][0];
  EXPECT_EQ(run["judged"]["rows"], 200) << "the newest fifth";
  for (const char* score : {"accuracy", "precision", "recall"}) {
    EXPECT_TRUE(run["challenger"]["scores"].contains(score)) << score;
  }
  EXPECT_EQ(run_pawl(Words{"promote", "pool", "v000001", "--force", "--reason", "a test"} + in).exit_code, 0);
  EXPECT_EQ(run_pawl(Words{"rollback", "pool"} + in).exit_code, 0);
  const Ran status = run_pawl(Words{"status", "--json"} + in);
  EXPECT_EQ(status.exit_code, 0) << status.stderr_text;
  EXPECT_EQ(json_of(status.stdout_text)["lines"][0]["trades"], 1000);
  const Ran dataset = run_pawl(Words{"export", "dataset", "--as-of", "2018-01-10T00:00:00Z"} + in);
  EXPECT_EQ(dataset.exit_code, 0) << dataset.stderr_text;
  EXPECT_FALSE(has(dataset.stdout_text, "2018-01-10T00:05")) << "nothing of later";
  EXPECT_TRUE(has(dataset.stdout_text, "2018-01-09"));
}

TEST(Filter, C2TooFewSamplesAreSaidInTheOriginalsWords) {
  const TempFolder folder;
  std::string csv = "rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,profitable,signal_type\n";
  for (int i = 0; i < 49; ++i) csv += fmt::format("{},0,0,20,0.1,1,1,100,{},BUY\n", 30 + i, i % 2);
  write_file(folder.path() / "training_data.csv", csv);
  const std::string data = folder.path() / "data";
  ASSERT_EQ(run_pawl({"trades", "import", folder.path() / "training_data.csv", "--recipe", filter_recipe(),
                      "--data", data, "-q"})
                .exit_code,
            0);
  const Ran few = run_pawl({"train", "--data", data, "-q"});
  EXPECT_EQ(few.exit_code, 1);
  EXPECT_EQ(few.stderr_text, "pawl: Not enough samples for retraining: 49/50\n");
}

// Without a file of trades and without bars: something to look at at once.
TEST(Filter, ReplaysOnTheSimulatedMarketWithTradesOfItsOwn) {
  const Ran ran = run_pawl({"replay", "--recipe", filter_recipe(), "--memory", "--set", "source.bars=6000"});
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_TRUE(has(ran.stdout_text, "made from the bars by a bot of simple rules")) << ran.stdout_text;
  const Ran refused = run_pawl({"replay", "--recipe", recipe_file(), "--memory", "--trades", "some.csv"});
  EXPECT_EQ(refused.exit_code, 2) << refused.stderr_text;
}

}  // namespace
}  // namespace pawl::test
