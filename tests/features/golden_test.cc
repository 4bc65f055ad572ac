// The golden values of the reference page: TA-Lib's own output for 200 generated bars.
#include "features/bars_for_features.h"
#include "features/oracles.h"

namespace pawl::features {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct Golden {
  const char* spec;
  std::size_t first;                // index of the first value
  double at_first, at_100, at_199;  // NaN: not listed
};

constexpr Golden kGolden[] = {
    {"sma(20)", 19, 1.10007, 1.1066845, 1.112595},
    {"ema(20)", 19, 1.10007, 1.106295448, 1.112163551},
    {"rsi(14)", 14, 42.84615385, 43.92503546, 48.24629745},
    {"macd(12,26,9)", 33, -0.0003393398862, -0.000952774833, 0.0002763962601},
    {"macd_signal(12,26,9)", 33, -0.001388966151, -0.0006306527927, 0.0006060398073},
    {"macd_hist(12,26,9)", 33, -0.0003393398862 + 0.001388966151, -0.000952774833 + 0.0006306527927,
     0.0002763962601 - 0.0006060398073},
    {"atr(14)", 14, 0.001844285714, 0.002094254851, 0.001887426799},
    {"adx(14)", 27, 40.48285646, 15.72553412, 13.63052693},
    {"plus_di(14)", 14, kNone, kNone, 14.89644025},
    {"minus_di(14)", 14, kNone, kNone, 20.22014566},
    {"bb_upper(20,2)", 19, kNone, kNone, 1.115048589},
    {"bb_lower(20,2)", 19, kNone, kNone, 1.110141411},
    {"stoch_k(14,3)", 15, kNone, kNone, 22.45154328},
    {"stoch_d(14,3,3)", 17, kNone, kNone, 20.79401341},
    {"willr(14)", 13, -87.35177866, -69.49404762, -73.59098229},
    {"cci(14)", 13, -120.2721088, -66.83929873, -67.57164404},
    {"obv", 0, 799, 2449, 4345},
    {"roc(12)", 12, -0.02181163833, -0.006334956289, -0.1724339228},
    {"sar(0.02,0.2)", 1, 1.09953, 1.108126979, 1.114762367},
    {"ichimoku_tenkan(9)", 8, kNone, kNone, 1.11268},
    {"ichimoku_kijun(26)", 25, kNone, kNone, 1.111315},
    {"ichimoku_span_a(9,26,26)", 51, kNone, kNone, 1.1106175},
    {"ichimoku_span_b(52,26)", 77, kNone, kNone, 1.10711},
    {"keltner_upper(20,10,2)", 19, kNone, kNone, 1.115925601},
    {"keltner_lower(20,10,2)", 19, kNone, kNone, 1.108401502},
    {"rolling_vwap(20)", 19, kNone, kNone, 1.11254643},
};

// The table prints ten significant digits.
void expect_golden(double value, double golden, const char* spec, std::size_t at) {
  if (std::isnan(golden)) return;
  EXPECT_NEAR(value, golden, 1e-9 * std::max(std::fabs(golden), 1e-3)) << spec << " at " << at;
}

TEST(Golden, TheGeneratorMakesTheBarsOfThePage) {
  const BarSeries bars = golden_bars();
  EXPECT_EQ(bars.open(0), 1.10000);
  EXPECT_EQ(bars.high(0), 1.10085);
  EXPECT_EQ(bars.low(0), 1.09953);
  EXPECT_EQ(bars.close(0), 1.10033);
  EXPECT_EQ(bars.volume(1), 827);
  EXPECT_EQ(bars.close(199), 1.11155);
  EXPECT_EQ(bars.volume(199), 683);
}

TEST(Golden, EveryListedSeriesAgrees) {
  const BarSeries bars = golden_bars();
  for (const Golden& golden : kGolden) {
    const std::vector<double> values = values_of(golden.spec, bars);
    EXPECT_EQ(first_value(values), golden.first) << golden.spec;
    expect_golden(values[golden.first], golden.at_first, golden.spec, golden.first);
    expect_golden(values[100], golden.at_100, golden.spec, 100);
    expect_golden(values[199], golden.at_199, golden.spec, 199);
  }
}

TEST(Golden, OneListGivesWhatEachFeatureGivesAlone) {
  const BarSeries bars = golden_bars();
  std::vector<std::string> specs;
  for (const Golden& golden : kGolden) specs.push_back(golden.spec);
  const FeatureFrame frame = rows_of(parse_list(specs), bars);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    EXPECT_EQ(column_of(frame, i)[199], values_of(specs[i], bars)[199]) << specs[i];
  }
}

}  // namespace

std::vector<std::string> oracles::golden() {
  std::vector<std::string> specs;
  for (const Golden& golden : kGolden) specs.emplace_back(golden.spec);
  return specs;
}

}  // namespace pawl::features
