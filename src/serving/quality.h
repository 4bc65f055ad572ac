// How good a prediction looks, from 0 to 100: confidence, agreement with the trend, calm, momentum. The
// weights and tiers are those that the client's risk rules were made for; docs/predict.md has the formulas.
#pragma once

#include <span>

#include "domain/side.h"

namespace pawl::serving {

// What the market says beside the model. NaN where there are too few bars.
struct MarketView {
  // By timeframe, the base first: close − ema(20), then ema(20) − ema(50).
  std::span<const double> stacks;
  double rsi = 0;    // rsi(14) of the base
  double roc = 0;    // roc(12) of the base
  double atr_z = 0;  // zscore(atr(14), 100) of the base
};

struct Quality {
  double confidence = 0, trend = 0, volatility = 0, momentum = 0;  // 0 … 1
  double score = 0;                                                // 0 … 100, to the hundredth
};
// Of a prediction that says `side` with that probability. HOLD agrees with no trend and no momentum. Always
// finite.
Quality quality_of(Side side, double confidence, const MarketView& view);

// The share of the full position that a quality stands for: 1, 0.75, 0.5 or 0.25.
double position_size_of(double score);

}  // namespace pawl::serving
