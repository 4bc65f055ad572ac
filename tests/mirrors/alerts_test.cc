// D4: alerts.log, word for word.
#include "mirrors/alerts.h"

#include <gtest/gtest.h>

#include "mirrors/made_store.h"

namespace pawl::mirrors {
namespace {

using test::MadeStore;

// 2025-01-19 02:00:00
constexpr TimeMs kNight = 1'737'252'000'000;

TEST(Alerts, D4_EveryKindOfParagraph) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe("files: {alerts: models/alerts.log, current_model: models/prod_model.bin, "
                                   "backup_model: models/backup_model.bin}\n"),
                 folder.path());
  const LineId line = made.recipe.line_ids().front();
  std::int64_t run = made.begin_run({line}, "cron", "cron: 0 2 * * *", kNight);
  made.end_run(run,
               {MadeStore::findings(line, 0, 1, true, {.accuracy = 0.75, .f1 = 0.748},
                                    {.accuracy = 0.781, .f1 = 0.762})},
               kNight + 334 * kSecondMs);

  run = made.begin_run({line}, "win_rate", "win rate: 0.431 is below 0.45 over 51 signals", kNight + kDayMs);
  Json refused = MadeStore::findings(line, 1, 2, false, {.accuracy = 0.781, .f1 = 0.762},
                                     {.accuracy = 0.69, .f1 = 0.64});
  refused["reasons"] = {"f1 0.6400 is not above 0.65", "accuracy 0.6900 is not above 0.7"};
  refused["checks"] = {{{"name", "min_f1"}, {"pass", false}},
                       {{"name", "f1_against_champion"}, {"pass", false}}};
  made.end_run(run, {refused}, kNight + kDayMs + kMinuteMs);

  run = made.begin_run({line}, "cron", "cron: 0 2 * * *", kNight + 2 * kDayMs);
  Json behind =
      MadeStore::findings(line, 1, 3, false, {.accuracy = 0.9, .f1 = 0.9}, {.accuracy = 0.8, .f1 = 0.8});
  behind["reasons"] = {"f1 0.8000 is more than 10 % below 0.9000 of the champion v000001"};
  behind["checks"] = {{{"name", "min_f1"}, {"pass", true}},
                      {{"name", "f1_against_champion"}, {"pass", false}}};
  made.end_run(run, {behind}, kNight + 2 * kDayMs + kMinuteMs);

  run = made.begin_run({line}, "cron", "cron: 0 2 * * *", kNight + 3 * kDayMs);
  made.fail_run(run, "the trainer was killed", kNight + 3 * kDayMs + 90 * kSecondMs);

  run = made.begin_run({line}, "cron", "cron: 0 2 * * *", kNight + 4 * kDayMs);
  made.end_run(
      run,
      {MadeStore::findings(line, 1, 4, true, {.accuracy = 0.78, .f1 = 0.75}, {.accuracy = 0.8, .f1 = 0.77})},
      kNight + 4 * kDayMs + kMinuteMs);
  made.roll_back(line, kNight + 4 * kDayMs + kHourMs, "it sells every rally");
  test::catch_up(*test::open_mirrors(made, folder.path()));

  EXPECT_EQ(test::read_file(folder / "models/alerts.log"), R"([2025-01-19 02:05:34] Model Retraining Success
Duration: 334.0 seconds
Trigger: cron: 0 2 * * *
Samples: 150
Tickers: 1
Version: v000001 (prev: v000000)
F1 Score: 0.762 (prev: 0.748)
Accuracy: 0.781 (prev: 0.750)
Precision: 0.750 (prev: 0.750)
Recall: 0.700 (prev: 0.700)
ROC AUC: n/a (prev: n/a)
Model: models/prod_model.bin

[2025-01-20 02:00:00] Performance Degradation
Line: BTC/USDT
Reason: win rate: 0.431 is below 0.45 over 51 signals

[2025-01-20 02:01:00] Model Validation Failed
Duration: 60.0 seconds
Trigger: win rate: 0.431 is below 0.45 over 51 signals
Samples: 150
Tickers: 1
F1 Score: 0.640 (prev: 0.762)
Accuracy: 0.690 (prev: 0.781)
Precision: 0.750 (prev: 0.750)
Recall: 0.700 (prev: 0.700)
ROC AUC: n/a (prev: n/a)
Reason: f1 0.6400 is not above 0.65
Reason: accuracy 0.6900 is not above 0.7
Kept: v000001

[2025-01-21 02:01:00] Performance Degradation
Duration: 60.0 seconds
Trigger: cron: 0 2 * * *
Samples: 150
Tickers: 1
F1 Score: 0.800 (prev: 0.900)
Accuracy: 0.800 (prev: 0.900)
Precision: 0.750 (prev: 0.750)
Recall: 0.700 (prev: 0.700)
ROC AUC: n/a (prev: n/a)
Reason: f1 0.8000 is more than 10 % below 0.9000 of the champion v000001
Kept: v000001

[2025-01-22 02:01:30] Model Retraining Error
Duration: 90.0 seconds
Trigger: cron: 0 2 * * *
Error: the trainer was killed

[2025-01-23 02:01:00] Model Retraining Success
Duration: 60.0 seconds
Trigger: cron: 0 2 * * *
Samples: 150
Tickers: 1
Version: v000004 (prev: v000001)
F1 Score: 0.770 (prev: 0.750)
Accuracy: 0.800 (prev: 0.780)
Precision: 0.750 (prev: 0.750)
Recall: 0.700 (prev: 0.700)
ROC AUC: n/a (prev: n/a)
Model: models/prod_model.bin
Backup: models/backup_model.bin

[2025-01-23 03:00:00] Model Rollback
Line: BTC/USDT
From: v000004
To: v000001
By: hand
Reason: it sells every rally
Model: models/prod_model.bin

)");
}

TEST(Alerts, AGroupIsOneParagraphWithEveryPair) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe("group: true\nfiles: {alerts: models/alerts.log, current_model: "
                                   "'models/{symbol}_model_current.bin'}\n",
                                   "[EUR_USD, GBP_USD, USD_JPY]"),
                 folder.path());
  const std::vector<LineId> lines = made.recipe.line_ids();
  const std::int64_t run = made.begin_run(lines, "cron", "cron: 0 2 * * SUN", kNight);
  // The third had too few bars to be trained on: it stays as it is.
  Json absent = MadeStore::findings(lines[2], 0, 0, false, {}, {});
  absent["reasons"] = {"USD_JPY: counts as not improved (no bars in 2019)"};
  made.end_run(
      run,
      {MadeStore::findings(lines[0], 0, 1, true, {.accuracy = 0.5, .f1 = 0.5}, {.accuracy = 0.6, .f1 = 0.6}),
       MadeStore::findings(lines[1], 0, 1, false, {.accuracy = 0.5, .f1 = 0.5}, {.accuracy = 0.4, .f1 = 0.4}),
       absent},
      kNight + kHourMs);
  test::catch_up(*test::open_mirrors(made, folder.path()));
  EXPECT_EQ(test::read_file(folder / "models/alerts.log"), R"([2025-01-19 03:00:00] Model Retraining Success
Duration: 3600.0 seconds
Trigger: cron: 0 2 * * SUN
Samples: 450
Tickers: 3
EUR_USD: v000001 (prev: v000000)
F1 Score: 0.600 (prev: 0.500)
Accuracy: 0.600 (prev: 0.500)
Precision: 0.750 (prev: 0.750)
Recall: 0.700 (prev: 0.700)
ROC AUC: n/a (prev: n/a)
Model: models/EUR_USD_model_current.bin
GBP_USD: v000000 stays
F1 Score: 0.400 (prev: 0.500)
Accuracy: 0.400 (prev: 0.500)
Precision: 0.750 (prev: 0.750)
Recall: 0.700 (prev: 0.700)
ROC AUC: n/a (prev: n/a)
Reason: it is not better
USD_JPY: v000000 stays
Reason: USD_JPY: counts as not improved (no bars in 2019)

)");
}

// D6: what was forced past the gate says so.
TEST(Alerts, AMoveByHandSaysHow) {
  const recipe::Recipe recipe = test::made_recipe("");
  const auto title = [&](const std::string& action) {
    const Event event{.known_at = kNight, .kind = "swap", .line = "made/BTC_USDT"};
    const std::string text =
        alert(event, {{"action", action}, {"from", "v000001"}, {"to", "v000002"}, {"actor", "hand"}}, nullptr,
              recipe);
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(title("force"), "[2025-01-19 02:00:00] Model Deployed Past The Gate");
  EXPECT_EQ(title("promote"), "[2025-01-19 02:00:00] Model Deployed By Hand");
  EXPECT_EQ(title("rollback"), "[2025-01-19 02:00:00] Model Rollback");
  EXPECT_EQ(title(""), "") << "a swap by a run is told with the run";
}

// It is no success before it serves, and no failure either; and when it serves, somebody is told.
TEST(Alerts, AChallengerOnProbationAndTheSwapThatFollows) {
  test::TempFolder folder;
  MadeStore made(test::made_recipe("files: {alerts: models/alerts.log}\n"), folder.path());
  const LineId line = made.recipe.line_ids().front();
  const std::int64_t run = made.begin_run({line}, "cron", "cron: 0 2 * * *", kNight);
  Json found =
      MadeStore::findings(line, 0, 1, false, {.accuracy = 0.5, .f1 = 0.5}, {.accuracy = 0.6, .f1 = 0.6});
  found["reasons"] = {"it is better"};
  found["probation"] = "v000001 answers beside v000000 first";
  made.end_run(run, {found}, kNight + kMinuteMs);
  made.event("swap", line, kNight + kDayMs,
             {{"action", "promote"},
              {"actor", "shadow"},
              {"from", "v000000"},
              {"to", "v000001"},
              {"reason", "it earned more"},
              {"run", run}});
  test::catch_up(*test::open_mirrors(made, folder.path()));
  const std::string text = test::read_file(folder / "models/alerts.log");
  EXPECT_NE(text.find("] Model On Probation\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Reason: v000001 answers beside v000000 first\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("Success"), std::string::npos) << text;
  EXPECT_NE(text.find("] Model Deployed After Probation\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Reason: it earned more\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace pawl::mirrors
