// Naive implementations of what stands in order and of what comes in pairs; see naive.h.
#include "features/naive.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

std::vector<Real> sorted(const Recent& w, double (BarSeries::*column)(std::size_t) const) {
  std::vector<Real> values;
  for (std::size_t i = w.first; i <= w.last; ++i) values.push_back((w.bars.*column)(i));
  std::sort(values.begin(), values.end());
  return values;
}

struct Pair {
  Real mean_x, mean_y, variance_x, variance_y, covariance;
};
template <class X, class Y>
Pair pair_of(const Recent& w, X x, Y y) {
  const Real mean_x = w.mean(x), mean_y = w.mean(y);
  const auto product = [&](auto a, auto b) { return w.mean([&](std::size_t i) { return a(i) * b(i); }); };
  const auto from_x = [&](std::size_t i) { return x(i) - mean_x; };
  const auto from_y = [&](std::size_t i) { return y(i) - mean_y; };
  return {mean_x, mean_y, product(from_x, from_x), product(from_y, from_y), product(from_x, from_y)};
}
Pair returns_and_ranges(const Recent& w) {
  return pair_of(
      w, [&](std::size_t i) { return change(w.bars, i); },
      [&](std::size_t i) { return static_cast<Real>(w.bars.high(i)) - w.bars.low(i); });
}
Pair highs_and_lows(const Recent& w) {
  return pair_of(
      w, [&](std::size_t i) -> Real { return w.bars.high(i); },
      [&](std::size_t i) -> Real { return w.bars.low(i); });
}

const Naive kNaive[] = {
    // order
    {"quantile(close,25,0.3)", 25, 0,
     [](const Recent& w, const BarSeries&, std::size_t) {
       const std::vector<Real> in_order = sorted(w, &BarSeries::close);
       return in_order[7] + (in_order[8] - in_order[7]) * (24 * Real{0.3} - 7);
     }},
    {"quantile(volume,40,1)", 40, 0,
     [](const Recent& w, const BarSeries&, std::size_t) { return sorted(w, &BarSeries::volume).back(); }},
    {"quantile(volume,40,0)", 40, 0,
     [](const Recent& w, const BarSeries&, std::size_t) { return sorted(w, &BarSeries::volume).front(); }},
    {"median(close,20)", 20, 0,
     [](const Recent& w, const BarSeries&, std::size_t) {
       const std::vector<Real> in_order = sorted(w, &BarSeries::close);
       return (in_order[9] + in_order[10]) / 2;
     }},
    {"median(close,1)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real { return b.close(i); }},
    {"rank(volume,30)", 30, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       Real below = 0, equal = 0;
       for (std::size_t i = w.first; i <= at; ++i) {
         below += b.volume(i) < b.volume(at) ? 1 : 0;
         equal += b.volume(i) == b.volume(at) ? 1 : 0;
       }
       return (below + (equal + 1) / 2) / 30;
     }},

    // pairs
    {"corr(ret(1),high-low,40)", 40, 1,
     [](const Recent& w, const BarSeries&, std::size_t) {
       const Pair pair = returns_and_ranges(w);
       return pair.covariance / std::sqrt(pair.variance_x * pair.variance_y);
     }},
    {"cov(high,low,30)", 30, 0,
     [](const Recent& w, const BarSeries&, std::size_t) { return highs_and_lows(w).covariance; }},
    {"beta(ret(1),high-low,40)", 40, 1,
     [](const Recent& w, const BarSeries&, std::size_t) {
       const Pair pair = returns_and_ranges(w);
       return pair.covariance / pair.variance_y;
     }},
    {"residual(high,low,30)", 30, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       const Pair pair = highs_and_lows(w);
       return (b.high(at) - pair.mean_x) - pair.covariance / pair.variance_y * (b.low(at) - pair.mean_y);
     }},
    {"spread(high,low,30)", 30, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       const auto ratio = [&](std::size_t i) { return std::log(static_cast<Real>(b.high(i)) / b.low(i)); };
       return (ratio(at) - w.mean(ratio)) / w.deviation(ratio);
     }},
};

TEST(ReferenceOfOrderAndPairs, AgreesOnStumblingBars) {
  expect_naive(kNaive, random_bars(34, 1500), 1e-10);
}

TEST(ReferenceOfOrderAndPairs, AgreesOnRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 1500);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_naive(kNaive, *bars, 1e-9);
}

// Numbers worked out with numpy 1.26: np.quantile([3, 1, 4, 1, 5], q), and pandas' rank(pct=True).
TEST(Order, IsThatOfNumpyAndPandas) {
  BarSeries bars;
  const double values[] = {3, 1, 4, 1, 5};
  for (int i = 0; i < 5; ++i) {
    const double c = values[i];
    bars.append(bar_at(kMonday + i * kHourMs, kH1, c, c, c, c, 1));
  }
  EXPECT_DOUBLE_EQ(values_of("quantile(close,5,0.25)", bars)[4], 1);
  EXPECT_DOUBLE_EQ(values_of("quantile(close,5,0.6)", bars)[4], 3.4);
  EXPECT_DOUBLE_EQ(values_of("quantile(close,5,0.9)", bars)[4], 4.6);
  EXPECT_DOUBLE_EQ(values_of("median(close,5)", bars)[4], 3);
  EXPECT_DOUBLE_EQ(values_of("rank(close,4)", bars)[3], 1.5 / 4);
  EXPECT_DOUBLE_EQ(values_of("rank(close,5)", bars)[4], 1);
}

TEST(Order, HoldsInLongWindowsOfManyEqualValues) {
  Random random(4);
  BarSeries bars;
  for (int i = 0; i < 3000; ++i) {
    const double c = 1 + static_cast<double>(random.below(i % 700 < 300 ? 3 : 500));
    bars.append(bar_at(kMonday + i * kHourMs, kH1, c, c, c, c, 1));
  }
  const std::vector<double> quantiles = values_of("quantile(close,800,0.75)", bars),
                            ranks = values_of("rank(close,800)", bars);
  for (std::size_t i = 799; i < bars.size(); i += 13) {
    const std::vector<Real> in_order = sorted({bars, i - 799, i}, &BarSeries::close);
    const Real wanted = in_order[599] + (in_order[600] - in_order[599]) * Real{0.25};
    ASSERT_EQ(quantiles[i], static_cast<double>(wanted)) << i;
    const auto [low, high] = std::equal_range(in_order.begin(), in_order.end(), bars.close(i));
    const auto rank = static_cast<double>((low - in_order.begin()) + (high - in_order.begin()) + 1) / 1600;
    ASSERT_EQ(ranks[i], rank) << i;
  }
}

// Far from zero, where sums of squares as they are would have nothing left.
TEST(Pairs, AreSoundWhereTheMeansAreAMillionTimesTheSpread) {
  Random random(8);
  BarSeries bars;
  for (int i = 0; i < 2000; ++i) {
    const double low = 1e6 + random.uniform(), high = low + 1 + random.uniform();
    bars.append(bar_at(kMonday + i * kHourMs, kH1, low, high, low, high, 1));
  }
  const std::vector<double> correlations = values_of("corr(high,low,50)", bars),
                            slopes = values_of("beta(high,low,50)", bars);
  for (std::size_t i = 49; i < bars.size(); ++i) {
    const Pair pair = highs_and_lows({bars, i - 49, i});
    const auto correlation =
        static_cast<double>(pair.covariance / std::sqrt(pair.variance_x * pair.variance_y));
    ASSERT_NEAR(correlations[i], correlation, 1e-9) << i;
    ASSERT_NEAR(slopes[i], static_cast<double>(pair.covariance / pair.variance_y), 1e-9) << i;
  }
}

TEST(Pairs, AreMissingWhereOneIsFlatAndWithinOneElsewhere) {
  const BarSeries bars = random_bars(9, 500);
  EXPECT_EQ(first_value(values_of("corr(close,close-close,20)", bars)), bars.size());
  EXPECT_EQ(first_value(values_of("beta(close,close-close,20)", bars)), bars.size());
  for (const char* spec : {"corr(close,2*close,20)", "corr(close,-close,20)"}) {
    const std::vector<double> values = values_of(spec, bars);
    for (std::size_t i = 19; i < bars.size(); ++i) {
      ASSERT_NEAR(std::fabs(values[i]), 1, 1e-9) << spec;
      ASSERT_LE(std::fabs(values[i]), 1) << spec;
    }
  }
}

TEST(Pairs, StepOverAPairOfWhichOneValueIsMissing) {
  const BarSeries bars = random_bars(10, 400);
  // log(volume) is missing on bars without volume: the pairs that there are, in a row.
  std::vector<std::size_t> there;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (bars.volume(i) > 0) there.push_back(i);
  }
  ASSERT_LT(there.size(), bars.size());
  const std::vector<double> values = values_of("cov(close,log(volume),10)", bars);
  for (std::size_t j = 9; j < there.size(); ++j) {
    Real close = 0, volume = 0, product = 0;
    for (std::size_t k = j - 9; k <= j; ++k) {
      const Real c = bars.close(there[k]), v = std::log(static_cast<Real>(bars.volume(there[k])));
      close += c / 10;
      volume += v / 10;
      product += c * v / 10;
    }
    ASSERT_NEAR(values[there[j]], static_cast<double>(product - close * volume), 1e-9) << there[j];
  }
}

}  // namespace

std::vector<std::string> oracles::naive_pairs() {
  return specs_of(kNaive);
}

}  // namespace pawl::features
