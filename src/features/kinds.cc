#include <array>

#include "features/kinds/kinds.h"

namespace pawl::features {

const std::vector<FeatureKind>& feature_kinds() {
  static const std::vector<FeatureKind> kinds = {
      // prices of a bar
      typical_kind(),
      // averages
      sma_kind(),
      ema_kind(),
      wma_kind(),
      wilder_kind(),
      wilder_sum_kind(),
      // momentum and trend
      rsi_kind(),
      macd_kind(),
      macd_signal_kind(),
      macd_hist_kind(),
      plus_dm_kind(),
      minus_dm_kind(),
      di_kind(),
      adx_of_kind(),
      plus_di_kind(),
      minus_di_kind(),
      adx_kind(),
      cci_of_kind(),
      cci_kind(),
      // place within a range
      stoch_k_kind(),
      stoch_d_kind(),
      willr_kind(),
      donchian_kind(),
      clv_kind(),
      body_kind(),
      // volatility
      tr_kind(),
      atr_kind(),
      bb_upper_kind(),
      bb_lower_kind(),
      bb_pctb_kind(),
      bb_width_kind(),
      std_kind(),
      zscore_kind(),
      realised_vol_kind(),
      // returns
      roc_kind(),
      ret_kind(),
      logret_kind(),
      // volume
      signed_volume_kind(),
      obv_kind(),
      obv_slope_kind(),
      mfi_kind(),
      volume_ratio_kind(),
      // the market's day
      session_high_kind(),
      session_low_kind(),
      prior_day_high_kind(),
      prior_day_low_kind(),
      prior_day_close_kind(),
      pivot_p_kind(),
      vwap_kind(),
      // the nearest support or resistance
      level_price_kind(),
      level_distance_kind(),
      level_strength_kind(),
      level_type_kind(),
      level_source_kind(),
      // time
      hour_sin_kind(),
      hour_cos_kind(),
      day_sin_kind(),
      day_cos_kind(),
      // on any expression
      lag_kind(),
      skip_kind(),
      place_kind(),
      sum_kind(),
      min_kind(),
      max_kind(),
      abs_kind(),
      log_kind(),
      sign_kind(),
      clip_kind(),
  };
  return kinds;
}

const FeatureKind* find_feature_kind(std::string_view name) {
  for (const FeatureKind& kind : feature_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

std::string_view unit_name(Unit unit) {
  static constexpr std::array<std::string_view, 5> kNames = {"price", "percent", "ratio", "volume",
                                                             "as the input"};
  return kNames[static_cast<std::size_t>(unit)];
}

std::size_t FeatureKind::warm_up_in(const Market& market, std::span<const double> given) const {
  return in_market ? in_market->warm_up(given, market) : warm_up(given);
}

std::unique_ptr<Feature> FeatureKind::make_in(const Market& market, std::span<const double> given) const {
  return in_market ? in_market->make(given, market) : make(given);
}

std::size_t FeatureKind::memory_bars_in(const Market& market, std::span<const double> given,
                                        double eps) const {
  return in_market ? in_market->memory_bars(given, eps, market) : memory_bars(given, eps);
}

}  // namespace pawl::features
