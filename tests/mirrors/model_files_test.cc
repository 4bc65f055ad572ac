// Links, metrics, metadata and walk-forward tables: D4, E6, A5 and the names of A7.
#include "mirrors/model_files.h"

#include <gtest/gtest.h>

#include "mirrors/made_store.h"

namespace pawl::mirrors {
namespace {

namespace fs = std::filesystem;
using test::MadeStore;

// 2025-01-19 02:05:34
constexpr TimeMs kNight = 1'737'252'334'000;

const std::string kStocks =
    "files: {current_model: models/prod_model.bin, backup_model: models/backup_model.bin, "
    "stamped_model: 'models/prod_model_{time}.bin', metrics: models/training_metrics.json, "
    "model_metadata: models/QQQ_xgboost_optimized.json, walk_forward: models/results}\n";

class ModelFilesTest : public testing::Test {
 protected:
  // A run that promotes `challenger` over `champion`, or keeps it.
  void run(std::int64_t champion, std::int64_t challenger, bool promoted, double accuracy, TimeMs at,
           const Json& folds = {}) {
    const std::int64_t id = made_.begin_run({line_}, "cron", "cron", at - kMinuteMs);
    Json found = MadeStore::findings(line_, champion, challenger, promoted, {.accuracy = 0.5, .f1 = 0.5},
                                     {.accuracy = accuracy, .f1 = 0.6});
    if (!folds.is_null()) found["folds"] = folds;
    made_.end_run(id, {found}, at);
  }
  std::string target(const std::string& name) const {
    const fs::path link = folder_ / name;
    return fs::is_symlink(link) ? fs::read_symlink(link).string() : std::string("no link");
  }
  Json json(const std::string& name) const { return parse_json(test::read_file(folder_ / name)).value(); }

  test::TempFolder folder_;
  MadeStore made_{test::made_recipe(kStocks, "[QQQ]"), folder_.path()};
  LineId line_ = "made/QQQ";
};

TEST_F(ModelFilesTest, D4_LinksFollowThePointer) {
  const auto mirrors = test::open_mirrors(made_, folder_.path());
  test::catch_up(*mirrors);
  EXPECT_EQ(target("models/prod_model.bin"), "no link") << "rules have no model file";

  run(0, 1, true, 0.6, kNight);
  test::catch_up(*mirrors);
  EXPECT_EQ(target("models/prod_model.bin"), "../versions/made/QQQ/v000001/serving.model");
  EXPECT_TRUE(fs::exists(folder_ / "models/prod_model.bin")) << "it leads somewhere";
  EXPECT_EQ(target("models/prod_model_20250119_020534.bin"), "../versions/made/QQQ/v000001/serving.model");
  EXPECT_EQ(target("models/backup_model.bin"), "no link");

  run(1, 2, false, 0.55, kNight + kDayMs);
  run(1, 3, true, 0.7, kNight + 2 * kDayMs);
  test::catch_up(*mirrors);
  EXPECT_EQ(target("models/prod_model.bin"), "../versions/made/QQQ/v000003/serving.model");
  EXPECT_EQ(target("models/backup_model.bin"), "../versions/made/QQQ/v000001/serving.model");
  EXPECT_EQ(target("models/prod_model_20250121_020534.bin"), "../versions/made/QQQ/v000003/serving.model");

  made_.roll_back(line_, kNight + 3 * kDayMs, "worse");
  test::catch_up(*mirrors);
  EXPECT_EQ(target("models/prod_model.bin"), "../versions/made/QQQ/v000001/serving.model");
  EXPECT_EQ(target("models/backup_model.bin"), "no link") << "before version 1 there were rules";
}

TEST_F(ModelFilesTest, AFileOfTheUsersIsNeverReplacedByALink) {
  fs::create_directories(folder_ / "models");
  test::write_file(folder_ / "models/prod_model.bin", "trained by hand for a year");
  run(0, 1, true, 0.6, kNight);
  const Status done = test::open_mirrors(made_, folder_.path())->catch_up();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::conflict);
  EXPECT_EQ(test::read_file(folder_ / "models/prod_model.bin"), "trained by hand for a year");
}

TEST_F(ModelFilesTest, D4_MetricsAreThoseOfTheModelThatServes) {
  const Json folds = {{{"scores", {{"accuracy", 0.5}}}}, {{"scores", {{"accuracy", 0.7}}}}};
  const auto mirrors = test::open_mirrors(made_, folder_.path());
  test::catch_up(*mirrors);
  Json none = json("models/training_metrics.json");
  EXPECT_TRUE(none["f1_score"].is_null());
  EXPECT_EQ(none["history"], Json::array());

  run(0, 1, true, 0.781, kNight, folds);
  run(1, 2, false, 0.55, kNight + kDayMs);
  test::catch_up(*mirrors);
  const Json metrics = json("models/training_metrics.json");
  EXPECT_EQ(metrics["accuracy"], 0.781) << "the refused one is history only";
  EXPECT_EQ(metrics["f1_score"], 0.6);
  EXPECT_EQ(metrics["precision"], 0.75);
  EXPECT_EQ(metrics["recall"], 0.7);
  EXPECT_TRUE(metrics["roc_auc"].is_null());
  EXPECT_DOUBLE_EQ(metrics["cv_mean"].get<double>(), 0.6);
  EXPECT_DOUBLE_EQ(metrics["cv_std"].get<double>(), 0.1);
  EXPECT_EQ(metrics["version"], "v000001");
  ASSERT_EQ(metrics["history"].size(), 2u);
  EXPECT_EQ(metrics["history"][0]["version"], "v000001");
  EXPECT_EQ(metrics["history"][1]["verdict"], "keep");
  EXPECT_EQ(metrics["history"][1]["accuracy"], 0.55);
  EXPECT_EQ(metrics["history"][1]["timestamp"], "2025-01-20T02:05:34Z");
  EXPECT_TRUE(metrics["history"][1]["cv_mean"].is_null());

  // D7: a rollback restores them with the model.
  run(1, 3, true, 0.9, kNight + 2 * kDayMs);
  test::catch_up(*mirrors);
  EXPECT_EQ(json("models/training_metrics.json")["accuracy"], 0.9);
  made_.roll_back(line_, kNight + 3 * kDayMs, "worse");
  test::catch_up(*mirrors);
  EXPECT_EQ(json("models/training_metrics.json")["accuracy"], 0.781);
}

TEST_F(ModelFilesTest, E6_MetadataSaysWhenOnWhatAndHowWell) {
  const auto mirrors = test::open_mirrors(made_, folder_.path());
  test::catch_up(*mirrors);
  EXPECT_FALSE(fs::exists(folder_ / "models/QQQ_xgboost_optimized.json"));
  run(0, 1, true, 0.68, kNight);
  test::catch_up(*mirrors);
  EXPECT_EQ(json("models/QQQ_xgboost_optimized.json"), (Json{{"line", "made/QQQ"},
                                                             {"symbol", "QQQ"},
                                                             {"version", "v000001"},
                                                             {"model_kind", "logistic"},
                                                             {"training_date", "2025-01-19T02:05:34Z"},
                                                             {"training_samples", 150},
                                                             {"test_accuracy", 0.68}}));
}

TEST_F(ModelFilesTest, A5_ARowForEachFoldOfTheLastRun) {
  const auto fold = [](std::int64_t hours, double accuracy) {
    const TimeMs cut = test::kWalkStart + hours * kHourMs;
    return Json{{"train", to_json(RowRange{test::kWalkStart, cut, hours})},
                {"test", to_json(RowRange{cut + kHourMs, cut + 3 * kHourMs, 2})},
                {"scores",
                 {{"accuracy", accuracy},
                  {"trades", 4},
                  {"costs", 0.002},
                  {"sharpe", nullptr},
                  {"undefined", {{"sharpe", "no trades"}}}}}};
  };
  run(0, 1, false, 0.6, kNight, {fold(24, 0.25)});
  run(0, 2, false, 0.6, kNight + kDayMs, {fold(24, 0.5), fold(48, 0.75)});
  run(0, 3, false, 0.6, kNight + 2 * kDayMs);
  test::catch_up(*test::open_mirrors(made_, folder_.path()));
  EXPECT_EQ(test::read_file(folder_ / "models/results/QQQ_wfo_summary.csv"),
            "fold,train_from,train_to,train_rows,test_from,test_to,test_rows,accuracy,sharpe,trades,costs\n"
            "1,2024-01-01T00:00:00Z,2024-01-02T00:00:00Z,24,2024-01-02T01:00:00Z,2024-01-02T03:00:00Z,2,"
            "0.5,,4,0.002\n"
            "2,2024-01-01T00:00:00Z,2024-01-03T00:00:00Z,48,2024-01-03T01:00:00Z,2024-01-03T03:00:00Z,2,"
            "0.75,,4,0.002\n");
}

// A recipe may have its folds made on demand: they are added to the last run's record when all is done.
TEST_F(ModelFilesTest, A5_FoldsThatAreAddedLaterAreFoundAtTheEnd) {
  const auto mirrors = test::open_mirrors(made_, folder_.path());
  run(0, 1, true, 0.6, kNight);
  test::catch_up(*mirrors);
  EXPECT_FALSE(fs::exists(folder_ / "models/results/QQQ_wfo_summary.csv"));
  store::RunRecord record = made_.store->runs().list().value().back();
  record.document["folds"] = {{{"scores", {{"accuracy", 0.5}}}}};
  ASSERT_TRUE(made_.store->runs().update(record));
  const Status finished = mirrors->finish();
  ASSERT_TRUE(finished.has_value()) << finished.error().message;
  EXPECT_TRUE(fs::exists(folder_ / "models/results/QQQ_wfo_summary.csv"));
  EXPECT_EQ(json("models/training_metrics.json")["cv_mean"], 0.5);
  EXPECT_EQ(json("models/training_metrics.json")["history"].size(), 1u);
}

// A and B name a model for each of their symbols; without {symbol} several lines would fight for one name.
TEST(ModelNames, EachLineHasItsOwn) {
  test::TempFolder folder;
  MadeStore made(
      test::made_recipe("files: {current_model: 'models/{symbol}_model_current.bin', backup_model: "
                        "'models_backup/{line}.bin'}\n",
                        "[EURUSD.m, BTC/USDT]"),
      folder.path());
  for (const LineId& line : made.recipe.line_ids()) {
    for (const std::int64_t challenger : {1, 2}) {
      const TimeMs at = kNight + challenger * kDayMs;
      const std::int64_t run = made.begin_run({line}, "cron", "cron", at);
      made.end_run(run, {MadeStore::findings(line, challenger - 1, challenger, true, {}, {})}, at);
    }
  }
  test::catch_up(*test::open_mirrors(made, folder.path()));
  EXPECT_EQ(fs::read_symlink(folder / "models/EUR_USD_model_current.bin"),
            "../versions/made/EUR_USD/v000002/serving.model");
  EXPECT_EQ(fs::read_symlink(folder / "models_backup/made_BTC_USDT.bin"),
            "../versions/made/BTC_USDT/v000001/serving.model");

  const recipe::Recipe one_name =
      test::made_recipe("files: {current_model: models/model.pt}\n", "[EUR_USD, BTC/USDT]");
  const auto refused = Mirrors::open(one_name, *made.store, *made.registry, made.files, folder.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_config);
  EXPECT_NE(refused.error().message.find("{symbol}"), std::string::npos) << refused.error().message;
}

TEST(ModelNames, InMemoryThereIsNothingToLinkTo) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe(kStocks, "[QQQ]"));
  const std::int64_t run = made.begin_run({"made/QQQ"}, "cron", "cron", kNight);
  made.end_run(run, {MadeStore::findings("made/QQQ", 0, 1, true, {}, {})}, kNight);
  test::catch_up(*test::open_mirrors(made, folder.path()));
  EXPECT_FALSE(fs::exists(fs::symlink_status(folder / "models/prod_model.bin")));
}

TEST(ServedBefore, StepsOverRollbacks) {
  const auto row = [](std::optional<VersionNumber> from, std::int64_t to, const char* action) {
    return store::PromotionRow{.line = "l", .from = from, .to = {to}, .action = action};
  };
  const VersionNumber v0{0}, v1{1}, v3{3};
  const std::vector<store::PromotionRow> log = {row(std::nullopt, 0, "baseline"), row(v0, 1, "promote"),
                                                row(v1, 3, "promote"), row(v3, 1, "rollback")};
  EXPECT_EQ(served_before(log, v3), v1);
  EXPECT_EQ(served_before(log, v1), v0);
  EXPECT_EQ(served_before(log, v0), std::nullopt);
}

}  // namespace
}  // namespace pawl::mirrors
