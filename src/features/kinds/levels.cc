// The nearest support or resistance, as features.
#include "features/kinds/kinds.h"
#include "features/levels/level_tracker.h"

namespace pawl::features {

namespace {

LevelSettings settings_of(Parameters p) {
  return {.swing_bars = length(p[0]), .atr_bars = length(p[1]), .lookback = length(p[2])};
}

template <double (*read)(const NearestLevel&)>
class OfLevel {
 public:
  OfLevel(const LevelSettings& settings, MarketCalendar calendar) : tracker_(settings, std::move(calendar)) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    const std::optional<NearestLevel> level = tracker_.update(bars, i);
    return level ? read(*level) : kMissing;
  }
  void save(ByteWriter& out) const { tracker_.save(out); }
  bool load(ByteReader& in) { return tracker_.load(in); }

 private:
  LevelTracker tracker_;
};

// What a level is follows from the days and swings that made it; what is measured in ATR fades as that does.
std::size_t level_memory(Parameters p, double eps, const Market& market) {
  const LevelSettings settings = settings_of(p);
  const std::size_t swings = settings.lookback + 2 * settings.swing_bars;
  return std::max(swings, 2 * most_bars_a_day(market)) + 2 + wilder_memory(settings.atr_bars, eps);
}

template <double (*read)(const NearestLevel&)>
FeatureKind make_kind(std::string name, std::string unit, std::string help) {
  const LevelSettings defaults;
  const auto number = [](std::size_t value) { return static_cast<double>(value); };
  // A swing must be younger than the lookback once it is confirmed.
  constexpr double kWidestSwing = 50, kLongestLookback = 5000;
  return {
      .name = std::move(name),
      .parameters = {length_parameter("swing", number(defaults.swing_bars), 1, kWidestSwing),
                     length_parameter("atr", number(defaults.atr_bars)),
                     length_parameter("lookback", number(defaults.lookback), kWidestSwing + 1,
                                      kLongestLookback)},
      .unit = std::move(unit),
      .help = std::move(help),
      .source = "docs/levels.md",
      .in_market = FeatureKind::InMarket{.warm_up = [](Parameters p, const Market&) { return length(p[1]); },
                                         .make =
                                             [](Parameters p, const Market& market) {
                                               return on_bars<OfLevel<read>>(settings_of(p), market.calendar);
                                             },
                                         .memory_bars = level_memory}};
}

double price_of(const NearestLevel& level) {
  return level.price;
}
double distance_of(const NearestLevel& level) {
  return level.distance_atr;
}
double strength_of(const NearestLevel& level) {
  return level.strength;
}
double type_of(const NearestLevel& level) {
  return level.type == LevelType::support ? 1 : -1;
}
double source_of(const NearestLevel& level) {
  return static_cast<double>(level.source);
}

}  // namespace

FeatureKind level_price_kind() {
  return make_kind<price_of>("level_price", "price", "Price of the level nearest to the close.");
}

FeatureKind level_distance_kind() {
  return make_kind<distance_of>("level_distance", "ratio",
                                "(C - level) / ATR of the nearest level: above 0 it is support.");
}

FeatureKind level_strength_kind() {
  return make_kind<strength_of>(
      "level_strength", "percent",
      "Strength of the nearest level, 0 to 100: source, touches, recency and confluence.");
}

FeatureKind level_type_kind() {
  return make_kind<type_of>("level_type", "ratio",
                            "1 where the nearest level is support, -1 where it is resistance.");
}

FeatureKind level_source_kind() {
  return make_kind<source_of>("level_source", "ratio",
                              "Source of the nearest level: 0 swing, 1 prior day, 2 pivot, 3 round number, 4 "
                              "VWAP.");
}

}  // namespace pawl::features
