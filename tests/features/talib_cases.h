// What is compared with TA-Lib, how strictly, and who decides where TA-Lib itself is wrong.
//
// |a − b| ≤ 1e-9 · max(|b|, scale) at every bar from TA-Lib's first on, and nothing before it. The scale
// keeps a value near zero from being held to digits that doubles do not have: a basis point of the kind's
// full scale.
//
// TA-Lib's rolling sums carry every rounding of the past along. Where that costs more than the tolerance, an
// exact value decides: the formula over the whole window, in long double, anew at every bar. What is known:
//   wma      its two sums drift: after 400,000 bars of BTC/USDT 8 digits are left.
//   stoch_*  likewise, but within tolerance: what should be 0 is 1e-12.
//   cci      where all typical prices are the same, it divides what rounding left by what rounding left and
//            says ±66.7; ours says 0. Where they differ by no more than roundings of (H + L + C) / 3, no
//            answer is right and none is compared. Where they nearly do, it loses digits.
//   mfi      it says 0 where less than 1 flowed (in money), ours what the formula says, and missing where
//            nothing flowed; and what has left its window leaves a trace.
//   stoch_rsi  while the close stands still the index does too, but for its rounding, and its place in that
//            is no answer: none is compared. Where it hardly moves, its place has as many digits less.
//   corr     sums of squares as below; and 0 where one of both stands still, where ours is missing.
//   std, bb  E[x²] − E[x]² loses the digits that price² has before the variance: these are held to the exact
//            value at every bar, and TA-Lib only to 11 digits of price².
#pragma once

#include <string>
#include <vector>

#include "base/format.h"
#include "features/expr.h"
#include "features/talib_exact.h"

namespace pawl::features {

enum class Scale {
  value,        // none: prices, whose digits are their own
  price_point,  // a basis point of the close: differences of prices
  percent,      // 0.01 of 100
  ratio_point,  // 0.0001 of 1
  ratio,        // 1
};

struct Case {
  std::string spec;
  Scale scale = Scale::value;
  exact::Formula exact = nullptr;
  enum class Judge {
    talib,             // alone
    talib_then_exact,  // TA-Lib, and where it differs the exact value
    exact,             // TA-Lib's variance is asked roughly as well
    exact_alone,       // TA-Lib has no such function
  } judge = Judge::talib;
};

// Every kind that TA-Lib has, with usual, short and long windows.
inline std::vector<Case> talib_cases() {
  using Judge = Case::Judge;
  std::vector<Case> cases;
  const auto add = [&](std::initializer_list<const char*> specs, Scale scale, exact::Formula exact = nullptr,
                       Judge judge = Judge::talib) {
    for (const char* spec : specs) cases.push_back({spec, scale, exact, judge});
  };
  add({"sma(5)", "sma(20)", "sma(200)"}, Scale::value);
  add({"ema(2)", "ema(12)", "ema(200)"}, Scale::value);
  add({"wma(2)", "wma(20)", "wma(200)"}, Scale::value, exact::wma, Judge::talib_then_exact);
  add({"min(low,2)", "min(low,20)", "min(low,200)", "max(high,2)", "max(high,20)", "max(high,200)"},
      Scale::value);
  add({"rsi(2)", "rsi(14)", "rsi(100)"}, Scale::percent);
  for (const char* settings : {"(12,26,9)", "(3,10,4)", "(50,200,30)"}) {
    for (const char* line : {"macd", "macd_signal", "macd_hist"}) {
      cases.push_back({fmt::format("{}{}", line, settings), Scale::price_point});
    }
  }
  add({"plus_di(3)", "plus_di(14)", "plus_di(60)", "minus_di(3)", "minus_di(14)", "minus_di(60)"},
      Scale::percent);
  add({"adx(3)", "adx(14)", "adx(60)"}, Scale::percent);
  add({"atr(1)", "atr(14)", "atr(100)"}, Scale::price_point);
  add({"stoch_k(14,3)", "stoch_k(5,1)", "stoch_k(100,10)"}, Scale::percent);
  add({"stoch_d(14,3,3)", "stoch_d(5,1,3)", "stoch_d(60,10,5)"}, Scale::percent);
  add({"willr(2)", "willr(14)", "willr(200)"}, Scale::percent);
  add({"cci(5)", "cci(14)", "cci(100)"}, Scale::ratio, exact::cci, Judge::talib_then_exact);
  add({"roc(1)", "roc(12)", "roc(200)"}, Scale::percent);
  add({"obv"}, Scale::value);
  add({"mfi(2)", "mfi(14)", "mfi(100)"}, Scale::percent, exact::mfi, Judge::talib_then_exact);
  add({"std(close,2)", "std(close,20)", "std(close,100)"}, Scale::price_point, exact::deviation,
      Judge::exact);
  add({"bb_upper(20,2)", "bb_upper(5,1.5)", "bb_upper(100,3)"}, Scale::value, exact::upper, Judge::exact);
  add({"bb_lower(20,2)", "bb_lower(5,1.5)", "bb_lower(100,3)"}, Scale::value, exact::lower, Judge::exact);
  add({"bb_pctb(20,2)", "bb_pctb(5,1.5)", "bb_pctb(100,3)"}, Scale::ratio, exact::pctb, Judge::exact_alone);
  add({"bb_width(20,2)", "bb_width(5,1.5)", "bb_width(100,3)"}, Scale::ratio_point, exact::width,
      Judge::exact_alone);
  const auto known = [](const char* kind) { return find_feature_kind(kind) != nullptr; };
  if (known("tr")) add({"tr"}, Scale::price_point);
  if (known("plus_dm")) add({"plus_dm"}, Scale::price_point);
  if (known("minus_dm")) add({"minus_dm"}, Scale::price_point);
  if (known("sar")) add({"sar(0.02,0.2)", "sar(0.05,0.5)"}, Scale::value);
  if (known("stoch_rsi_k")) {
    add({"stoch_rsi_k(14,5)", "stoch_rsi_k(5,14)"}, Scale::ratio, exact::fast_stochastic,
        Judge::talib_then_exact);
    add({"stoch_rsi_d(14,5,3)", "stoch_rsi_d(14,14,3)"}, Scale::ratio, exact::fast_stochastic_mean,
        Judge::talib_then_exact);
  }
  if (known("momentum")) add({"momentum(1)", "momentum(10)"}, Scale::price_point);
  if (known("typical")) add({"typical", "median_price"}, Scale::value);
  if (known("donchian_mid")) add({"donchian_mid(9)", "donchian_mid(52)"}, Scale::value);
  if (known("corr")) {
    add({"corr(close,volume,5)", "corr(close,volume,20)", "corr(close,volume,100)"}, Scale::ratio,
        exact::correlation, Judge::talib_then_exact);
  }
  return cases;
}

// One case over one series: how far ours was from what decided, at worst.
struct Agreement {
  double worst = 0;  // |a − b| / max(|b|, scale)
  std::size_t worst_bar = 0;
  double worst_ours = 0, worst_theirs = 0;
  std::size_t bars = 0;           // compared
  std::size_t overruled = 0;      // bars on which TA-Lib has a value and the exact one was asked instead
  std::size_t disagreements = 0;  // bars beyond tolerance
  std::string first_disagreement;
};

inline constexpr double kTolerance = 1e-9;
inline constexpr double kVarianceTolerance = 1e-11;  // of price²

inline double scale_of(const Case& one, const BarSeries& bars, std::size_t bar) {
  switch (one.scale) {
    case Scale::value:
      return 0;
    case Scale::price_point:
      return 1e-4 * std::fabs(bars.close(bar));
    case Scale::percent:
      return 0.01;
    case Scale::ratio_point:
      return 1e-4;
    case Scale::ratio:
      return 1;
  }
  return 0;
}

// 0 where both are missing, infinite where one is.
inline double distance(double ours, double theirs, double scale) {
  if (std::isnan(ours) && std::isnan(theirs)) return 0;
  if (std::isnan(ours) || std::isnan(theirs)) return std::numeric_limits<double>::infinity();
  const double difference = std::fabs(ours - theirs);
  return difference == 0 ? 0 : difference / std::max(std::fabs(theirs), scale);
}

class Comparison {
 public:
  Comparison(const Case& one, exact::Series& series, const Expr& expr)
      : case_(one), series_(series), parameters_(expr.parameters) {}

  // Before the first value there is none.
  void before(std::size_t bar, double ours) { note(bar, ours, kMissing, 0); }
  void at(std::size_t bar, double ours, double talib) {
    ++result_.bars;
    const double scale = scale_of(case_, series_.bars(), bar);
    const bool ask_talib = case_.judge == Case::Judge::talib || case_.judge == Case::Judge::talib_then_exact;
    if (ask_talib && (distance(ours, talib, scale) <= kTolerance || case_.exact == nullptr)) {
      note(bar, ours, talib, scale);
      return;
    }
    const auto exact = case_.exact(series_, bar, parameters_);
    if (!exact) return;
    if (ask_talib && !std::isnan(*exact)) ++result_.overruled;
    const bool right = note(bar, ours, static_cast<double>(*exact), scale);
    if (right && case_.judge == Case::Judge::exact) check_variance(bar, ours, talib);
  }
  const Agreement& result() const { return result_; }

 private:
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  // True where ours is right.
  bool note(std::size_t bar, double ours, double theirs, double scale) {
    const double off = distance(ours, theirs, scale);
    if (off > result_.worst) {
      result_.worst = off;
      result_.worst_bar = bar;
      result_.worst_ours = ours;
      result_.worst_theirs = theirs;
    }
    if (off <= kTolerance) return true;
    disagree(bar, ours, theirs);
    return false;
  }
  void disagree(std::size_t bar, double ours, double theirs) {
    if (result_.disagreements++ == 0) {
      result_.first_disagreement = fmt::format("bar {}: {} and not {}", bar, ours, theirs);
    }
  }
  // What a deviation, or a band around the exact mean, says of the variance.
  double variance_of(double value, double mean) const {
    const double deviation = parameters_.size() > 1 ? (value - mean) / parameters_[1] : value;
    return deviation * deviation;
  }
  void check_variance(std::size_t bar, double ours, double talib) {
    const auto mean = static_cast<double>(series_.moments(exact::window_of(parameters_), bar).mean);
    const double off = std::fabs(variance_of(ours, mean) - variance_of(talib, mean));
    if (!(off <= kVarianceTolerance * mean * mean)) disagree(bar, ours, talib);
  }

  const Case& case_;
  exact::Series& series_;
  exact::Parameters parameters_;
  Agreement result_;
};

// `ours` and `talib` are one value a bar; `talib` is empty where it has no such function.
inline Agreement compare(const Case& one, exact::Series& series, const std::vector<double>& ours,
                         const std::vector<double>& talib) {
  const auto expr = parse_expression(one.spec, kH1);
  Comparison comparison(one, series, *expr);
  std::size_t first = 0;
  if (talib.empty()) {
    first = exact::window_of(expr->parameters) - 1;
  } else {
    while (first < talib.size() && std::isnan(talib[first])) ++first;
  }
  for (std::size_t bar = 0; bar < ours.size(); ++bar) {
    if (bar < first) {
      comparison.before(bar, ours[bar]);
    } else {
      comparison.at(bar, ours[bar], talib.empty() ? 0 : talib[bar]);
    }
  }
  return comparison.result();
}

}  // namespace pawl::features
