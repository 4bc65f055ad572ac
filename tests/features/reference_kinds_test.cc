// Naive implementations of the kinds that are made of others, and of averages and channels; see naive.h.
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
    {"median_price", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) { return middle_of(b, i, i); }},
    {"donchian_high(20)", 20, 0, [](const Recent& w, const BarSeries&, std::size_t) { return w.highest(); }},
    {"donchian_low(20)", 20, 0, [](const Recent& w, const BarSeries&, std::size_t) { return w.lowest(); }},
    {"donchian_mid(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) { return middle_of(b, w.first, at); }},
    {"place(close,low,high,0.25)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       const Real low = b.low(i), range = b.high(i) - low;
       return range == 0 ? Real{0.25} : (b.close(i) - low) / range;
     }},
    {"skip(high,4)", 1, 4,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real { return b.high(i); }},
    {"sum(volume,15)", 15, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.fold([&](std::size_t i) { return b.volume(i); });
     }},
    {"sqrt(volume)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) {
       return std::sqrt(static_cast<Real>(b.volume(i)));
     }},
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
    {"atr(7)", 7, 1,
     [](const Recent&, const BarSeries& b, std::size_t at) { return average_range(b, 7, at); }},
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

}  // namespace

std::vector<std::string> oracles::naive_more() {
  std::vector<std::string> specs = specs_of(kNaive);
  for (const std::string& spec : specs_of(kSlow)) specs.push_back(spec);
  return specs;
}

}  // namespace pawl::features
