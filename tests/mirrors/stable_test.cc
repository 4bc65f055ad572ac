// The same store, the same bytes: however the process was stopped on the way, and whatever it left half done.
#include <gtest/gtest.h>

#include <functional>

#include "base/random.h"
#include "mirrors/made_store.h"
#include "support/faulty_files.h"
#include "support/stepped_files.h"

namespace pawl::mirrors {
namespace {

namespace fs = std::filesystem;
using test::MadeStore;
using test::mirrored;

const std::string kEverything =
    "auto_training: {enabled: true}\n"
    "files: {collection: data_collected, metrics: models/training_metrics.json, alerts: models/alerts.log, "
    "walk_forward: models/results, current_model: models/prod_model.bin, backup_model: "
    "models/backup_model.bin, stamped_model: 'models/prod_model_{time}.bin', model_metadata: "
    "models/meta.json, log: data/trading.log, heartbeat_minutes: 180}\n";

// A life of 60 bars: a prediction at each, outcomes three bars later, two promotions, a refusal, a failure
// and a rollback.
class Life {
 public:
  explicit Life(const Path& folder) : made(test::made_recipe(kEverything), folder) {}

  void live(std::size_t bar) {
    const LineId line = made.recipe.line_ids().front();
    const Symbol& btc = made.recipe.symbols.front();
    const TimeMs at = bars_[bar].known_at();
    made.bar(btc, bars_[bar]);
    if (bar >= 4) made.outcome(line, open_[bar - 4], at, Side::buy, bar % 3 == 0, bar % 3 == 0 ? 0.5 : -0.5);
    open_.push_back(made.predict(btc, serving_, 0.5 + 0.001 * static_cast<double>(bar), Side::buy));
    if (bar == 10) retrain(line, 0, 1, true, at);
    if (bar == 25) retrain(line, 1, 2, false, at);
    if (bar == 30) made.fail_run(made.begin_run({line}, "age", "age: 30 days", at), "no luck", at);
    if (bar == 40) retrain(line, 1, 3, true, at);
    if (bar == 50) {
      made.roll_back(line, at, "worse");
      serving_ = 1;
    }
  }
  std::size_t bars() const { return bars_.size(); }
  // As if nothing had been mirrored yet.
  void forget(const Path& folder) {
    for (const auto& [name, bytes] : mirrored(folder)) fs::remove(folder / name);
    ASSERT_TRUE(made.store->set_meta("mirrors", ""));
  }

  MadeStore made;

 private:
  void retrain(const LineId& line, std::int64_t champion, std::int64_t challenger, bool promoted, TimeMs at) {
    const std::int64_t run = made.begin_run({line}, "win_rate", "win rate: 0.3 is below 0.45", at);
    Json found = MadeStore::findings(line, champion, challenger, promoted, {.accuracy = 0.5, .f1 = 0.5},
                                     {.accuracy = 0.6, .f1 = 0.6});
    found["training"] = {{"epochs", {{{"val_accuracy", 0.5}}, {{"val_accuracy", 0.6}}}}};
    found["folds"] = {{{"train", found["train"]}, {"test", found["train"]}, {"scores", {{"accuracy", 0.5}}}}};
    made.end_run(run, {found}, at + kMinuteMs);
    if (promoted) serving_ = challenger;
  }
  BarSeries bars_ = test::walk_bars(4, 60);
  std::vector<std::int64_t> open_;
  std::int64_t serving_ = 0;
};

class Stable : public testing::Test {
 protected:
  Stable() {
    for (std::size_t bar = 0; bar < life_.bars(); ++bar) life_.live(bar);
    test::catch_up(*test::open_mirrors(life_.made, folder_.path()));
    whole_ = mirrored(folder_.path());
  }
  void expect_whole(const std::string& how) {
    const auto now = mirrored(folder_.path());
    for (const auto& [name, bytes] : whole_) {
      const auto found = now.find(name);
      ASSERT_TRUE(found != now.end()) << how << ": " << name << " is missing";
      ASSERT_EQ(found->second, bytes) << how << ": " << name;
    }
    EXPECT_EQ(now.size(), whole_.size()) << how;
  }
  std::unique_ptr<Mirrors> mirrors() { return test::open_mirrors(life_.made, folder_.path()); }

  test::TempFolder folder_;
  Life life_{folder_.path()};
  std::map<std::string, std::string> whole_;
};

TEST_F(Stable, TheLifeHasEverythingInIt) {
  for (const char* name :
       {"data_collected/predictions.csv", "data_collected/features.csv", "data_collected/outcomes.csv",
        "models/alerts.log", "models/training_metrics.json", "models/meta.json",
        "models/results/BTC_USDT_wfo_summary.csv", "models/prod_model.bin", "data/trading.log"}) {
    EXPECT_GT(whole_[name].size(), 20u) << name;
  }
  for (const char* line :
       {"Heartbeat | Price: $", "Epoch 2/2 | Val Accuracy: 60.0%", "Logged prediction: BTC/USDT",
        "Retrain failed for BTC/USDT", "Keeping existing model for BTC/USDT"}) {
    EXPECT_NE(whole_["data/trading.log"].find(line), std::string::npos) << line;
  }
  test::catch_up(*mirrors());
  expect_whole("nothing new");
}

TEST_F(Stable, InStepsOfAnySize) {
  for (const std::size_t step : {1, 7, 64}) {
    life_.forget(folder_.path());
    const auto one = mirrors();
    for (std::size_t events = 0; events < 400; events += step) test::catch_up(*one, step);
    expect_whole(fmt::format("steps of {}", step));
  }
}

TEST_F(Stable, InAProcessOfItsOwnForEachStep) {
  for (const std::size_t step : {1, 7}) {
    life_.forget(folder_.path());
    for (std::size_t events = 0; events < 400; events += step) test::catch_up(*mirrors(), step);
    expect_whole(fmt::format("processes of {} events", step));
  }
}

TEST_F(Stable, WhatWasCutAnywhereIsWrittenAgain) {
  Random random(11);
  for (int round = 0; round < 40; ++round) {
    life_.forget(folder_.path());
    const auto one = mirrors();
    test::catch_up(*one, random.below(300) + 1);
    for (const auto& [name, bytes] : mirrored(folder_.path())) {
      if (bytes.starts_with("→") || random.below(3) != 0) continue;
      test::write_file(folder_ / name, bytes.substr(0, random.below(bytes.size() + 1)));
    }
    // By the same process or by the next one. Small files are read again by the next one only.
    if (round % 2 == 0) test::catch_up(*one, 5);
    test::catch_up(*mirrors());
    expect_whole(fmt::format("round {}", round));
  }
}

TEST_F(Stable, AHalfWrittenLineIsRepaired) {
  for (const auto& [name, bytes] : whole_) {
    if (name.ends_with(".csv") || name.ends_with(".log"))
      test::write_file(folder_ / name, bytes + "2024-01-0");
  }
  test::catch_up(*mirrors());
  expect_whole("half a line behind");
}

TEST_F(Stable, AFileThatIsGoneComesBack) {
  const auto one = mirrors();
  test::catch_up(*one);
  fs::remove(folder_ / "data_collected/outcomes.csv");
  fs::remove(folder_ / "models/training_metrics.json");
  fs::remove(folder_ / "models/prod_model.bin");
  test::catch_up(*mirrors());
  expect_whole("three files removed");
}

// The process dies at any of its writes; the next one goes on.
TEST_F(Stable, KilledAtAnyWrite) {
  pawl::test::FaultSteps steps;
  pawl::test::SteppedFileSystem stepped(life_.made.files, steps);
  int kills = 0;
  for (std::int64_t at = 1;; ++at) {
    life_.forget(folder_.path());
    steps.arm(pawl::test::FaultSteps::Fault::fail_from_on, at);
    bool done = true;
    {
      auto one =
          Mirrors::open(life_.made.recipe, *life_.made.store, *life_.made.registry, stepped, folder_.path());
      for (int step = 0; step < 4 && done; ++step) done = (*one)->catch_up(100).has_value();
    }
    steps.disarm();
    if (done) break;
    ++kills;
    test::catch_up(*mirrors());
    expect_whole(fmt::format("killed at write {}", at));
    for (const auto& [name, bytes] : mirrored(folder_.path())) EXPECT_FALSE(name.ends_with(".tmp")) << name;
  }
  EXPECT_GT(kills, 30);
}

// What the cursor speaks of is on the disk before the cursor is.
TEST_F(Stable, PowerLostAtAnyWrite) {
  for (std::int64_t at = 1, done = 0; done == 0; at += 3) {
    test::TempFolder folder;
    ASSERT_TRUE(life_.made.store->set_meta("mirrors", ""));
    pawl::test::CrashingFileSystem files(life_.made.files, folder.path());
    files.lose_power_at(static_cast<int>(at));
    {
      auto one =
          Mirrors::open(life_.made.recipe, *life_.made.store, *life_.made.registry, files, folder.path());
      done = 1;
      for (int step = 0; step < 4 && done != 0; ++step) done = (*one)->catch_up(100) ? 1 : 0;
    }
    files.apply_power_loss(static_cast<std::uint64_t>(at));
    test::catch_up(*test::open_mirrors(life_.made, folder.path()));
    for (const auto& [name, bytes] : mirrored(folder.path())) {
      if (bytes.starts_with("→")) continue;
      EXPECT_EQ(bytes, whole_[name]) << name << " after write " << at;
    }
  }
}

TEST_F(Stable, FollowsAStoreThatGrows) {
  test::TempFolder folder;
  Life life(folder.path());
  const auto one = test::open_mirrors(life.made, folder.path());
  for (std::size_t bar = 0; bar < life.bars(); ++bar) {
    life.live(bar);
    test::catch_up(*one);
  }
  EXPECT_EQ(mirrored(folder.path()), whole_);
}

TEST_F(Stable, WhatStoodThereBeforeTheFirstRowIsKept) {
  test::TempFolder folder;
  fs::create_directories(folder / "data_collected");
  test::write_file(folder / "data_collected/predictions.csv", "a year of the old system's rows\n");
  Life life(folder.path());
  life.live(0);
  test::catch_up(*test::open_mirrors(life.made, folder.path()));
  EXPECT_EQ(test::read_file(folder / "data_collected/predictions.csv.old"),
            "a year of the old system's rows\n");
  EXPECT_TRUE(test::read_file(folder / "data_collected/predictions.csv").starts_with("timestamp,"));
}

// E8: rows that the store has dropped since stay in the files.
TEST_F(Stable, PruningTheStoreTakesNothingFromTheFiles) {
  const TimeMs middle = test::kWalkStart + 30 * kHourMs;
  ASSERT_TRUE(life_.made.store->prune(middle, middle));
  test::catch_up(*mirrors());
  expect_whole("pruned");
  // Written again from what is left, it says what is left.
  fs::remove(folder_ / "data_collected/predictions.csv");
  test::catch_up(*mirrors());
  const std::string rows = test::read_file(folder_ / "data_collected/predictions.csv");
  EXPECT_EQ(rows.find("2024-01-01T02:00:00Z"), std::string::npos);
  EXPECT_NE(rows.find("2024-01-03T12:00:00Z"), std::string::npos);
}

TEST(NoFiles, ARecipeWithoutFilesWritesNone) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe(""));
  made.bar(made.recipe.symbols.front(), test::walk_bars(1, 1)[0]);
  test::catch_up(*test::open_mirrors(made, folder.path()));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace pawl::mirrors
