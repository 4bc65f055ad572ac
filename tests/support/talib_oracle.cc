#include "support/talib_oracle.h"

#include <ta_libc.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

namespace pawl::test {

namespace {

// What every function of TA-Lib is given and gives.
struct Call {
  const double *open, *high, *low, *close, *volume;
  int last;                                // bar
  std::span<const double> p;               // ours
  std::array<std::vector<double>, 3> out;  // each as long as the bars
  int begin = 0, count = 0;                // bar of the first output, and how many there are

  int n(std::size_t parameter) const { return static_cast<int>(p[parameter]); }
  double* line(std::size_t i) { return out[i].data(); }
};

struct Function {
  TA_RetCode (*call)(Call&);
  std::size_t line = 0;  // of those that it gives
};

TA_RetCode macd(Call& c) {
  return TA_MACD(0, c.last, c.close, c.n(0), c.n(1), c.n(2), &c.begin, &c.count, c.line(0), c.line(1),
                 c.line(2));
}
TA_RetCode bollinger(Call& c) {
  return TA_BBANDS(0, c.last, c.close, c.n(0), c.p[1], c.p[1], TA_MAType_SMA, &c.begin, &c.count, c.line(0),
                   c.line(1), c.line(2));
}
// Both lines of TA_STOCH begin with %D. A %D over one bar is %K and lets it begin where ours does.
TA_RetCode stochastic(Call& c) {
  const int slow_d = c.p.size() > 2 ? c.n(2) : 1;
  return TA_STOCH(0, c.last, c.high, c.low, c.close, c.n(0), c.n(1), TA_MAType_SMA, slow_d, TA_MAType_SMA,
                  &c.begin, &c.count, c.line(0), c.line(1));
}

const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> all = {
      {"sma", {[](Call& c) { return TA_SMA(0, c.last, c.close, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"ema", {[](Call& c) { return TA_EMA(0, c.last, c.close, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"wma", {[](Call& c) { return TA_WMA(0, c.last, c.close, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"rsi", {[](Call& c) { return TA_RSI(0, c.last, c.close, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"roc", {[](Call& c) { return TA_ROC(0, c.last, c.close, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"min", {[](Call& c) { return TA_MIN(0, c.last, c.low, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"max", {[](Call& c) { return TA_MAX(0, c.last, c.high, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"std",
       {[](Call& c) { return TA_STDDEV(0, c.last, c.close, c.n(0), 1, &c.begin, &c.count, c.line(0)); }}},
      {"macd", {macd, 0}},
      {"macd_signal", {macd, 1}},
      {"macd_hist", {macd, 2}},
      {"bb_upper", {bollinger, 0}},
      {"bb_lower", {bollinger, 2}},
      {"stoch_k", {stochastic, 0}},
      {"stoch_d", {stochastic, 1}},
      {"plus_di", {[](Call& c) {
         return TA_PLUS_DI(0, c.last, c.high, c.low, c.close, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"minus_di", {[](Call& c) {
         return TA_MINUS_DI(0, c.last, c.high, c.low, c.close, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"adx", {[](Call& c) {
         return TA_ADX(0, c.last, c.high, c.low, c.close, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"atr", {[](Call& c) {
         return TA_ATR(0, c.last, c.high, c.low, c.close, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"willr", {[](Call& c) {
         return TA_WILLR(0, c.last, c.high, c.low, c.close, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"cci", {[](Call& c) {
         return TA_CCI(0, c.last, c.high, c.low, c.close, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"tr",
       {[](Call& c) { return TA_TRANGE(0, c.last, c.high, c.low, c.close, &c.begin, &c.count, c.line(0)); }}},
      // Over one bar it is not smoothed.
      {"plus_dm",
       {[](Call& c) { return TA_PLUS_DM(0, c.last, c.high, c.low, 1, &c.begin, &c.count, c.line(0)); }}},
      {"minus_dm",
       {[](Call& c) { return TA_MINUS_DM(0, c.last, c.high, c.low, 1, &c.begin, &c.count, c.line(0)); }}},
      {"corr", {[](Call& c) {
         return TA_CORREL(0, c.last, c.close, c.volume, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"sar", {[](Call& c) {
         return TA_SAR(0, c.last, c.high, c.low, c.p[0], c.p[1], &c.begin, &c.count, c.line(0));
       }}},
      {"stoch_rsi_k", {[](Call& c) {
         return TA_STOCHRSI(0, c.last, c.close, c.n(0), c.n(1), 1, TA_MAType_SMA, &c.begin, &c.count,
                            c.line(0), c.line(1));
       }}},
      {"stoch_rsi_d",
       {[](Call& c) {
          return TA_STOCHRSI(0, c.last, c.close, c.n(0), c.n(1), c.n(2), TA_MAType_SMA, &c.begin, &c.count,
                             c.line(0), c.line(1));
        },
        1}},
      {"momentum",
       {[](Call& c) { return TA_MOM(0, c.last, c.close, c.n(0), &c.begin, &c.count, c.line(0)); }}},
      {"typical", {[](Call& c) {
         return TA_TYPPRICE(0, c.last, c.high, c.low, c.close, &c.begin, &c.count, c.line(0));
       }}},
      {"median_price",
       {[](Call& c) { return TA_MEDPRICE(0, c.last, c.high, c.low, &c.begin, &c.count, c.line(0)); }}},
      {"donchian_mid", {[](Call& c) {
         return TA_MIDPRICE(0, c.last, c.high, c.low, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
      {"obv", {[](Call& c) { return TA_OBV(0, c.last, c.close, c.volume, &c.begin, &c.count, c.line(0)); }}},
      {"mfi", {[](Call& c) {
         return TA_MFI(0, c.last, c.high, c.low, c.close, c.volume, c.n(0), &c.begin, &c.count, c.line(0));
       }}},
  };
  return all;
}

}  // namespace

bool talib_is_here() {
  return true;
}

std::string talib_version() {
  return TA_GetVersionString();
}

std::optional<std::vector<double>> talib_values(const std::string& kind, std::span<const double> parameters,
                                                const BarSeries& bars) {
  static const TA_RetCode started = TA_Initialize();
  const auto function = functions().find(kind);
  if (started != TA_SUCCESS || function == functions().end()) return std::nullopt;
  const BarBlock all = bars.all();
  Call call = {.open = all.open.data(),
               .high = all.high.data(),
               .low = all.low.data(),
               .close = all.close.data(),
               .volume = all.volume.data(),
               .last = static_cast<int>(bars.size()) - 1,
               .p = parameters,
               .out = {}};
  for (std::vector<double>& line : call.out) line.resize(bars.size());
  if (function->second.call(call) != TA_SUCCESS) return std::nullopt;
  const std::vector<double>& line = call.out[function->second.line];
  std::vector<double> values(bars.size(), std::numeric_limits<double>::quiet_NaN());
  std::copy_n(line.begin(), call.count, values.begin() + call.begin);
  return values;
}

}  // namespace pawl::test
