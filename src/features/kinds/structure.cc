// Confirmed swings and what they make together: highs and lows that rise or fall, and breaks out of them.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"
#include "features/levels/market_structure.h"

namespace pawl::features {

namespace {

// 1 where the last swing of a side is above the one before it, -1 where it is below.
double change_of(const MarketStructure::Side& side) {
  if (!side.last || !side.before) return kMissing;
  return static_cast<double>((side.last->price > side.before->price) -
                             (side.last->price < side.before->price));
}

class OfStructure {
 public:
  static constexpr std::size_t kOutputs = 8;  // in the order of the kinds below

  explicit OfStructure(Parameters p) : structure_(length(p[0]), length(p[1])), first_(2 * length(p[0])) {}

  std::array<double, kOutputs> operator()(const BarBlock& bars, std::size_t i) {
    const MarketStructure::Break made = structure_.update(bars.high[i], bars.low[i], bars.close[i]);
    const MarketStructure::Side &highs = structure_.highs(), &lows = structure_.lows();
    const bool any_known = structure_.newest_bar() >= first_;
    return {highs.last ? highs.last->price : kMissing,
            lows.last ? lows.last->price : kMissing,
            age_of(highs),
            age_of(lows),
            change_of(highs),
            change_of(lows),
            any_known ? (made.against ? 0 : made.direction) : kMissing,
            any_known ? (made.against ? made.direction : 0) : kMissing};
  }
  void save(ByteWriter& out) const { structure_.save(out); }
  bool load(ByteReader& in) { return structure_.load(in); }

 private:
  double age_of(const MarketStructure::Side& side) const {
    return side.last ? static_cast<double>(structure_.newest_bar() - side.last->made) : kMissing;
  }

  MarketStructure structure_;
  std::uint64_t first_;  // bar with which a swing can be known
};

std::vector<Parameter> swing_parameters() {
  // A swing must be younger than the lookback once it is confirmed.
  constexpr double kWidestSwing = 50, kLongestLookback = 5000;
  return {length_parameter("swing", 10, 1, kWidestSwing),
          length_parameter("lookback", 500, kWidestSwing + 1, kLongestLookback)};
}

// A break is by a swing of the lookback and known to be one by the breaks of another lookback before it.
std::size_t structure_memory(Parameters p, double) {
  return 2 * length(p[1]) + 2 * length(p[0]) + 2;
}

FeatureKind make_kind(std::string name, std::size_t output, Unit unit, std::string help) {
  return {.name = std::move(name),
          .parameters = swing_parameters(),
          .unit = unit,
          .help = std::move(help),
          .source = "Williams 1995 (fractals); docs/levels.md",
          .cost = "O(swing)",
          .family = "structure",
          .output = output,
          .outputs = OfStructure::kOutputs,
          .warm_up = [](Parameters p) { return 2 * length(p[0]); },
          .make = [](Parameters p) { return on_bars_for_family<OfStructure>(p); },
          .memory_bars = structure_memory};
}

FeatureKind swing_structure_kind() {
  return {
      .name = "swing_structure",
      .parameters = swing_parameters(),
      .unit = Unit::ratio,
      .help =
          "Both sides of the structure: swing_highs + swing_lows; 2 where highs and lows rise, -2 where both "
          "fall.",
      .source = "Dow; docs/levels.md",
      .cost = "O(swing)",
      .definition = [](Parameters p) {
        return fmt::format("swing_highs({},{})+swing_lows({},{})", p[0], p[1], p[0], p[1]);
      }};
}

}  // namespace

struct StructureKinds {
  static FeatureKinds all() {
    return {
        make_kind("swing_high", 0, Unit::price, "Price of the last confirmed swing high."),
        make_kind("swing_low", 1, Unit::price, "Price of the last confirmed swing low."),
        make_kind("swing_high_age", 2, Unit::ratio, "Bars since the bar of the last confirmed swing high."),
        make_kind("swing_low_age", 3, Unit::ratio, "Bars since the bar of the last confirmed swing low."),
        make_kind(
            "swing_highs", 4, Unit::ratio,
            "1 where the last confirmed swing high is above the one before it (HH), -1 where below (LH)."),
        make_kind(
            "swing_lows", 5, Unit::ratio,
            "1 where the last confirmed swing low is above the one before it (HL), -1 where below (LL)."),
        make_kind(
            "bos", 6, Unit::ratio,
            "Break of structure: 1 on the first close above the last swing high, -1 below the last swing "
            "low, where the last break did not go the other way; else 0."),
        make_kind(
            "choch", 7, Unit::ratio,
            "Change of character: 1 on the first close above the last swing high, -1 below the last swing "
            "low, where the last break went the other way; else 0."),
        swing_structure_kind()};
  }
};
template FeatureKinds kinds_of<StructureKinds>();

}  // namespace pawl::features
