// What is lost when one column is dealt out anew, over rows that the version has never seen; what it has seen
// changes not a bit of it.
#include "contest/permutation.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/config_node.h"
#include "base/random.h"
#include "judging/metrics.h"
#include "support/walk_bars.h"

namespace pawl::contest {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A row an hour; the first column carries the label with some noise, the second a little of it, the third
// nothing, and the fourth is the same in all rows.
LabelledRows hourly_rows(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  LabelledRows rows;
  rows.columns = {"much", "little", "nothing", "constant"};
  for (std::size_t i = 0; i < count; ++i) {
    const double much = random.normal(), little = random.normal();
    rows.values.insert(rows.values.end(), {much, little, random.normal(), 7.0});
    if (random.below(20) == 0) rows.values[rows.values.size() - 3] = kNan;
    rows.classes.push_back(2 * much + 0.5 * little + random.normal() > 0 ? 1 : 0);
    rows.known_at.push_back(static_cast<TimeMs>(i) * kHourMs);
    rows.label_known_at.push_back(static_cast<TimeMs>(i + 4) * kHourMs);
  }
  return rows;
}

std::unique_ptr<models::Model> trained_on(const LabelledRows& rows, std::size_t count) {
  const models::ModelKind* kind = models::find_model_kind("xgboost");
  models::TrainRequest request;
  request.rows = {std::span(rows.values).first(count * rows.columns.size()), count, rows.columns.size()};
  request.labels = std::span(rows.classes).first(count);
  request.columns = rows.columns;
  const auto settings = Settings::read(kind->schema, *parse_yaml("{trees: 40}", "test"), "model");
  auto trained = kind->train(*settings, request);
  EXPECT_TRUE(trained) << trained.error().message;
  auto model = kind->load(trained->bytes);
  EXPECT_TRUE(model);
  return std::move(*model);
}

class Permutation : public testing::Test {
 protected:
  Permutation() : rows(hourly_rows(3000, 11)), model(trained_on(rows, 2000)) {
    request.model = model.get();
    request.rows = &rows;
    request.seen_to = rows.known_at[2005];
    request.as_of = rows.known_at.back();
  }
  PermutationImportance found() const {
    auto found = permutation_importance(request);
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(PermutationImportance{});
  }

  LabelledRows rows;
  std::unique_ptr<models::Model> model;
  PermutationRequest request;
};

void expect_same_bits(const PermutationImportance& a, const PermutationImportance& b) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  EXPECT_EQ(bits(a.log_loss), bits(b.log_loss));
  EXPECT_EQ(bits(a.accuracy), bits(b.accuracy));
  EXPECT_EQ(a.rows.from, b.rows.from);
  EXPECT_EQ(a.rows.to, b.rows.to);
  EXPECT_EQ(a.rows.rows, b.rows.rows);
  ASSERT_EQ(a.columns.size(), b.columns.size());
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    EXPECT_EQ(bits(a.columns[c].log_loss), bits(b.columns[c].log_loss)) << c;
    EXPECT_EQ(bits(a.columns[c].log_loss_deviation), bits(b.columns[c].log_loss_deviation)) << c;
    EXPECT_EQ(bits(a.columns[c].accuracy), bits(b.columns[c].accuracy)) << c;
    EXPECT_EQ(bits(a.columns[c].accuracy_deviation), bits(b.columns[c].accuracy_deviation)) << c;
  }
}

TEST_F(Permutation, FindsWhatTheLabelHangsOn) {
  const PermutationImportance importance = found();
  ASSERT_EQ(importance.columns.size(), 4U);
  const auto& [much, little, nothing, constant] =
      std::array{importance.columns[0], importance.columns[1], importance.columns[2], importance.columns[3]};
  EXPECT_EQ(much.name, "much");
  EXPECT_GT(much.log_loss, 0.3);
  EXPECT_GT(much.accuracy, 0.2);
  EXPECT_GT(much.log_loss_deviation, 0);
  EXPECT_LT(much.log_loss_deviation, much.log_loss / 5);
  EXPECT_GT(much.log_loss, little.log_loss * 5);
  EXPECT_GT(little.log_loss, std::abs(nothing.log_loss));
  EXPECT_LT(std::abs(nothing.accuracy), 0.02);
  EXPECT_EQ(constant.log_loss, 0) << "to deal out equal values changes nothing";
  EXPECT_EQ(constant.accuracy_deviation, 0);
}

TEST_F(Permutation, UsesTheRowsAfterWhatWasKnownWhoseLabelIs) {
  const PermutationImportance importance = found();
  EXPECT_EQ(importance.rows.from, rows.known_at[2006]);
  EXPECT_EQ(importance.rows.to, rows.known_at[2999 - 4]) << "its label is known with the newest row";
  EXPECT_EQ(importance.rows.rows, 2996 - 2006);
  EXPECT_EQ(importance.unseen, importance.rows.rows);
  EXPECT_EQ(importance.seed, 1U);
  EXPECT_EQ(importance.repeats, 5);
}

// The two scores are those that a contest would give the same rows.
TEST_F(Permutation, BeginsWithTheScoresThatAContestWouldGive) {
  const std::size_t first = 2006, count = 2996 - 2006;
  std::vector<double> p(count * 2);
  model->predict({std::span(rows.values).subspan(first * 4, count * 4), count, 4}, p);
  std::vector<Label> labels(count);
  std::vector<Side> sides(count, Side::hold);
  std::vector<TimeMs> known_at(count);
  std::vector<double> opens(count, 1.0);
  std::vector<std::uint8_t> contiguous(count, 0);
  for (std::size_t i = 0; i < count; ++i) labels[i].cls = rows.classes[first + i];
  const Scorecard card = judging::score({.classes = 2,
                                         .probabilities = p,
                                         .sides = sides,
                                         .labels = labels,
                                         .known_at = known_at,
                                         .next_open = opens,
                                         .next_next_open = opens,
                                         .contiguous = contiguous},
                                        {});
  const PermutationImportance importance = found();
  EXPECT_DOUBLE_EQ(importance.log_loss, card.get("log_loss").value());
  EXPECT_DOUBLE_EQ(importance.accuracy, card.get("accuracy").value());
}

TEST_F(Permutation, WhatTheVersionKnewChangesNotABit) {
  const PermutationImportance before = found();
  // Everything up to the version's knowledge is replaced by noise, labels with it; and so is what is not
  // known yet.
  Random random(99);
  const LabelledRows kept = rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.known_at[i] > request.seen_to && rows.label_known_at[i] <= request.as_of) continue;
    for (std::size_t c = 0; c < 4; ++c)
      rows.values[i * 4 + c] = random.below(5) == 0 ? kNan : 1e6 * random.normal();
    rows.classes[i] = static_cast<int>(random.below(2));
  }
  expect_same_bits(found(), before);

  // Nor does it matter that they are there.
  LabelledRows unseen;
  unseen.columns = kept.columns;
  for (std::size_t i = 2006; i < 2996; ++i) {
    unseen.values.insert(unseen.values.end(), kept.values.begin() + static_cast<std::ptrdiff_t>(i * 4),
                         kept.values.begin() + static_cast<std::ptrdiff_t>(i * 4 + 4));
    unseen.classes.push_back(kept.classes[i]);
    unseen.known_at.push_back(kept.known_at[i]);
    unseen.label_known_at.push_back(kept.label_known_at[i]);
  }
  request.rows = &unseen;
  expect_same_bits(found(), before);

  // A row that it uses does change something: the test looks at the right place.
  unseen.classes[500] = 1 - unseen.classes[500];
  EXPECT_NE(found().log_loss, before.log_loss);
}

TEST_F(Permutation, TheSeedDecidesAndNothingElse) {
  const PermutationImportance one = found();
  expect_same_bits(found(), one);
  request.seed = 2;
  const PermutationImportance two = found();
  EXPECT_NE(two.columns[0].log_loss, one.columns[0].log_loss);
  EXPECT_EQ(two.log_loss, one.log_loss);
  EXPECT_NEAR(two.columns[0].log_loss, one.columns[0].log_loss, 5 * one.columns[0].log_loss_deviation);
}

TEST_F(Permutation, OfTooManyRowsTheNewestAreTaken) {
  request.rows_max = 300;
  const PermutationImportance importance = found();
  EXPECT_EQ(importance.rows.rows, 300);
  EXPECT_EQ(importance.rows.to, rows.known_at[2995]);
  EXPECT_EQ(importance.unseen, 990);
}

TEST_F(Permutation, SaysHowManyRowsAreMissing) {
  request.seen_to = rows.known_at[2849];
  const PermutationImportance importance = found();
  EXPECT_TRUE(importance.columns.empty());
  EXPECT_EQ(importance.rows.rows, 146);
  EXPECT_EQ(importance.missing, 54);
  request.seen_to = rows.known_at.back();
  EXPECT_EQ(found().missing, 200);
}

TEST_F(Permutation, RefusesWhatCannotBe) {
  request.repeats = 0;
  EXPECT_EQ(permutation_importance(request).error().code, ErrorCode::invalid_argument);
  request.repeats = 1;
  EXPECT_EQ(found().columns[0].log_loss_deviation, 0) << "one repeat has no spread";
  request.rows_max = 10;
  EXPECT_EQ(permutation_importance(request).error().code, ErrorCode::invalid_argument);
  request.rows_max = 1000;
  rows.classes[2500] = 2;
  EXPECT_EQ(permutation_importance(request).error().code, ErrorCode::conflict);
}

TEST_F(Permutation, TellsHowFarItIs) {
  std::vector<std::uint64_t> done;
  request.repeats = 2;
  request.progress = [&](const ProgressUpdate& update) {
    EXPECT_EQ(update.total, 8U);
    done.push_back(update.done);
  };
  found();
  EXPECT_EQ(done, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(Permutation, StopsWhenItIsToldTo) {
  int asked = 0;
  request.cancelled = [&asked] { return ++asked == 4; };
  const auto stopped = permutation_importance(request);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  EXPECT_EQ(asked, 4);
}

// From bars: only rows that are ready and labelled are taken in.
TEST(LabelledRows, AreTheUsableRowsOfADataset) {
  const MarketCalendar calendar = MarketCalendar::utc_always();
  const BarSeries bars = test::walk_bars(1, 300);
  auto list = features::FeatureList::parse(std::vector<std::string>{"rsi(14)", "ret(1)"}, kH1, calendar);
  ASSERT_TRUE(list);
  datasets::FeatureHistory history(*list);
  history.follow(bars);
  const labels::LabellerKind* kind = labels::find_labeller_kind("horizon_return");
  const auto labeller = kind->make(Settings::defaults(kind->schema), {{}, calendar});
  ASSERT_TRUE(labeller);
  const auto dataset =
      datasets::assemble(history, **labeller, nullptr, bars, 0, bars.size(), bars.back().close_time);
  LabelledRows rows;
  rows.add(dataset);
  const auto usable = datasets::usable_rows(dataset);
  ASSERT_EQ(rows.size(), usable.size());
  EXPECT_EQ(rows.columns, list->specs());
  EXPECT_EQ(rows.values, datasets::gather_values(dataset.frame, usable));
  EXPECT_EQ(rows.known_at.front(), bars.close_time(usable.front()));
  EXPECT_EQ(rows.label_known_at.back(), bars.back().close_time);
}

}  // namespace
}  // namespace pawl::contest
