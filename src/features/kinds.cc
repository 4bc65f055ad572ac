#include "features/kinds/kinds.h"

namespace pawl::features {

const std::vector<FeatureKind>& feature_kinds() {
  static const std::vector<FeatureKind> kinds = {
      // averages
      sma_kind(),
      ema_kind(),
      wma_kind(),
      // momentum and trend
      rsi_kind(),
      macd_kind(),
      macd_signal_kind(),
      macd_hist_kind(),
      plus_di_kind(),
      minus_di_kind(),
      adx_kind(),
      cci_kind(),
      // place within a range
      stoch_k_kind(),
      stoch_d_kind(),
      willr_kind(),
      donchian_kind(),
      clv_kind(),
      body_kind(),
      // volatility
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
      obv_kind(),
      obv_slope_kind(),
      mfi_kind(),
      volume_ratio_kind(),
      // time
      hour_sin_kind(),
      hour_cos_kind(),
      day_sin_kind(),
      day_cos_kind(),
      // on any expression
      lag_kind(),
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

}  // namespace pawl::features
