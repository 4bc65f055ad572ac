// Naive implementations of the kinds that are made of others, of pairs, of orders and of volume; see naive.h.
#include "features/naive.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

Real middle_of(const BarSeries& b, std::size_t first, std::size_t last) {
  const Recent recent{b, first, last};
  return (recent.highest() + recent.lowest()) / 2;
}
Real true_range(const BarSeries& b, std::size_t i) {
  const Real high = b.high(i), low = b.low(i), before = b.close(i - 1);
  return std::max({high - low, std::fabs(high - before), std::fabs(low - before)});
}
// Wilder's average from the first true range on, at bar `last`.
Real average_range(const BarSeries& b, std::size_t n, std::size_t last) {
  const auto count = static_cast<Real>(n);
  Real average = 0;
  for (std::size_t i = 1; i <= n; ++i) average += true_range(b, i) / count;
  for (std::size_t i = n + 1; i <= last; ++i) average += (true_range(b, i) - average) / count;
  return average;
}
Real exponential(const BarSeries& b, std::size_t n, std::size_t last) {
  Real average = 0;
  for (std::size_t i = 0; i < n; ++i) average += b.close(i) / static_cast<Real>(n);
  for (std::size_t i = n; i <= last; ++i) {
    average += 2 * (b.close(i) - average) / static_cast<Real>(n + 1);
  }
  return average;
}
Real strength_index(const BarSeries& b, std::size_t n, std::size_t last) {
  const auto count = static_cast<Real>(n);
  Real gain = 0, loss = 0;
  for (std::size_t i = 1; i <= last; ++i) {
    const Real moved = static_cast<Real>(b.close(i)) - b.close(i - 1);
    const Real up = std::max<Real>(moved, 0), down = std::max<Real>(-moved, 0);
    gain = i <= n ? gain + up / count : (gain * (count - 1) + up) / count;
    loss = i <= n ? loss + down / count : (loss * (count - 1) + down) / count;
  }
  return 100 * gain / (gain + loss);
}
Real fast_stochastic(const BarSeries& b, std::size_t n, std::size_t k, std::size_t last) {
  const Real now = strength_index(b, n, last);
  Real low = now, high = now;
  for (std::size_t i = last + 1 - k; i < last; ++i) {
    low = std::min(low, strength_index(b, n, i));
    high = std::max(high, strength_index(b, n, i));
  }
  return high == low ? 0 : 100 * (now - low) / (high - low);
}

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

// Sums of the first n − 1 values, then S = S − S/n + x.
template <class Value>
Real wilder_sum(std::size_t n, std::size_t last, Value value) {
  Real sum = 0;
  for (std::size_t i = 1; i < n; ++i) sum += value(i);
  for (std::size_t i = n; i <= last; ++i) sum += value(i) - sum / static_cast<Real>(n);
  return sum;
}
Real plus_movement(const BarSeries& b, std::size_t i) {
  const Real up = static_cast<Real>(b.high(i)) - b.high(i - 1),
             down = static_cast<Real>(b.low(i - 1)) - b.low(i);
  return up > 0 && up > down ? up : 0;
}
Real minus_movement(const BarSeries& b, std::size_t i) {
  const Real up = static_cast<Real>(b.high(i)) - b.high(i - 1),
             down = static_cast<Real>(b.low(i - 1)) - b.low(i);
  return down > 0 && down > up ? down : 0;
}

const Naive kNaive[] = {
    {"momentum(10)", 11, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       return static_cast<Real>(b.close(at)) - b.close(w.first);
     }},
    {"cci_of(volume,9)", 9, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) -> Real {
       const Real mean = w.mean([&](std::size_t i) { return b.volume(i); });
       const Real distance = w.mean([&](std::size_t i) { return std::fabs(b.volume(i) - mean); });
       return distance == 0 ? 0 : (b.volume(at) - mean) / (Real{0.015} * distance);
     }},
    {"typical", 1, 0, [](const Recent&, const BarSeries& b, std::size_t i) { return typical(b, i); }},
    {"median_price", 1, 0, [](const Recent&, const BarSeries& b, std::size_t i) { return middle_of(b, i, i); }},
    {"donchian_high(20)", 20, 0, [](const Recent& w, const BarSeries&, std::size_t) { return w.highest(); }},
    {"donchian_low(20)", 20, 0, [](const Recent& w, const BarSeries&, std::size_t) { return w.lowest(); }},
    {"donchian_mid(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) { return middle_of(b, w.first, at); }},
    {"place(close,low,high,0.25)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       const Real low = b.low(i), range = b.high(i) - low;
       return range == 0 ? Real{0.25} : (b.close(i) - low) / range;
     }},
    {"skip(high,4)", 1, 4, [](const Recent&, const BarSeries& b, std::size_t i) -> Real { return b.high(i); }},
    {"sum(volume,15)", 15, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.fold([&](std::size_t i) { return b.volume(i); });
     }},
    {"sqrt(volume)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) { return std::sqrt(static_cast<Real>(b.volume(i))); }},
    {"sqrt(close-open)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) {
       const Real body = b.close(i) - b.open(i);
       return body < 0 ? kNone : std::sqrt(body);
     }},
    {"ratio_or(close,volume,high)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       return b.volume(i) == 0 ? b.high(i) : b.close(i) / static_cast<Real>(b.volume(i));
     }},
    {"signed_volume", 1, 1,
     [](const Recent&, const BarSeries& b, std::size_t i) { return signed_volume(b, i); }},

    // averages and movement
    {"ema(close,12)", 12, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) { return exponential(b, 12, at); }},
    {"tr", 1, 1, [](const Recent&, const BarSeries& b, std::size_t i) { return true_range(b, i); }},
    {"atr(7)", 7, 1, [](const Recent&, const BarSeries& b, std::size_t at) { return average_range(b, 7, at); }},
    {"wilder(tr,9)", 9, 1,
     [](const Recent&, const BarSeries& b, std::size_t at) { return average_range(b, 9, at); }},
    {"wilder_sum(tr,9)", 8, 1,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       return at < 9 ? kNone : wilder_sum(9, at, [&](std::size_t i) { return true_range(b, i); });
     }},
    {"plus_dm", 1, 1, [](const Recent&, const BarSeries& b, std::size_t i) { return plus_movement(b, i); }},
    {"minus_dm", 1, 1, [](const Recent&, const BarSeries& b, std::size_t i) { return minus_movement(b, i); }},
    {"di(wilder_sum(plus_dm,9),wilder_sum(tr,9))", 8, 1,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       if (at < 9) return kNone;
       return 100 * wilder_sum(9, at, [&](std::size_t i) { return plus_movement(b, i); }) /
              wilder_sum(9, at, [&](std::size_t i) { return true_range(b, i); });
     }},
    {"adx_of(high,low,close,5)", 5, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       Real average = 0;
       for (std::size_t i = 0; i <= at; ++i) {
         const Real high = b.high(i), low = b.low(i), index = 100 * (high - low) / (high + low);
         average = i < 5 ? average + index / 5 : (average * 4 + index) / 5;
       }
       return average;
     }},
    {"rsi(9)", 9, 1,
     [](const Recent&, const BarSeries& b, std::size_t at) { return strength_index(b, 9, at); }},

    // channels
    {"ichimoku_tenkan(9)", 9, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) { return middle_of(b, w.first, at); }},
    {"ichimoku_kijun(26)", 26, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) { return middle_of(b, w.first, at); }},
    {"ichimoku_span_a(9,26,26)", 52, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       const std::size_t then = at - 26;
       return (middle_of(b, then - 8, then) + middle_of(b, then - 25, then)) / 2;
     }},
    {"ichimoku_span_b(52,26)", 78, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) { return middle_of(b, at - 77, at - 26); }},
    {"ichimoku_chikou(26)", 27, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       return static_cast<Real>(b.close(at)) - b.close(w.first);
     }},
    {"ichimoku_cloud(9,26,52,26)", 78, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) -> Real {
       const std::size_t then = at - 26;
       const Real a = (middle_of(b, then - 8, then) + middle_of(b, then - 25, then)) / 2;
       const Real other = middle_of(b, then - 51, then), close = b.close(at);
       return close > std::max(a, other) ? 1 : close < std::min(a, other) ? -1 : 0;
     }},
    {"keltner_mid(20)", 20, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) { return exponential(b, 20, at); }},
    {"keltner_upper(20,10,1.5)", 20, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       return exponential(b, 20, at) + Real{1.5} * average_range(b, 10, at);
     }},
    {"keltner_lower(20,10,1.5)", 20, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       return exponential(b, 20, at) - Real{1.5} * average_range(b, 10, at);
     }},
    {"keltner_place(20,10,2)", 20, 0,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       const Real range = average_range(b, 10, at);
       return (b.close(at) - exponential(b, 20, at) + 2 * range) / (4 * range);
     }},

    // volatility and volume
    {"parkinson(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return std::sqrt(w.mean([&](std::size_t i) {
         const Real range = std::log(static_cast<Real>(b.high(i)) / b.low(i));
         return range * range;
       }) / (4 * std::log(Real{2})));
     }},
    {"garman_klass(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return std::sqrt(w.mean([&](std::size_t i) {
         const Real range = std::log(static_cast<Real>(b.high(i)) / b.low(i));
         const Real body = std::log(static_cast<Real>(b.close(i)) / b.open(i));
         return range * range / 2 - (2 * std::log(Real{2}) - 1) * body * body;
       }));
     }},
    {"rolling_vwap(2)", 2, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       const Real volume = w.fold([&](std::size_t i) { return b.volume(i); });
       return volume == 0 ? typical(b, at)
                          : w.fold([&](std::size_t i) { return typical(b, i) * b.volume(i); }) / volume;
     }},

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
    {"median(close,1)", 1, 0, [](const Recent&, const BarSeries& b, std::size_t i) -> Real { return b.close(i); }},
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

// They go back to the first bar for each value of their window: on few bars.
const Naive kSlow[] = {
    {"stoch_rsi_k(9,5)", 5, 9,
     [](const Recent&, const BarSeries& b, std::size_t at) { return fast_stochastic(b, 9, 5, at); }},
    {"stoch_rsi_d(9,5,3)", 7, 9,
     [](const Recent&, const BarSeries& b, std::size_t at) {
       return (fast_stochastic(b, 9, 5, at) + fast_stochastic(b, 9, 5, at - 1) +
               fast_stochastic(b, 9, 5, at - 2)) /
              3;
     }},
};

TEST(ReferenceOfMore, AgreesOnStumblingBars) {
  expect_naive(kNaive, random_bars(32, 1500), 1e-10);
  expect_naive(kSlow, random_bars(33, 400), 1e-9);
}

TEST(ReferenceOfMore, AgreesOnRealBars) {
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

std::vector<std::string> oracles::naive_more() {
  std::vector<std::string> specs = specs_of(kNaive);
  for (const std::string& spec : specs_of(kSlow)) specs.push_back(spec);
  return specs;
}

}  // namespace pawl::features
