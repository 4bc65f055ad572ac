#include "bars_for_labels.h"

#include <cmath>
#include <limits>

namespace pawl::labels {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(HorizonReturn, RunsFromTheNextOpenToTheOpenHBarsLater) {
  const BarSeries bars = opens({1, 100, 102, 101, 100, 99});
  const Label label = horizon_return(bars, 0, 2);
  EXPECT_EQ(label.cls, 1);
  EXPECT_NEAR(label.gross_return, 0.01, 1e-12);  // 101 / 100 − 1: bar 0 itself plays no part
  EXPECT_EQ(label.exit_bar, 3u);
  EXPECT_EQ(label.known_at, kStart + 4 * kHourMs) << "the close of bar t+1+h";
}

TEST(HorizonReturn, TwoClassesAreTheSignAndAZeroMoveIsDown) {
  const BarSeries bars = opens({100, 100, 101, 101, 100, 100});
  const auto labels = label_all(*labeller("horizon_return", "{horizon_bars: 1}"), bars);
  EXPECT_EQ(labels[0].cls, 1);
  EXPECT_EQ(labels[1].cls, 0) << "101 to 101";
  EXPECT_EQ(labels[1].gross_return, 0);
  EXPECT_EQ(labels[2].cls, 0);
}

TEST(HorizonReturn, IsUnknownWhereTheSeriesEndsBeforeTheHorizon) {
  const BarSeries bars = opens({100, 101, 102, 103, 104});
  const auto labels = label_all(*labeller("horizon_return", "{horizon_bars: 2}"), bars);
  EXPECT_TRUE(labels[1].known());
  EXPECT_FALSE(labels[2].known()) << "bar 5 would be its exit";
  EXPECT_TRUE(same(labels[2], Label{}));
}

TEST(HorizonReturn, LabelsAnyRangeAsPartOfTheWhole) {
  BarSeries bars;
  Random random(1);
  walk(bars, random, 60);
  const auto labeller_3 = labeller("horizon_return", "{horizon_bars: 3}");
  const auto all = label_all(*labeller_3, bars);
  const auto part = labeller_3->label(bars, 20, 40, {});
  ASSERT_EQ(part.size(), 20u);
  for (std::size_t i = 0; i < part.size(); ++i) EXPECT_TRUE(same(part[i], all[20 + i]));
}

TEST(HorizonReturn, HoldsWithinHalfAnAtrOfTheSignalsBar) {
  //                              t=0: 100 → 101, t=1: 101 → 100, t=2: 100 → 100.5, t=3: 100.5 → 99
  const BarSeries bars = opens({50, 100, 101, 100, 100.5, 99});
  const auto three = labeller("horizon_return", "{horizon_bars: 1, classes: 3, threshold: atr}");
  EXPECT_EQ(three->scale_spec(), "atr(14)");
  const std::vector<double> atr = {2.0, 2.0, 0.9, 2.0, 2.0, 2.0};
  const auto labels = label_all(*three, bars, atr);
  EXPECT_EQ(labels[0].cls, 1) << "+1 is no more than 1.0";
  EXPECT_EQ(labels[1].cls, 1) << "−1 is no more than 1.0";
  EXPECT_EQ(labels[2].cls, 2) << "+0.5 is more than 0.45";
  EXPECT_EQ(labels[3].cls, 0);
  EXPECT_DOUBLE_EQ(labels[1].gross_return, 100.0 / 101 - 1) << "HOLD keeps its return";
}

TEST(HorizonReturn, NeedsTheScaleOfTheSignalsBar) {
  const BarSeries bars = opens({100, 100, 105, 105});
  const auto three =
      labeller("horizon_return", "{horizon_bars: 1, classes: 3, threshold: atr, atr_period: 2}");
  EXPECT_EQ(three->scale_spec(), "atr(2)");
  const std::vector<double> warming_up = {kNaN, 1, 1, 1};
  EXPECT_FALSE(label_all(*three, bars, warming_up)[0].known());
}

TEST(HorizonReturn, HoldsWithinTheCostOfARoundTrip) {
  const BarSeries bars = opens({1, 1000, 1001, 999.5, 1000});
  const auto three =
      labeller("horizon_return", "{horizon_bars: 1, classes: 3, threshold: cost}", {.per_side_bp = 5});
  EXPECT_FALSE(three->scale_spec().has_value());
  const auto labels = label_all(*three, bars);
  EXPECT_EQ(labels[0].cls, 1) << "10 bp pay for two sides of 5 bp, and no more";
  EXPECT_EQ(labels[1].cls, 0) << "15 bp down";
  EXPECT_EQ(labels[2].cls, 1);
}

TEST(HorizonReturn, CostsInPipsAreMeasuredAtTheEntry) {
  const BarSeries bars = opens({1, 1.1000, 1.10009, 1.1000, 1.10011, 1.1});
  const auto three =
      labeller("horizon_return", "{horizon_bars: 1, classes: 3, threshold: cost}", {.per_side_pips = 0.5});
  const auto labels = label_all(*three, bars);
  EXPECT_EQ(labels[0].cls, 1) << "0.9 pip against a round trip of 1 pip";
  EXPECT_EQ(labels[2].cls, 2) << "1.1 pips";
}

TEST(HorizonReturn, HoldsWithinAFixedNumberOfBasisPoints) {
  const BarSeries bars = opens({1, 1000, 1003, 1000, 1001.9});
  const auto three =
      labeller("horizon_return", "{horizon_bars: 1, classes: 3, threshold: fixed_bp, fixed_bp: 20}");
  const auto labels = label_all(*three, bars);
  EXPECT_EQ(labels[0].cls, 2);
  EXPECT_EQ(labels[1].cls, 0);
  EXPECT_EQ(labels[2].cls, 1);
}

TEST(HorizonReturn, MayNotCrossASessionWhereTheRecipeForbidsIt) {
  // 2023-11-15 22:00 to 2023-11-16 03:00: bars 0 1 | 2 3 4 of two sessions.
  BarSeries bars;
  double price = 100;
  for (int hour = 22; hour < 27; ++hour) {
    bars.append({kStart + hour * kHourMs, kStart + (hour + 1) * kHourMs, price, price, price, price, 1});
    price += 1;
  }
  const std::string all_day = "00:00-23:59";
  const auto free = label_all(*labeller("horizon_return", "{horizon_bars: 1}", {}, all_day), bars);
  const auto within =
      label_all(*labeller("horizon_return", "{horizon_bars: 1, sessions: within}", {}, all_day), bars);
  EXPECT_TRUE(free[0].known());
  EXPECT_FALSE(within[0].known()) << "in at 23:00, out at midnight";
  EXPECT_TRUE(within[1].known()) << "the signal is of the old session, but entry and exit are of the new";
  EXPECT_TRUE(within[2].known());
}

TEST(HorizonReturn, RefusesClassesAndThresholdsThatContradict) {
  const LabelContext context{{}, MarketCalendar::utc_always()};
  const auto three_without = make("horizon_return", "{classes: 3}", context);
  ASSERT_FALSE(three_without.has_value());
  EXPECT_EQ(three_without.error().code, ErrorCode::bad_config);
  EXPECT_NE(three_without.error().message.find("need a threshold"), std::string::npos);

  const auto two_with = make("horizon_return", "{threshold: cost}", context);
  ASSERT_FALSE(two_with.has_value());
  EXPECT_EQ(two_with.error().code, ErrorCode::bad_config);

  EXPECT_FALSE(make("horizon_return", "{horizon_bars: 0}", context).has_value());
  EXPECT_FALSE(make("horizon_return", "{threshhold: atr}", context).has_value());
}

}  // namespace
}  // namespace pawl::labels
