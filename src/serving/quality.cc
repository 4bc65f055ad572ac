#include "serving/quality.h"

#include <algorithm>
#include <cmath>

namespace pawl::serving {

namespace {

double confidence_part(double confidence) {
  if (confidence > 0.85) return 1.0;
  if (confidence > 0.75) return 0.8;
  if (confidence > 0.65) return 0.6;
  return confidence > 0.55 ? 0.4 : 0.2;
}

// The share of what is known that points the side's way; what points nowhere counts half.
double trend_part(double direction, std::span<const double> stacks) {
  double agreed = 0;
  int known = 0;
  for (const double stack : stacks) {
    if (std::isnan(stack)) continue;
    ++known;
    agreed += direction * stack > 0 ? 1.0 : stack == 0 ? 0.5 : 0.0;
  }
  return known == 0 ? 0.0 : agreed / known;
}

double volatility_part(double atr_z) {
  const double z = std::fabs(atr_z);
  if (z < 0.5) return 1.0;
  if (z < 1.0) return 0.8;
  if (z < 1.5) return 0.6;
  return z < 2.0 ? 0.3 : 0.1;  // a NaN is here too
}

// RSI as the side sees it: nothing below 40, all from 60 on, half where the move is stretched already.
double rsi_part(double rsi) {
  if (std::isnan(rsi)) return 0.0;
  return rsi > 75 ? 0.5 : std::clamp((rsi - 40) / 20, 0.0, 1.0);
}

}  // namespace

Quality quality_of(Side side, double confidence, const MarketView& view) {
  Quality quality;
  quality.confidence = confidence_part(confidence);
  quality.volatility = volatility_part(view.atr_z);
  if (side != Side::hold) {
    const double direction = side == Side::buy ? 1 : -1;
    quality.trend = trend_part(direction, view.stacks);
    const double rsi = side == Side::buy ? view.rsi : 100 - view.rsi;
    const double roc = direction * view.roc > 0 ? 1.0 : view.roc == 0 ? 0.5 : 0.0;
    quality.momentum = (rsi_part(rsi) + roc) / 2;
  }
  const double score =
      40 * quality.confidence + 25 * quality.trend + 20 * quality.volatility + 15 * quality.momentum;
  quality.score = std::round(score * 100) / 100;
  return quality;
}

double position_size_of(double score) {
  if (score >= 80) return 1.0;
  if (score >= 65) return 0.75;
  return score >= 50 ? 0.5 : 0.25;
}

}  // namespace pawl::serving
