#include "models/model_support.h"

namespace pawl::models {
namespace {

TEST(Xgboost, FindsTheColumnsThatCarryTheSignal) {
  const Rows rows = noisy_rows(2000, 6, 2, 31), later = noisy_rows(1000, 6, 2, 32);
  const auto trained = train("xgboost", "{trees: 50}", rows.request());
  ASSERT_TRUE(trained) << trained.error().message;
  const auto model = load("xgboost", trained->bytes);
  ASSERT_TRUE(model);
  const auto p = predict(**model, later.matrix());
  int right = 0;
  for (std::size_t row = 0; row < later.count(); ++row)
    right += (p[row * 2 + 1] > 0.5) == (later.labels[row] == 1);
  EXPECT_GT(right, 750);  // the noise allows about 800

  const Json about = (*model)->describe();
  EXPECT_EQ(about["rounds"], 50);
  EXPECT_EQ(about["trees"], 50);
  EXPECT_EQ(about["depth"], 4);
  ASSERT_EQ(about["columns"].size(), 6);
  EXPECT_GT(about["columns"][1]["gain"], about["columns"][2]["gain"].get<double>() * 5);
  const std::set<std::string> best = {about["columns"][0]["name"], about["columns"][1]["name"]};
  EXPECT_EQ(best, (std::set<std::string>{"x0", "x1"}));
}

TEST(Xgboost, AnotherSeedGivesOtherBytes) {
  const Rows rows = noisy_rows(500, 6, 2, 31);
  EXPECT_NE(train("xgboost", "{trees: 5}", rows.request(1))->bytes,
            train("xgboost", "{trees: 5}", rows.request(2))->bytes);
  EXPECT_EQ(train("xgboost", "{trees: 5, subsample: 1, column_share: 1}", rows.request(1))->bytes,
            train("xgboost", "{trees: 5, subsample: 1, column_share: 1}", rows.request(2))->bytes)
      << "without sampling there is nothing left to chance";
}

TEST(Xgboost, ManyRowsGiveTheSameBytesAtAnyThreadCount) {
  const Rows rows = noisy_rows(30'000, 8, 2, 5);
  auto request = rows.request();
  const auto one = train("xgboost", "{trees: 6, depth: 6}", request);
  request.threads = 2;
  const auto two = train("xgboost", "{trees: 6, depth: 6}", request);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->bytes, two->bytes);
}

TEST(Xgboost, WhatElseTheThreadDoesBetweenRoundsChangesNothing) {
  const Rows rows = noisy_rows(300, 4, 2, 8);
  const auto alone = train("xgboost", "{trees: 6}", rows.request());
  auto request = rows.request();
  request.progress = [&](const ProgressUpdate&) {
    EXPECT_TRUE(train("xgboost", "{trees: 2}", rows.request(99)));
  };
  EXPECT_EQ(train("xgboost", "{trees: 6}", request)->bytes, alone->bytes);
}

TEST(Xgboost, EarlyStoppingFindsTheRoundsAndTrainsOnAllRowsForThatMany) {
  const Rows rows = noisy_rows(1500, 6, 2, 41);
  const std::string yaml =
      "{trees: 400, learning_rate: 0.3, early_stopping_rounds: 10, early_stopping_gap_rows: 20, "
      "early_stopping_share: 0.2}";
  const auto stopped = train("xgboost", yaml, rows.request());
  ASSERT_TRUE(stopped) << stopped.error().message;
  const Json& report = stopped->report["early_stopping"];
  EXPECT_EQ(report["held_rows"], 300);
  EXPECT_EQ(report["fitted_rows"], 1180);
  EXPECT_EQ(report["best_round"], stopped->rounds);
  EXPECT_EQ(report["rounds_tried"], stopped->rounds + 10);
  EXPECT_LT(stopped->rounds, 100);
  EXPECT_LT(report["best_log_loss"], std::log(2.0));
  auto request = rows.request();
  request.frozen_rounds = stopped->rounds;
  const auto frozen = train("xgboost", yaml, request);
  EXPECT_EQ(frozen->bytes, stopped->bytes)
      << "frozen: the same rounds on the same rows, and nothing held back";
  EXPECT_FALSE(frozen->report.contains("early_stopping"));
}

TEST(Xgboost, TheLossOfTheHeldRowsIsThatOfTheModelOnThem) {
  for (const int classes : {2, 3}) {
    // The front alone, grown for as many rounds, must have the loss that the search saw at its last round.
    const Rows rows = noisy_rows(1000, 4, classes, 17);
    const auto stopped = train(
        "xgboost", "{trees: 12, early_stopping_rounds: 12, early_stopping_share: 0.25}", rows.request());
    ASSERT_TRUE(stopped);
    ASSERT_EQ(stopped->report["early_stopping"]["rounds_tried"], 12);
    Rows front = rows;
    front.values.resize(750 * 4);
    front.labels.resize(750);
    const auto model = load("xgboost", train("xgboost", "{trees: 12}", front.request())->bytes);
    const auto p = predict(**model, {std::span(rows.values).subspan(750 * 4), 250, 4});
    double loss = 0;
    const auto width = static_cast<std::size_t>(classes);
    for (std::size_t row = 0; row < 250; ++row) {
      loss -= std::log(p[row * width + static_cast<std::size_t>(rows.labels[750 + row])]);
    }
    EXPECT_NEAR(stopped->report["early_stopping"]["last_log_loss"].get<double>(), loss / 250, 1e-6);
  }
}

TEST(Xgboost, EarlyStoppingWithNothingLeftIsInsufficient) {
  const Rows rows = noisy_rows(50, 3, 2, 1);
  const auto gap =
      train("xgboost", "{early_stopping_rounds: 5, early_stopping_gap_rows: 60}", rows.request());
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().code, ErrorCode::insufficient_data);
  Rows sorted = rows;
  std::ranges::sort(sorted.labels);
  const auto front =
      train("xgboost", "{early_stopping_rounds: 5, early_stopping_share: 0.8}", sorted.request());
  ASSERT_FALSE(front);
  EXPECT_EQ(front.error().code, ErrorCode::insufficient_data);
}

TEST(Xgboost, InfinitiesAreTheLargestValuesInTrainingAndPrediction) {
  Rows rows = noisy_rows(500, 3, 2, 12);
  for (std::size_t row = 0; row < rows.count(); row += 7)
    rows.values[row * 3] = rows.labels[row] == 1 ? kInf : -kInf;
  const auto trained = train("xgboost", "{trees: 20}", rows.request());
  ASSERT_TRUE(trained) << trained.error().message;
  const auto model = load("xgboost", trained->bytes);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(predict_one(**model, {kInf, 0, 0}), predict_one(**model, {1e300, 0, 0}));
  EXPECT_GT(predict_one(**model, {kInf, 0, 0})[1], predict_one(**model, {-kInf, 0, 0})[1]);
}

}  // namespace
}  // namespace pawl::models
