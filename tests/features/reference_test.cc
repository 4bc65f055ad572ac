// Second, naive implementations of everything that has no golden value: straight from the formula, in long
// double, over the whole window at every bar.
#include "features/naive.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

const Naive kNaive[] = {
    {"sma(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.mean([&](std::size_t i) { return b.close(i); });
     }},
    {"sma(volume,7)", 7, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.mean([&](std::size_t i) { return b.volume(i); });
     }},
    {"wma(9)", 9, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.fold([&](std::size_t i) { return static_cast<Real>(i - w.first + 1) * b.close(i); }) / 45;
     }},
    {"wma(1)", 1, 0, [](const Recent&, const BarSeries& b, std::size_t at) -> Real { return b.close(at); }},
    {"bb_upper(20,2.5)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       const auto close = [&](std::size_t i) -> Real { return b.close(i); };
       return w.mean(close) + Real{2.5} * w.deviation(close);
     }},
    {"bb_width(20,2)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       const auto close = [&](std::size_t i) -> Real { return b.close(i); };
       return 4 * w.deviation(close) / w.mean(close);
     }},
    {"bb_pctb(20,2)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       const auto close = [&](std::size_t i) -> Real { return b.close(i); };
       const Real d = w.deviation(close);
       return (b.close(at) - w.mean(close) + 2 * d) / (4 * d);
     }},
    {"std(ret(1),20)", 20, 1,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.deviation([&](std::size_t i) { return change(b, i); });
     }},
    {"zscore(volume,96)", 96, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       const auto volume = [&](std::size_t i) -> Real { return b.volume(i); };
       return (b.volume(at) - w.mean(volume)) / w.deviation(volume);
     }},
    {"realised_vol(24)", 24, 1,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.deviation([&](std::size_t i) { return log_return(b, i); });
     }},
    {"ret(5)", 6, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       return static_cast<Real>(b.close(at)) / b.close(w.first) - 1;
     }},
    {"roc(3)", 4, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       return 100 * (static_cast<Real>(b.close(at)) / b.close(w.first) - 1);
     }},
    {"logret(4)", 5, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       return std::log(static_cast<Real>(b.close(at)) / static_cast<Real>(b.close(w.first)));
     }},
    {"lag(volume,3)", 4, 0,
     [](const Recent& w, const BarSeries& b, std::size_t) -> Real { return b.volume(w.first); }},
    {"max(high,10)", 10, 0, [](const Recent& w, const BarSeries&, std::size_t) { return w.highest(); }},
    {"min(low,10)", 10, 0, [](const Recent& w, const BarSeries&, std::size_t) { return w.lowest(); }},
    {"donchian(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) -> Real {
       const Real range = w.highest() - w.lowest();
       return range == 0 ? Real{0.5} : (b.close(at) - w.lowest()) / range;
     }},
    {"willr(14)", 14, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) -> Real {
       const Real range = w.highest() - w.lowest();
       return range == 0 ? 0 : -100 * (w.highest() - b.close(at)) / range;
     }},
    {"cci(21)", 21, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) -> Real {
       const Real mean = w.mean([&](std::size_t i) { return typical(b, i); });
       const Real far = w.mean([&](std::size_t i) { return std::fabs(typical(b, i) - mean); });
       return (typical(b, at) - mean) / (Real{0.015} * far);
     }},
    {"obv_slope(10)", 10, 1,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       return w.fold([&](std::size_t i) { return signed_volume(b, i); }) /
              w.fold([&](std::size_t i) { return b.volume(i); });
     }},
    {"mfi(14)", 14, 1,
     [](const Recent& w, const BarSeries& b, std::size_t) {
       const auto flow = [&](std::size_t i) { return typical(b, i) * b.volume(i); };
       const auto rose = [&](std::size_t i) {
         return (b.high(i) + b.low(i) + b.close(i)) / 3 - (b.high(i - 1) + b.low(i - 1) + b.close(i - 1)) / 3;
       };
       const Real in = w.fold([&](std::size_t i) { return rose(i) > 0 ? flow(i) : 0; });
       return 100 * in / (in + w.fold([&](std::size_t i) { return rose(i) < 0 ? flow(i) : 0; }));
     }},
    {"volume_ratio(20)", 20, 0,
     [](const Recent& w, const BarSeries& b, std::size_t at) {
       return b.volume(at) / w.mean([&](std::size_t i) { return b.volume(i); });
     }},
    {"clv", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       return b.high(i) == b.low(i)
                  ? Real{0.5}
                  : (static_cast<Real>(b.close(i)) - b.low(i)) / (static_cast<Real>(b.high(i)) - b.low(i));
     }},
    {"body", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       return b.high(i) == b.low(i)
                  ? 0
                  : (static_cast<Real>(b.close(i)) - b.open(i)) / (static_cast<Real>(b.high(i)) - b.low(i));
     }},
    {"abs(ret(1))", 2, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) { return std::fabs(change(b, i)); }},
    {"log(volume)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) {
       return b.volume(i) > 0 ? std::log(static_cast<Real>(b.volume(i))) : kNone;
     }},
    {"sign(close-open)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       return (b.close(i) > b.open(i)) - (b.close(i) < b.open(i));
     }},
    {"clip(ret(1),-0.005,0.01)", 2, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) {
       return std::clamp<Real>(change(b, i), Real{-0.005}, Real{0.01});
     }},
    {"(close-open)/(high-low)", 1, 0,
     [](const Recent&, const BarSeries& b, std::size_t i) -> Real {
       return (static_cast<Real>(b.close(i)) - b.open(i)) / (static_cast<Real>(b.high(i)) - b.low(i));
     }},
};

TEST(Reference, AgreesOnStumblingBars) {
  expect_naive(kNaive, random_bars(31, 2500), 1e-11);
}

TEST(Reference, AgreesOnRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 3000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_naive(kNaive, *bars, 1e-10);
}

// Bars whose close is the given series; the rest of the bar is around it.
BarSeries bars_with_closes(const std::vector<double>& closes) {
  BarSeries bars;
  for (std::size_t i = 0; i < closes.size(); ++i) {
    const double c = closes[i];
    bars.append(bar_at(kMonday + static_cast<TimeMs>(i) * kHourMs, kH1, c, c, c, c, 1));
  }
  return bars;
}

Real two_pass_deviation(const std::vector<double>& values, std::size_t last, std::size_t n) {
  Real mean = 0, squares = 0;
  for (std::size_t i = last + 1 - n; i <= last; ++i) mean += values[i];
  mean /= static_cast<Real>(n);
  for (std::size_t i = last + 1 - n; i <= last; ++i) squares += (values[i] - mean) * (values[i] - mean);
  return std::sqrt(squares / static_cast<Real>(n));
}

TEST(Variance, IsSoundWhereTheMeanIsAHundredMillionTimesTheSpread) {
  Random random(8);
  std::vector<double> closes;
  for (int i = 0; i < 3000; ++i) closes.push_back(1e9 + 10 * random.uniform());
  const std::vector<double> deviations = values_of("std(close,50)", bars_with_closes(closes));
  for (std::size_t i = 49; i < closes.size(); ++i) {
    const auto wanted = static_cast<double>(two_pass_deviation(closes, i, 50));
    ASSERT_NEAR(deviations[i], wanted, 1e-12 * wanted) << i;
  }
}

TEST(Variance, ForgetsASpikeAsSoonAsItHasLeftTheWindow) {
  Random random(8);
  std::vector<double> closes;
  for (int i = 0; i < 500; ++i) closes.push_back(i % 97 == 5 ? 1e14 : 1 + 1e-3 * random.uniform());
  const BarSeries bars = bars_with_closes(closes);
  const std::vector<double> deviations = values_of("std(close,20)", bars), means = values_of("sma(20)", bars),
                            weighted = values_of("wma(20)", bars);
  int clean = 0;
  for (std::size_t i = 19; i < closes.size(); ++i) {
    if (*std::max_element(closes.begin() + static_cast<std::ptrdiff_t>(i) - 19,
                          closes.begin() + static_cast<std::ptrdiff_t>(i) + 1) > 2)
      continue;
    ++clean;
    const auto wanted = static_cast<double>(two_pass_deviation(closes, i, 20));
    ASSERT_NEAR(deviations[i], wanted, 1e-12 * wanted + 1e-17) << i;
    ASSERT_NEAR(means[i], 1.0005, 1e-3);
    ASSERT_NEAR(weighted[i], 1.0005, 1e-3);
  }
  EXPECT_GT(clean, 300);
}

TEST(Variance, OfAFlatWindowIsExactlyZero) {
  const BarSeries flat = bars_with_closes(std::vector<double>(100, 0.1));
  EXPECT_EQ(values_of("std(close,7)", flat)[60], 0);
  EXPECT_EQ(values_of("sma(7)", flat)[60], 0.1);
  EXPECT_EQ(values_of("bb_upper(7,2)", flat)[60], 0.1);
  EXPECT_TRUE(std::isnan(values_of("zscore(close,7)", flat)[60]));
  EXPECT_TRUE(std::isnan(values_of("bb_pctb(7,2)", flat)[60]));
  EXPECT_EQ(values_of("cci(7)", flat)[60], 0);
  EXPECT_EQ(values_of("rsi(7)", flat)[60], 0);
  EXPECT_EQ(values_of("stoch_k(7,3)", flat)[60], 0);
  EXPECT_EQ(values_of("adx(7)", flat)[60], 0);
}

TEST(Adx, KeepsItsValueWhereThereIsNoDirectionAnyMore) {
  std::vector<double> closes;
  for (int i = 0; i < 60; ++i) closes.push_back(100 + i);
  closes.resize(1200, closes.back());
  const BarSeries bars = bars_with_closes(closes);
  // Long after the last move the sums have faded to nothing, and with them any direction.
  EXPECT_EQ(values_of("plus_di(14)", bars)[1199], 0);
  EXPECT_NEAR(values_of("adx(14)", bars)[1199], 100, 1e-9);
}

}  // namespace

std::vector<std::string> oracles::naive() {
  return specs_of(kNaive);
}

}  // namespace pawl::features
