// Both sides are scored on the same rows, and no row is one that either has seen anything of.
#include "contest/contest.h"

#include <gtest/gtest.h>

#include "support/walk_bars.h"

namespace pawl::contest {
namespace {

constexpr std::size_t kBars = 1000, kHorizon = 3;

// Answers the same for every row, and remembers which rows it was asked about.
class Remembering final : public models::Model {
 public:
  explicit Remembering(std::size_t columns, double p_up = 0.6) : columns_(columns), p_up_(p_up) {}
  int classes() const override { return 2; }
  std::size_t columns() const override { return columns_; }
  void predict(const models::Matrix& rows, std::span<double> probabilities) const override {
    asked.assign(rows.values.begin(), rows.values.end());
    for (std::size_t i = 0; i < rows.rows; ++i) {
      probabilities[2 * i] = 1 - p_up_;
      probabilities[2 * i + 1] = p_up_;
    }
  }
  Json describe() const override { return Json::object(); }
  mutable std::vector<double> asked;

 private:
  std::size_t columns_;
  double p_up_;
};

// A market whose bars can be told from their closes, and a request to fill in.
class Contest : public testing::Test {
 protected:
  Contest() : bars(test::walk_bars(1, kBars)), closes(followed({"close"})) {
    const labels::LabellerKind* kind = labels::find_labeller_kind("horizon_return");
    labeller = std::move(*kind->make(Settings::defaults(kind->schema), {{}, calendar}));
    request.line = "a/B";
    request.symbol = "B";
    request.champion = {{1}, &champion, before(0)};
    request.challenger = {{2}, &challenger, before(0)};
    request.grounds = {{.bars = &bars, .champion_features = &closes, .challenger_features = &closes}};
    request.labeller = labeller.get();
    request.calendar = &calendar;
    request.judged_from = before(700);
    request.as_of = bars.back().close_time;
    request.embargo_ms = 10 * kHourMs;
    request.scoring.horizon_bars = kHorizon;
  }

  datasets::FeatureHistory followed(const std::vector<std::string>& specs) const {
    auto list = features::FeatureList::parse(specs, kH1, calendar);
    EXPECT_TRUE(list.has_value());
    datasets::FeatureHistory history(*list);
    history.follow(bars);
    return history;
  }
  // The close of the bar before bar i: what is known later begins with bar i.
  TimeMs before(std::size_t i) const { return bars.open_time(i); }
  std::vector<double> closes_of(std::size_t first, std::size_t last) const {
    std::vector<double> values;
    for (std::size_t i = first; i < last; ++i) values.push_back(bars.close(i));
    return values;
  }
  Evidence held() const {
    auto evidence = hold_contest(request);
    EXPECT_TRUE(evidence.has_value()) << evidence.error().message;
    return std::move(*evidence);
  }

  MarketCalendar calendar = MarketCalendar::utc_always();
  BarSeries bars;
  datasets::FeatureHistory closes;
  Remembering champion{1, 0.7}, challenger{1, 0.4};
  std::unique_ptr<labels::Labeller> labeller;
  ContestRequest request;
};

// The last row whose label has an exit: its exit bar is the newest.
constexpr std::size_t kEnd = kBars - kHorizon - 1;

TEST_F(Contest, JudgesTheRowsAfterJudgedFromThatHaveTheirLabel) {
  const Evidence evidence = held();
  EXPECT_EQ(champion.asked, closes_of(700, kEnd));
  EXPECT_EQ(challenger.asked, champion.asked);
  EXPECT_EQ(evidence.rows, static_cast<std::int64_t>(kEnd - 700));
  EXPECT_EQ(evidence.judged_from, bars.close_time(700));
  EXPECT_EQ(evidence.judged_to, bars.close_time(kEnd - 1));
  EXPECT_TRUE(evidence.eligible);
  EXPECT_EQ(evidence.champion.value, 1);
  EXPECT_EQ(evidence.challenger.value, 2);
}

TEST_F(Contest, LeavesOutWhatTheChampionsTrainingReached) {
  request.champion.data_cut = before(800);
  held();
  EXPECT_EQ(champion.asked, closes_of(810, kEnd)) << "its cut and the embargo";
  EXPECT_EQ(challenger.asked, champion.asked);
}

TEST_F(Contest, LeavesOutWhatTheChallengersTrainingReached) {
  request.challenger.data_cut = before(850);
  held();
  EXPECT_EQ(champion.asked, closes_of(860, kEnd));
  EXPECT_EQ(challenger.asked, champion.asked);
}

TEST_F(Contest, IgnoresACutThatEndsBeforeTheJudgedRows) {
  request.champion.data_cut = before(690);
  request.challenger.data_cut = before(600);
  held();
  EXPECT_EQ(champion.asked, closes_of(700, kEnd)) << "690 and ten hours is 700";
}

TEST_F(Contest, ReadsNothingThatIsKnownLaterThanItsAsOf) {
  request.as_of = bars.close_time(899);
  const Evidence evidence = held();
  EXPECT_EQ(champion.asked, closes_of(700, 900 - kHorizon - 1));
  EXPECT_LE(evidence.judged_to + static_cast<DurationMs>(kHorizon + 1) * kHourMs, request.as_of);
}

TEST_F(Contest, UsesRowsOnWhichBothHaveTheirFeatures) {
  const datasets::FeatureHistory slow = followed({"sma(800)"});
  request.grounds.front().champion_features = &slow;
  held();
  EXPECT_EQ(challenger.asked, closes_of(799, kEnd)) << "the champion's mean begins at the 800th bar";
  ASSERT_EQ(champion.asked.size(), challenger.asked.size());
  double mean = 0;
  for (std::size_t i = 0; i < 800; ++i) mean += bars.close(i) / 800;
  EXPECT_NEAR(champion.asked.front(), mean, 1e-9) << "each from its own list, at the same bar";
}

TEST_F(Contest, IsEvidenceEvenWithoutARow) {
  request.judged_from = request.as_of;
  const Evidence evidence = held();
  EXPECT_FALSE(evidence.eligible);
  EXPECT_EQ(evidence.rows, 0);
  EXPECT_NE(evidence.why_ineligible.find("that neither version has seen"), std::string::npos)
      << evidence.why_ineligible;
  EXPECT_TRUE(champion.asked.empty());
}

TEST_F(Contest, GivesTheSameScoresToTheSameAnswers) {
  const Remembering same(1, 0.7);
  request.challenger.model = &same;
  const Evidence evidence = held();
  EXPECT_EQ(evidence.champion_scores.to_json(), evidence.challenger_scores.to_json());
}

TEST_F(Contest, ScoresAgainstWhatHappened) {
  const Evidence evidence = held();
  std::size_t up = 0;
  for (std::size_t i = 700; i < kEnd; ++i) up += bars.open(i + 1 + kHorizon) > bars.open(i + 1) ? 1 : 0;
  const double share = static_cast<double>(up) / static_cast<double>(kEnd - 700);
  // The champion always says up, the challenger always down.
  EXPECT_DOUBLE_EQ(*evidence.champion_scores.get("accuracy"), share);
  EXPECT_DOUBLE_EQ(*evidence.challenger_scores.get("accuracy"), 1 - share);
  EXPECT_DOUBLE_EQ(*evidence.majority_class_accuracy, std::max(share, 1 - share));
}

TEST_F(Contest, RefusesAModelOfAnotherWidth) {
  const Remembering wide(2);
  request.challenger.model = &wide;
  const auto evidence = hold_contest(request);
  ASSERT_FALSE(evidence.has_value());
  EXPECT_EQ(evidence.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace pawl::contest
