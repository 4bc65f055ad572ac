// Volume-weighted mean prices: of the market's day so far, with its deviation and bands, and of the last n
// bars.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"
#include "features/levels/market_day.h"

namespace pawl::features {

namespace {

class OfTodaysVolume {
 public:
  static constexpr std::size_t kOutputs = 2;  // in the order of the kinds below

  explicit OfTodaysVolume(MarketCalendar calendar) : day_(std::move(calendar)) {}
  std::array<double, kOutputs> operator()(const BarBlock& bars, std::size_t i) {
    day_.update(bars, i);
    const double typical = (bars.high[i] + bars.low[i] + bars.close[i]) / 3, volume = bars.volume[i];
    if (day_.just_begun()) volume_ = mean_ = squares_ = 0;
    if (volume > 0) {
      // West 1979: each price moves the mean by its part of the volume, and no squares of prices are
      // subtracted.
      volume_ += volume;
      const double difference = typical - mean_;
      mean_ += difference * (volume / volume_);
      squares_ += volume * difference * (typical - mean_);
    }
    const double vwap = day_.vwap();
    return {vwap, is_missing(vwap) ? kMissing : std::sqrt(larger(squares_ / volume_, 0))};
  }
  void save(ByteWriter& out) const {
    day_.save(out);
    for (const double value : {volume_, mean_, squares_}) out.f64(value);
  }
  bool load(ByteReader& in) {
    if (!day_.load(in)) return false;
    for (double* value : {&volume_, &mean_, &squares_}) *value = in.f64();
    return true;
  }

 private:
  MarketDay day_;
  double volume_ = 0, mean_ = 0, squares_ = 0;  // of today; squares of the distances from the mean
};

FeatureKind of_today(std::string name, std::size_t output, std::string help) {
  return {
      .name = std::move(name),
      .version = 2,
      .needs_volume = true,
      .unit = Unit::price,
      .help = std::move(help),
      .source = "Berkowitz, Logue, Noser 1988; West 1979",
      .family = "todays_volume",
      .output = output,
      .outputs = OfTodaysVolume::kOutputs,
      .in_market = FeatureKind::InMarket{
          .warm_up = [](Parameters, const Market& market) { return most_bars_a_day(market) - 1; },
          .make = [](Parameters,
                     const Market& market) { return on_bars_for_family<OfTodaysVolume>(market.calendar); },
          .memory_bars = [](Parameters, double, const Market& market) { return most_bars_a_day(market); }}};
}

FeatureKind vwap_kind() {
  return of_today(
      "vwap", 0,
      "Volume-weighted mean of TP = (H + L + C) / 3 over the market's day so far; missing without "
      "volume.");
}

FeatureKind vwap_sigma_kind() {
  return of_today(
      "vwap_sigma", 1,
      "Volume-weighted deviation from vwap over the market's day so far: sqrt(sum(V (TP - vwap)^2) / "
      "sum(V)).");
}

FeatureKind defined_kind(std::string name, std::vector<Parameter> parameters, Unit unit, std::string help,
                         std::string (*definition)(Parameters)) {
  return {.name = std::move(name),
          .parameters = std::move(parameters),
          .needs_volume = true,
          .unit = unit,
          .help = std::move(help),
          .source = "common practice",
          .definition = definition};
}

Parameter deviations() {
  return {.name = "k", .default_value = 2, .min = 0.01, .max = 100, .fractional = true};
}

FeatureKind vwap_upper_kind() {
  return defined_kind("vwap_upper", {deviations()}, Unit::price,
                      "Upper band of the day's vwap: vwap + k vwap_sigma.",
                      [](Parameters p) { return fmt::format("vwap+{}*vwap_sigma", p[0]); });
}

FeatureKind vwap_lower_kind() {
  return defined_kind("vwap_lower", {deviations()}, Unit::price,
                      "Lower band of the day's vwap: vwap - k vwap_sigma.",
                      [](Parameters p) { return fmt::format("vwap-{}*vwap_sigma", p[0]); });
}

FeatureKind vwap_distance_kind() {
  return defined_kind("vwap_distance", {length_parameter("atr", 14)}, Unit::ratio,
                      "Distance from the day's vwap: (C - vwap) / atr(atr).",
                      [](Parameters p) { return fmt::format("(close-vwap)/atr({})", p[0]); });
}

FeatureKind rolling_vwap_kind() {
  return defined_kind(
      "rolling_vwap", {length_parameter("n", 20)}, Unit::price,
      "Volume-weighted mean of TP = (H + L + C) / 3 over n bars; TP where there was no volume.",
      [](Parameters p) {
        return fmt::format("ratio_or(sum(typical*volume,{}),sum(volume,{}),typical)", p[0], p[0]);
      });
}

}  // namespace

struct VwapKinds {
  static FeatureKinds all() {
    return {vwap_kind(),       vwap_sigma_kind(),    vwap_upper_kind(),
            vwap_lower_kind(), vwap_distance_kind(), rolling_vwap_kind()};
  }
};
template FeatureKinds kinds_of<VwapKinds>();

}  // namespace pawl::features
