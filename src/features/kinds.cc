#include <array>

#include "features/feature.h"

namespace pawl::features {

// Defined in kinds/kinds.h and made by each file for its own kinds, so that none is declared here.
template <class File>
std::vector<FeatureKind> kinds_of();

namespace {

// A file of kinds/, or a heading: the group of those below it.
struct Line {
  std::string_view group = {};
  std::vector<FeatureKind> (*file)() = nullptr;

  constexpr Line(const char* heading) : group(heading) {}
  constexpr Line(std::vector<FeatureKind> (*kinds)()) : file(kinds) {}
};

}  // namespace

// The files of kinds/, one a line.
constexpr Line kLines[] = {
    "averages",
    kinds_of<struct MovingAveragesKinds>,
    kinds_of<struct WilderKinds>,
    "momentum and trend",
    kinds_of<struct MomentumKinds>,
    kinds_of<struct RsiKinds>,
    kinds_of<struct StochRsiKinds>,
    kinds_of<struct MacdKinds>,
    kinds_of<struct MovementKinds>,
    kinds_of<struct DirectionalKinds>,
    kinds_of<struct CciKinds>,
    kinds_of<struct SarKinds>,
    kinds_of<struct IchimokuKinds>,
    "place within a range",
    kinds_of<struct RangesKinds>,
    kinds_of<struct BarShapeKinds>,
    kinds_of<struct PriceKinds>,
    "volatility",
    kinds_of<struct BollingerKinds>,
    kinds_of<struct KeltnerKinds>,
    kinds_of<struct RangeVolatilityKinds>,
    kinds_of<struct DispersionKinds>,
    "returns, and what two series have to do with each other",
    kinds_of<struct ReturnsKinds>,
    kinds_of<struct PairsKinds>,
    "volume",
    kinds_of<struct VolumeKinds>,
    "the market's day",
    kinds_of<struct MarketDayKinds>,
    kinds_of<struct PivotsKinds>,
    kinds_of<struct VwapKinds>,
    kinds_of<struct OpeningRangeKinds>,
    "support and resistance",
    kinds_of<struct LevelsKinds>,
    kinds_of<struct RoundNumbersKinds>,
    kinds_of<struct StructureKinds>,
    "time",
    kinds_of<struct ClockKinds>,
    kinds_of<struct SessionClockKinds>,
    kinds_of<struct TradingCentresKinds>,
    kinds_of<struct BarGapKinds>,
    "on any expression",
    kinds_of<struct ExtremesKinds>,
    kinds_of<struct OrderKinds>,
    kinds_of<struct ElementwiseKinds>,
};

const std::vector<FeatureKind>& feature_kinds() {
  static const std::vector<FeatureKind> kinds = [] {
    std::vector<FeatureKind> all;
    std::string group;
    for (const Line& line : kLines) {
      if (line.file == nullptr) {
        group = line.group;
        continue;
      }
      for (FeatureKind& kind : line.file()) {
        kind.group = group;
        all.push_back(std::move(kind));
      }
    }
    return all;
  }();
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
