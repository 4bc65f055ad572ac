// Swings and what they make together, against a second implementation that finds everything anew at each bar
// from the bars up to it, and by hand.
#include <optional>

#include "features/bars_for_features.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

class StructureOracle {
 public:
  StructureOracle(const BarSeries& bars, std::size_t k, std::size_t lookback)
      : bars_(bars), k_(k), lookback_(lookback) {}

  // Bars of the swings that are known at bar i and not too old, the newest first.
  std::vector<std::size_t> swings(std::size_t i, bool high) const {
    std::vector<std::size_t> found;
    for (std::size_t j = i + 1; j-- > 0;) {
      if (j + k_ > i || j < k_ || i - j > lookback_) continue;
      if (is_swing(j, high)) found.push_back(j);
    }
    return found;
  }
  double price(std::size_t swing, bool high) const { return high ? bars_.high(swing) : bars_.low(swing); }
  double change(std::size_t i, bool high) const {
    const std::vector<std::size_t> found = swings(i, high);
    if (found.size() < 2) return kNothing;
    const double last = price(found[0], high), before = price(found[1], high);
    return last > before ? 1 : last < before ? -1 : 0;
  }
  // Of the close of bar i: 1 up, -1 down, 0 no break.
  int break_at(std::size_t i) const {
    const bool up = breaks(i, true), down = breaks(i, false);
    return up == down ? 0 : up ? 1 : -1;
  }
  bool against(std::size_t i) const {
    for (std::size_t j = i; j-- > 0 && i - j <= lookback_;) {
      if (const int before = break_at(j); before != 0) return before == -break_at(i);
    }
    return false;
  }

 private:
  bool is_swing(std::size_t j, bool high) const {
    for (std::size_t d = 1; d <= k_; ++d) {
      if (high ? bars_.high(j - d) >= bars_.high(j) || bars_.high(j + d) > bars_.high(j)
               : bars_.low(j - d) <= bars_.low(j) || bars_.low(j + d) < bars_.low(j)) {
        return false;
      }
    }
    return true;
  }
  // The first close beyond the last swing since that is known.
  bool breaks(std::size_t i, bool high) const {
    const std::vector<std::size_t> found = swings(i, high);
    if (found.empty()) return false;
    const auto beyond = [&](std::size_t j) {
      return high ? bars_.close(j) > bars_.high(found[0]) : bars_.close(j) < bars_.low(found[0]);
    };
    if (!beyond(i)) return false;
    for (std::size_t j = found[0] + k_; j < i; ++j) {
      if (beyond(j)) return false;
    }
    return true;
  }

  const BarSeries& bars_;
  std::size_t k_, lookback_;
};

void expect_value(double value, double wanted, const std::string& what, std::size_t bar) {
  ASSERT_EQ(std::isnan(value), std::isnan(wanted)) << what << " at " << bar << ": " << value << " " << wanted;
  if (!std::isnan(wanted)) {
    ASSERT_EQ(value, wanted) << what << " at " << bar;
  }
}

void expect_structure(const BarSeries& bars, std::size_t k, std::size_t lookback) {
  std::vector<std::string> specs = oracles::of_structure();
  for (std::string& spec : specs) spec += fmt::format("({},{})", k, lookback);
  const FeatureFrame frame = rows_of(parse_list(specs), bars);
  const StructureOracle oracle(bars, k, lookback);
  std::size_t with = 0, against = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::span<const double> row = frame.row(i);
    for (const bool high : {true, false}) {
      const std::size_t at = high ? 0 : 1;
      const std::vector<std::size_t> swings = oracle.swings(i, high);
      expect_value(row[at], swings.empty() ? kNothing : oracle.price(swings[0], high), specs[at], i);
      expect_value(row[2 + at], swings.empty() ? kNothing : static_cast<double>(i - swings[0]), specs[2 + at],
                   i);
      expect_value(row[4 + at], oracle.change(i, high), specs[4 + at], i);
    }
    const int broken = oracle.break_at(i);
    const bool turned = broken != 0 && oracle.against(i);
    expect_value(row[6], i < 2 * k ? kNothing : turned ? 0 : broken, specs[6], i);
    expect_value(row[7], i < 2 * k ? kNothing : turned ? broken : 0, specs[7], i);
    expect_value(row[8], oracle.change(i, true) + oracle.change(i, false), specs[8], i);
    with += broken != 0 && !turned ? 1 : 0;
    against += turned ? 1 : 0;
  }
  EXPECT_GT(with, 5u);
  EXPECT_GT(against, 5u);
}

TEST(Structure, AgreesWithSwingsFoundAnew) {
  expect_structure(random_bars(61, 1200), 3, 60);
  expect_structure(random_bars(62, 1200), 1, 51);
  expect_structure(random_bars(63, 1200), 7, 400);
}

TEST(Structure, AgreesOnRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 1200);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_structure(*bars, 5, 200);
}

BarSeries bars_with_closes(const std::vector<double>& closes) {
  BarSeries bars;
  for (std::size_t i = 0; i < closes.size(); ++i) {
    const double c = closes[i];
    bars.append(bar_at(kMonday + static_cast<TimeMs>(i) * kHourMs, kH1, c, c, c, c, 1));
  }
  return bars;
}

// Up to 5, back to 3, through 5 (a break upwards), up to 7, back to 4 (a higher low), up to 6 (a lower high)
// and through 4: against what was.
TEST(Structure, BreaksAndTurnsByHand) {
  const BarSeries bars = bars_with_closes({1, 3, 5, 4, 3, 4, 6, 7, 5, 4, 5, 6, 5, 3, 2});
  const auto at = [&](const char* spec, std::size_t i) { return values_of(spec, bars)[i]; };
  EXPECT_TRUE(std::isnan(at("swing_high(1,60)", 2))) << "the swing of bar 2 is known with bar 3";
  EXPECT_EQ(at("swing_high(1,60)", 3), 5);
  EXPECT_EQ(at("swing_high_age(1,60)", 3), 1);
  EXPECT_EQ(at("swing_low(1,60)", 5), 3);
  EXPECT_EQ(at("bos(1,60)", 6), 1) << "6 is above 5, and nothing was broken before";
  EXPECT_EQ(at("bos(1,60)", 7), 0) << "only the first close beyond a swing breaks it";
  EXPECT_EQ(at("swing_highs(1,60)", 8), 1) << "7 is above 5";
  EXPECT_EQ(at("swing_lows(1,60)", 10), 1) << "4 is above 3";
  EXPECT_EQ(at("swing_structure(1,60)", 10), 2);
  EXPECT_EQ(at("swing_highs(1,60)", 12), -1) << "6 is below 7";
  EXPECT_EQ(at("swing_structure(1,60)", 12), 0);
  EXPECT_EQ(at("choch(1,60)", 13), -1) << "3 is below the low of 4, and the last break went up";
  EXPECT_EQ(at("bos(1,60)", 13), 0);
}

}  // namespace

std::vector<std::string> oracles::of_structure() {
  return {"swing_high", "swing_low", "swing_high_age", "swing_low_age",  "swing_highs",
          "swing_lows", "bos",       "choch",          "swing_structure"};
}

}  // namespace pawl::features
