// The nearest support or resistance, as features.
#include "features/kinds/kinds.h"
#include "features/levels/level_tracker.h"

namespace pawl::features {

namespace {

LevelSettings settings_of(Parameters p) {
  return {.swing_bars = length(p[0]), .atr_bars = length(p[1]), .lookback = length(p[2])};
}

double type_of(const NearestLevel& level) {
  return level.type == LevelType::support ? 1 : -1;
}

class OfLevel {
 public:
  static constexpr std::size_t kOutputs = 11;  // in the order of the kinds below

  OfLevel(const LevelSettings& settings, MarketCalendar calendar) : tracker_(settings, std::move(calendar)) {}
  std::array<double, kOutputs> operator()(const BarBlock& bars, std::size_t i) {
    const std::optional<NearestLevel> level = tracker_.update(bars, i);
    std::array<double, kOutputs> values;
    values.fill(kMissing);
    if (!level) return values;
    const LevelOnSide &support = tracker_.support(), &resistance = tracker_.resistance();
    return {level->price,
            level->distance_atr,
            level->strength,
            type_of(*level),
            static_cast<double>(level->source),
            support.distance_atr,
            static_cast<double>(support.touches),
            support.age,
            resistance.distance_atr,
            static_cast<double>(resistance.touches),
            resistance.age};
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

FeatureKind make_kind(std::string name, std::size_t output, Unit unit, std::string help) {
  const LevelSettings defaults;
  const auto number = [](std::size_t value) { return static_cast<double>(value); };
  // A swing must be younger than the lookback once it is confirmed.
  constexpr double kWidestSwing = 50, kLongestLookback = 5000;
  return {.name = std::move(name),
          .version = 2,
          .parameters = {length_parameter("swing", number(defaults.swing_bars), 1, kWidestSwing),
                         length_parameter("atr", number(defaults.atr_bars)),
                         length_parameter("lookback", number(defaults.lookback), kWidestSwing + 1,
                                          kLongestLookback)},
          .unit = unit,
          .help = std::move(help),
          .source = "docs/levels.md",
          .cost = "O(swing)",
          .family = "level",
          .output = output,
          .outputs = OfLevel::kOutputs,
          .in_market =
              FeatureKind::InMarket{.warm_up = [](Parameters p, const Market&) { return length(p[1]); },
                                    .make =
                                        [](Parameters p, const Market& market) {
                                          return on_bars_for_family<OfLevel>(settings_of(p), market.calendar);
                                        },
                                    .memory_bars = level_memory}};
}

FeatureKind level_price_kind() {
  return make_kind("level_price", 0, Unit::price, "Price of the level nearest to the close.");
}

FeatureKind level_distance_kind() {
  return make_kind("level_distance", 1, Unit::ratio,
                   "(C - level) / ATR of the nearest level: above 0 it is support.");
}

FeatureKind level_strength_kind() {
  return make_kind("level_strength", 2, Unit::percent,
                   "Strength of the nearest level, 0 to 100: source, touches, recency and confluence.");
}

FeatureKind level_type_kind() {
  return make_kind("level_type", 3, Unit::ratio,
                   "1 where the nearest level is support, -1 where it is resistance.");
}

FeatureKind level_source_kind() {
  return make_kind("level_source", 4, Unit::ratio,
                   "Source of the nearest level: 0 swing, 1 prior day, 2 pivot, 3 round number, 4 "
                   "VWAP.");
}

// The nearest level on one side of the close; `output` is of its distance.
std::vector<FeatureKind> side_kinds(const std::string& side, std::size_t output, std::string distance) {
  return {
      make_kind(side + "_distance", output, Unit::ratio, std::move(distance)),
      make_kind(side + "_touches", output + 1, Unit::ratio,
                fmt::format("Times that the price came back to the nearest {}, since it is known.", side)),
      make_kind(side + "_age", output + 2, Unit::ratio,
                fmt::format("Bars since the nearest {} was made or last touched; the lookback for a round "
                            "number, 0 for VWAP.",
                            side))};
}

}  // namespace

struct LevelsKinds {
  static FeatureKinds all() {
    FeatureKinds kinds = {level_price_kind(), level_distance_kind(), level_strength_kind(), level_type_kind(),
                          level_source_kind()};
    for (FeatureKind& kind :
         side_kinds("support", 5, "(C - S) / ATR of the nearest support S, at or below C.")) {
      kinds.push_back(std::move(kind));
    }
    for (FeatureKind& kind :
         side_kinds("resistance", 8, "(R - C) / ATR of the nearest resistance R, above C.")) {
      kinds.push_back(std::move(kind));
    }
    return kinds;
  }
};
template FeatureKinds kinds_of<LevelsKinds>();

}  // namespace pawl::features
