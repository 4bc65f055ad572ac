#include "outcomes/version_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"

namespace pawl::outcomes {
namespace {

// One label: the served version says `served`, the other one `other`, and the market moves by `move`.
void show(VersionWatch& watch, std::int64_t id, Side served, Side other, double move, double cost = 0) {
  watch.ask({.id = id, .known_at = id * kHourMs, .side = served}, other);
  watch.settle({.prediction_id = id, .gross_return = move, .side = served}, cost);
}

Side said(Random& random, double accuracy, double move) {
  const bool right = random.uniform() < accuracy;
  return (move > 0) == right ? Side::buy : Side::sell;
}

// How many labels it takes until the evidence reaches 20, or nothing within `most`.
std::optional<int> labels_until(double served, double other, std::uint64_t seed, int most) {
  VersionWatch watch;
  Random random(seed);
  for (int label = 0; label < most; ++label) {
    const double move = 0.01 * random.normal();
    show(watch, label, said(random, served, move), said(random, other, move), move);
    if (watch.e_value() >= 20) return label;
  }
  return std::nullopt;
}

TEST(VersionWatch, SeesAVersionThatIsTurnedAroundWithinSomeHundredLabels) {
  std::vector<int> labels;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto needed = labels_until(0.4, 0.6, seed, 2000);
    ASSERT_TRUE(needed) << seed;
    labels.push_back(*needed);
  }
  std::ranges::sort(labels);
  EXPECT_LT(labels[100], 160) << "median";
  EXPECT_LT(labels[190], 300) << "nineteen of twenty";
}

TEST(VersionWatch, TakesTwoEqualOnesForDifferentOnceInTwentyAtMost) {
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) alarms += labels_until(0.55, 0.55, seed, 1000) ? 1 : 0;
  EXPECT_LE(alarms, 60);  // 50, and three standard deviations are 21
}

TEST(VersionWatch, AsksAboutOneInstantAtATime) {
  VersionWatch watch;
  ASSERT_TRUE(watch.wants(1000));
  watch.ask({.id = 1, .known_at = 1000, .side = Side::buy}, Side::sell);
  EXPECT_TRUE(watch.wants(1000)) << "another market of the same instant";
  EXPECT_FALSE(watch.wants(2000)) << "its label would share bars with the open one";
  watch.ask({.id = 2, .known_at = 1000, .side = Side::buy}, Side::sell);
  watch.settle({.prediction_id = 1, .gross_return = 0.01, .side = Side::buy}, 0);
  EXPECT_FALSE(watch.wants(2000));
  watch.settle({.prediction_id = 7, .gross_return = 0.01, .side = Side::buy}, 0);
  watch.settle({.prediction_id = 2, .gross_return = 0.03, .side = Side::buy}, 0);
  EXPECT_TRUE(watch.wants(2000));
  EXPECT_DOUBLE_EQ(*watch.mean_difference(), -0.04) << "both markets together are one label";
}

// Markets of one line at bars of an hour with labels of three bars: at each close a label may come to its end
// and the next thing is said, market by market or all outcomes first.
struct Markets {
  explicit Markets(bool outcomes_first, std::size_t count = 2)
      : outcomes_first_(outcomes_first), moves_(count, 0.01), last_bar_(count, 1'000'000) {}
  void show_bar(std::int64_t bar) {
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      settle(i, bar);
      if (!outcomes_first_) predict(i, bar);
    }
    for (std::size_t i = 0; outcomes_first_ && i < moves_.size(); ++i) predict(i, bar);
  }
  void stop(std::size_t market, std::int64_t bar) { last_bar_[market] = bar; }

  VersionWatch watch;
  std::vector<std::int64_t> asked_bars;  // of the first market

 private:
  static std::int64_t id(std::size_t market, std::int64_t bar) {
    return bar * 10 + static_cast<std::int64_t>(market);
  }
  void settle(std::size_t market, std::int64_t bar) {
    if (bar < 4 || bar > last_bar_[market]) return;
    const double move = (bar % 3 == 0 ? 1 : -1) * moves_[market] * static_cast<double>(market + 1);
    watch.settle({.prediction_id = id(market, bar - 4),
                  .known_at = bar * kHourMs,
                  .gross_return = move,
                  .side = Side::buy},
                 0);
  }
  void predict(std::size_t market, std::int64_t bar) {
    if (bar > last_bar_[market]) return;
    const std::string symbol = std::string(1, static_cast<char>('A' + market));
    if (!watch.wants(bar * kHourMs, symbol)) return;
    if (market == 0) asked_bars.push_back(bar);
    watch.ask({.id = id(market, bar), .symbol = symbol, .known_at = bar * kHourMs, .side = Side::buy},
              market == 0 ? Side::sell : Side::buy);
  }

  bool outcomes_first_;
  std::vector<double> moves_;
  std::vector<std::int64_t> last_bar_;
};

TEST(VersionWatch, WatchesEveryMarketInWhateverOrderABarShowsThem) {
  Markets by_market(false), outcomes_first(true);
  for (std::int64_t bar = 1; bar <= 400; ++bar) {
    by_market.show_bar(bar);
    outcomes_first.show_bar(bar);
    ASSERT_EQ(by_market.watch.labels(), outcomes_first.watch.labels()) << bar;
    ASSERT_EQ(by_market.watch.e_value(), outcomes_first.watch.e_value()) << bar;
  }
  EXPECT_EQ(by_market.watch.labels(), 98U) << "one every four bars, less the first, which has no usual move";
  EXPECT_GT(std::abs(*by_market.watch.mean_difference()), 1e-4) << "only the first market differs";
}

TEST(VersionWatch, DoesNotWaitForEverForAMarketThatStopped) {
  Markets markets(false);
  markets.stop(1, 150);
  for (std::int64_t bar = 1; bar <= 800; ++bar) markets.show_bar(bar);
  EXPECT_GT(markets.watch.labels(), 150U) << "a week is lost, not the rest";
  Markets whole(true);
  whole.stop(1, 150);
  for (std::int64_t bar = 1; bar <= 800; ++bar) whole.show_bar(bar);
  EXPECT_EQ(whole.watch.e_value(), markets.watch.e_value());
}

TEST(VersionWatch, CostsCount) {
  VersionWatch watch;
  for (std::int64_t id = 0; id < 500; ++id)
    show(watch, id, Side::buy, Side::hold, id % 2 == 0 ? 0.01 : -0.01, 0.004);
  EXPECT_GT(watch.e_value(), 20) << "who trades for nothing pays for it";
  EXPECT_NEAR(*watch.mean_difference(), 0.004, 1e-12);
}

// The size of a bet is settled before its outcome: another future does not change what was bet before.
TEST(VersionWatch, TheFutureDoesNotChangeThePast) {
  VersionWatch first, second;
  Random random(9);
  for (std::int64_t id = 0; id < 50; ++id) {
    const double move = 0.01 * random.normal();
    for (VersionWatch* watch : {&first, &second}) show(*watch, id, Side::buy, Side::sell, move);
  }
  EXPECT_EQ(first.e_value(), second.e_value());
  show(first, 50, Side::buy, Side::sell, 0.5);
  show(second, 50, Side::buy, Side::sell, -0.5);
  EXPECT_LT(first.e_value(), second.e_value());
}

}  // namespace
}  // namespace pawl::outcomes
