#include "bars_for_labels.h"

#include <cmath>
#include <limits>

namespace pawl::labels {
namespace {

// Barriers at 102 and 98 around an entry at 100, three bars at most.
constexpr const char* kTwoPercent = "{horizon_bars: 3, classes: 3, profit_multiple: 2, stop_multiple: 2}";
constexpr double kOnePercent = 0.01;

Label first_label(const BarSeries& bars, const std::string& yaml = kTwoPercent, Costs costs = {}) {
  const std::vector<double> scale(bars.size(), kOnePercent);
  return label_all(*labeller("triple_barrier", yaml, costs), bars, scale)[0];
}

const Prices kQuiet = {100, 100.5, 99.5, 100};

TEST(TripleBarrier, TheUpperBarrierIsABuyAtItsPrice) {
  const Label label = first_label(hourly({kQuiet, kQuiet, {100, 103, 99, 101}, kQuiet, kQuiet}));
  EXPECT_EQ(label.cls, 2);
  EXPECT_NEAR(label.gross_return, 0.02, 1e-12);
  EXPECT_EQ(label.exit_bar, 2u);
  EXPECT_EQ(label.known_at, kStart + 3 * kHourMs) << "the close of the bar that touched it";
}

TEST(TripleBarrier, TheLowerBarrierIsASellAtItsPrice) {
  const Label label = first_label(hourly({kQuiet, {100, 101, 97.9, 101}, kQuiet, kQuiet, kQuiet}));
  EXPECT_EQ(label.cls, 0);
  EXPECT_NEAR(label.gross_return, -0.02, 1e-12);
  EXPECT_EQ(label.exit_bar, 1u) << "the bar of the entry counts";
}

TEST(TripleBarrier, OfTwoTouchesInOneBarTheStopCameFirst) {
  EXPECT_EQ(first_label(hourly({kQuiet, {100, 103, 97, 100}, kQuiet, kQuiet, kQuiet})).cls, 0);
}

TEST(TripleBarrier, TheSignalsOwnBarIsNotLookedAt) {
  const Label label = first_label(hourly({{100, 110, 90, 100}, kQuiet, kQuiet, kQuiet, kQuiet}));
  EXPECT_EQ(label.cls, 1);
}

TEST(TripleBarrier, AGapThroughABarrierLeavesAtThatOpen) {
  const Label up = first_label(hourly({kQuiet, kQuiet, {105, 106, 104, 104}, kQuiet, kQuiet}));
  EXPECT_EQ(up.cls, 2);
  EXPECT_NEAR(up.gross_return, 0.05, 1e-12);
  const Label down = first_label(hourly({kQuiet, kQuiet, {95, 106, 94, 104}, kQuiet, kQuiet}));
  EXPECT_EQ(down.cls, 0);
  EXPECT_NEAR(down.gross_return, -0.05, 1e-12);
}

TEST(TripleBarrier, AtTheEndOfTheHorizonItLeavesAtTheOpen) {
  const BarSeries bars = hourly({kQuiet, kQuiet, kQuiet, kQuiet, {101, 110, 90, 101}});
  const Label label = first_label(bars);
  EXPECT_EQ(label.cls, 1) << "HOLD: no barrier before, and only the open of bar t+1+h counts";
  EXPECT_NEAR(label.gross_return, 0.01, 1e-12);
  EXPECT_EQ(label.exit_bar, 4u);
  EXPECT_EQ(label.known_at, kStart + 5 * kHourMs);

  const std::string two_classes = "{horizon_bars: 3, profit_multiple: 2, stop_multiple: 2}";
  EXPECT_EQ(first_label(bars, two_classes).cls, 1) << "two classes: the sign";
  EXPECT_EQ(first_label(hourly({kQuiet, kQuiet, kQuiet, kQuiet, kQuiet}), two_classes).cls, 0);
  EXPECT_EQ(first_label(hourly({kQuiet, kQuiet, {100, 103, 99, 99}, kQuiet, kQuiet}), two_classes).cls, 1);
}

TEST(TripleBarrier, IsUnknownWhileNothingWasMet) {
  EXPECT_FALSE(first_label(hourly({kQuiet, kQuiet, kQuiet, kQuiet})).known());
  EXPECT_FALSE(first_label(hourly({kQuiet})).known());
}

TEST(TripleBarrier, BarriersMayStandAtUnequalDistances) {
  const std::string tight_stop = "{horizon_bars: 3, classes: 3, profit_multiple: 2, stop_multiple: 0.5}";
  EXPECT_EQ(first_label(hourly({kQuiet, kQuiet, {100, 103, 99, 101}, kQuiet, kQuiet}), tight_stop).cls, 0);
}

TEST(TripleBarrier, AfterCostsATouchMustPayForTheRoundTripToo) {
  const std::string after_costs =
      "{horizon_bars: 3, classes: 3, profit_multiple: 2, stop_multiple: 2, after_costs: true}";
  const BarSeries bars = hourly({kQuiet, {100, 102.5, 99, 101}, {100, 103.1, 99, 101}, kQuiet, kQuiet});
  EXPECT_EQ(first_label(bars).exit_bar, 1u);
  const Label label = first_label(bars, after_costs, {.per_side_bp = 50});
  EXPECT_EQ(label.exit_bar, 2u) << "the barrier stands at 103";
  EXPECT_NEAR(label.gross_return, 0.03, 1e-12);
}

TEST(TripleBarrier, NeedsAScaleThatIsThereAndAboveZero) {
  const BarSeries bars = hourly({kQuiet, kQuiet, kQuiet, kQuiet, kQuiet});
  const auto made = labeller("triple_barrier", kTwoPercent);
  EXPECT_EQ(made->scale_spec(), "atr(14)/close");
  for (const double scale : {std::numeric_limits<double>::quiet_NaN(), 0.0, -0.01, 1e-20}) {
    EXPECT_FALSE(label_all(*made, bars, std::vector<double>(5, scale))[0].known()) << scale;
  }
  EXPECT_FALSE(make("triple_barrier", "{scale: ''}", {{}, MarketCalendar::utc_always()}).has_value());
}

TEST(TripleBarrier, MayNotCrossASessionWhereTheRecipeForbidsIt) {
  BarSeries bars;  // 22:00 23:00 | 00:00 01:00 02:00
  for (int hour = 22; hour < 27; ++hour) {
    bars.append({kStart + hour * kHourMs, kStart + (hour + 1) * kHourMs, 100, hour == 24 ? 103.0 : 100.5,
                 99.5, 100, 1});
  }
  const std::vector<double> scale(bars.size(), kOnePercent);
  const std::string yaml =
      "{horizon_bars: 3, classes: 3, profit_multiple: 2, stop_multiple: 2, sessions: within}";
  const auto within = label_all(*labeller("triple_barrier", yaml, {}, "00:00-23:59"), bars, scale);
  EXPECT_FALSE(within[0].known()) << "in at 23:00, touched after midnight";
  EXPECT_EQ(within[1].cls, 2) << "in at midnight";
}

}  // namespace
}  // namespace pawl::labels
