// ADR-1 in numbers: what a run at T may be trained on, and what it is judged by.
#include "loop/windows.h"

#include <gtest/gtest.h>

#include "support/walk_bars.h"

namespace pawl::loop {
namespace {

using test::kWalkStart;
using test::walk_bars;

// Hours since the first bar opened: bar i closes at hour i + 1.
TimeMs hour(std::int64_t hours) {
  return kWalkStart + hours * kHourMs;
}

Result<Windows> plan(const BarSeries& bars, const recipe::ValidationSettings& validation, std::size_t horizon,
                     std::size_t warm_up, TimeMs now) {
  return plan_windows(bars.all().close_time, MarketCalendar::utc_always(), validation, horizon, warm_up, kH1,
                      now);
}

struct Case {
  const char* name;
  std::size_t bars;
  std::int64_t now;  // all times in hours
  recipe::ValidationSettings validation;
  std::size_t horizon;
  std::int64_t rows_from, judged_from, fit_cut, refit_cut;
};

constexpr DurationMs days(int count) {
  return count * kDayMs;
}

class WindowsTable : public testing::TestWithParam<Case> {};

TEST_P(WindowsTable, HoldsEachLimit) {
  const Case& c = GetParam();
  const auto windows = plan(walk_bars(1, c.bars), c.validation, c.horizon, 30, hour(c.now));
  ASSERT_TRUE(windows.has_value()) << windows.error().message;
  EXPECT_EQ(windows->now, hour(c.now));
  if (c.validation.window_ms > 0) {
    EXPECT_EQ(windows->rows_from, hour(c.rows_from));
  }
  EXPECT_EQ(windows->judged_from, hour(c.judged_from));
  EXPECT_EQ(windows->fit_cut, hour(c.fit_cut));
  EXPECT_EQ(windows->refit_cut, hour(c.refit_cut));
  EXPECT_EQ(windows->embargo_ms, c.validation.embargo_bars * kHourMs);
}

INSTANTIATE_TEST_SUITE_P(
    Loop, WindowsTable,
    testing::Values(Case{"JIsTakenFromT",
                         4000,
                         4000,
                         {.window_ms = days(120), .judged_ms = days(20), .embargo_bars = 24},
                         3,
                         4000 - 2880,
                         4000 - 480,
                         4000 - 480 - 4 - 24,
                         4000 - 4},
                    Case{"BarsAfterTAreNotCounted",
                         4000,
                         3000,
                         {.window_ms = days(60), .judged_ms = days(10)},
                         1,
                         3000 - 1440,
                         3000 - 240,
                         3000 - 240 - 2,
                         3000 - 2},
                    // Of 1,200 bars a third is 400, and J would be 480.
                    Case{"EarlyJIsAShareOfWhatThereIs",
                         1200,
                         1200,
                         {.window_ms = days(120), .judged_ms = days(20), .embargo_bars = 5},
                         3,
                         1200 - 2880,
                         800,
                         800 - 4 - 5,
                         1200 - 4},
                    Case{"JByShareAlone",
                         2000,
                         2000,
                         {.window_ms = 0, .judged_ms = 0, .judged_share_max = 0.2},
                         3,
                         0,
                         1600,
                         1600 - 4,
                         2000 - 4},
                    Case{"ALongHorizonIsPurged",
                         4000,
                         4000,
                         {.window_ms = days(120), .judged_ms = days(20)},
                         100,
                         4000 - 2880,
                         4000 - 480,
                         4000 - 480 - 101,
                         4000 - 101}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Windows, TrainAndJudgeOnDisjointRowsWhateverTheSettings) {
  const BarSeries bars = walk_bars(2, 3000);
  Random random(5);
  int planned = 0;
  for (int round = 0; round < 500; ++round) {
    const recipe::ValidationSettings validation{
        .window_ms = static_cast<DurationMs>(random.below(120)) * kDayMs,
        .judged_ms = static_cast<DurationMs>(random.below(40)) * kDayMs,
        .judged_share_max = 0.05 + 0.85 * random.uniform(),
        .embargo_bars = static_cast<std::int64_t>(random.below(50)),
        .min_bars = 100,
        .min_judged_rows = 20};
    const std::size_t horizon = 1 + random.below(24);
    const TimeMs now = hour(static_cast<std::int64_t>(200 + random.below(2800)));
    const auto windows = plan(bars, validation, horizon, 30, now);
    if (!windows) {
      EXPECT_EQ(windows.error().code, ErrorCode::insufficient_data);
      continue;
    }
    ++planned;
    const DurationMs label = static_cast<DurationMs>(horizon + 1) * kHourMs;
    // The last row of a fit has its label by the fit's cut, which is a label and an embargo before J.
    EXPECT_LE(windows->fit_cut + label + windows->embargo_ms, windows->judged_from);
    EXPECT_LT(windows->judged_from, windows->refit_cut);
    EXPECT_LE(windows->refit_cut + label, now);
    const std::size_t judged = bars.count_known_at(now) - bars.count_known_at(windows->judged_from);
    EXPECT_GE(judged, 20 + horizon + 1);
    if (validation.judged_ms > 0) {
      EXPECT_GE(windows->judged_from, now - validation.judged_ms);
    }
  }
  EXPECT_GT(planned, 200);
}

TEST(Windows, SayWhatIsMissing) {
  const BarSeries bars = walk_bars(3, 1500);
  const recipe::ValidationSettings validation{
      .window_ms = days(60), .judged_ms = days(10), .embargo_bars = 24};
  const auto message = [&](const recipe::ValidationSettings& settings, std::size_t warm_up, TimeMs now) {
    const auto windows = plan(bars, settings, 3, warm_up, now);
    EXPECT_FALSE(windows.has_value());
    if (windows) return std::string();
    EXPECT_EQ(windows.error().code, ErrorCode::insufficient_data);
    return windows.error().message;
  };
  EXPECT_EQ(message(validation, 30, hour(999)), "999 bars are known and 1000 are needed");
  recipe::ValidationSettings many = validation;
  many.min_judged_rows = 400;
  EXPECT_EQ(message(many, 30, hour(1500)), "236 judged rows have their outcome and 400 are needed");
  EXPECT_EQ(message(validation, 1300, hour(1500)),
            "no row before the judged window is past the 1300 bars that the features need to warm up");
}

TEST(Windows, AreThereFromTheFirstBarThatIsEnough) {
  const BarSeries bars = walk_bars(4, 1100);
  const recipe::ValidationSettings validation{.window_ms = days(60), .judged_ms = days(10)};
  EXPECT_FALSE(plan(bars, validation, 3, 30, hour(1000) - 1).has_value());
  EXPECT_TRUE(plan(bars, validation, 3, 30, hour(1000)).has_value());
}

TEST(Windows, CountJInSessionsWhereTheRecipeDoes) {
  const BarSeries bars = walk_bars(5, 1200);  // fifty days of 24 bars
  const recipe::ValidationSettings validation{
      .judged_sessions = 10, .min_bars = 1000, .min_judged_rows = 100};
  const auto windows = plan(bars, validation, 3, 30, hour(1200));
  ASSERT_TRUE(windows.has_value()) << windows.error().message;
  EXPECT_EQ(windows->judged_from, hour(1200 - 240)) << "ten whole days";
  const auto later = plan(bars, validation, 3, 30, hour(1195));
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(later->judged_from, hour(1200 - 240)) << "the day that is not over counts as one";
}

TEST(Windows, AskForEnoughSessionsBeforeTheJudgedOnes) {
  const BarSeries bars = walk_bars(5, 1200);
  recipe::ValidationSettings validation{
      .judged_sessions = 10, .min_fit_sessions = 40, .min_judged_rows = 100};
  EXPECT_TRUE(plan(bars, validation, 3, 30, hour(1200)).has_value());
  validation.min_fit_sessions = 41;
  const auto windows = plan(bars, validation, 3, 30, hour(1200));
  ASSERT_FALSE(windows.has_value());
  EXPECT_EQ(windows.error().message, "40 sessions before the judged ones are known and 41 are needed");
}

TEST(Windows, AreNotThereWhereTheBarsHaveEnded) {
  const BarSeries bars = walk_bars(6, 2000);
  const recipe::ValidationSettings validation{.judged_ms = days(20), .max_age_ms = days(7)};
  EXPECT_TRUE(plan(bars, validation, 3, 30, hour(2000 + 7 * 24)).has_value());
  const auto windows = plan(bars, validation, 3, 30, hour(2000 + 7 * 24 + 1));
  ASSERT_FALSE(windows.has_value());
  EXPECT_EQ(windows.error().message, "no bars since " + format_time(bars.back().close_time));
}

}  // namespace
}  // namespace pawl::loop
