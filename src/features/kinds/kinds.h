// The declarations of the kinds that stand in kinds/*.cc, for the list in kinds.cc.
#pragma once

#include "features/feature.h"

namespace pawl::features {

// moving_averages.cc
FeatureKind sma_kind();
FeatureKind ema_kind();
FeatureKind wma_kind();
// rsi.cc
FeatureKind rsi_kind();
// macd.cc
FeatureKind macd_kind();
FeatureKind macd_signal_kind();
FeatureKind macd_hist_kind();
// atr.cc
FeatureKind atr_kind();
// directional.cc
FeatureKind plus_di_kind();
FeatureKind minus_di_kind();
FeatureKind adx_kind();
// bollinger.cc
FeatureKind bb_upper_kind();
FeatureKind bb_lower_kind();
FeatureKind bb_pctb_kind();
FeatureKind bb_width_kind();
// ranges.cc
FeatureKind stoch_k_kind();
FeatureKind stoch_d_kind();
FeatureKind willr_kind();
FeatureKind donchian_kind();
// cci.cc
FeatureKind cci_kind();
// returns.cc
FeatureKind roc_kind();
FeatureKind ret_kind();
FeatureKind logret_kind();
FeatureKind lag_kind();
// dispersion.cc
FeatureKind std_kind();
FeatureKind zscore_kind();
FeatureKind realised_vol_kind();
// extremes.cc
FeatureKind min_kind();
FeatureKind max_kind();
// volume.cc
FeatureKind obv_kind();
FeatureKind obv_slope_kind();
FeatureKind mfi_kind();
FeatureKind volume_ratio_kind();
// bar_shape.cc
FeatureKind clv_kind();
FeatureKind body_kind();
// clock.cc
FeatureKind hour_sin_kind();
FeatureKind hour_cos_kind();
FeatureKind day_sin_kind();
FeatureKind day_cos_kind();
// elementwise.cc
FeatureKind abs_kind();
FeatureKind log_kind();
FeatureKind sign_kind();
FeatureKind clip_kind();

}  // namespace pawl::features
