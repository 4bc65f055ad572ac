#include <optional>

#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

class SinceGap {
 public:
  explicit SinceGap(double most) : most_(most) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    const TimeMs open = bars.open_time[i];
    if (closed_ && open > *closed_) gap_end_ = open;
    closed_ = bars.close_time[i];
    if (!gap_end_) return most_;
    const double minutes = static_cast<double>(open - *gap_end_) / static_cast<double>(kMinuteMs);
    return minutes < most_ ? minutes : most_;
  }
  void save(ByteWriter& out) const {
    for (const std::optional<TimeMs>& time : {closed_, gap_end_}) {
      out.u8(time ? 1 : 0);
      out.i64(time.value_or(0));
    }
  }
  bool load(ByteReader& in) {
    for (std::optional<TimeMs>* time : {&closed_, &gap_end_}) {
      const bool known = in.u8() != 0;
      const TimeMs value = in.i64();
      *time = known ? std::optional(value) : std::nullopt;
    }
    return true;
  }

 private:
  double most_;
  std::optional<TimeMs> closed_, gap_end_;  // of the bar before; of the last gap
};

FeatureKind gap_minutes_kind() {
  return {
      .name = "gap_minutes",
      .parameters = {length_parameter("most", 1440, 1, 100000)},
      .unit = Unit::ratio,
      .help =
          "Minutes from the end of the last time without bars to this bar's open, at most `most`; a series' "
          "own beginning does not count.",
      .source = "common practice",
      .gapless = true,
      .in_market = FeatureKind::InMarket{
          .warm_up = [](Parameters, const Market&) { return std::size_t{0}; },
          .make = [](Parameters p, const Market&) { return on_bars<SinceGap>(p[0]); },
          .memory_bars =
              [](Parameters p, double, const Market& market) {
                return length(p[0]) / static_cast<std::size_t>(market.timeframe.minutes()) + 2;
              }}};
}

}  // namespace

struct BarGapKinds {
  static FeatureKinds all() { return {gap_minutes_kind()}; }
};
template FeatureKinds kinds_of<BarGapKinds>();

}  // namespace pawl::features
