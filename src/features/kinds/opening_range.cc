// The range of the first minutes of the market's day, known once they are over.
#include "features/kinds/kinds.h"
#include "features/kinds/step.h"
#include "features/levels/market_day.h"

namespace pawl::features {

namespace {

class OpeningRange {
 public:
  static constexpr std::size_t kOutputs = 2;  // in the order of the kinds below

  OpeningRange(double minutes, MarketCalendar calendar)
      : length_(static_cast<DurationMs>(minutes) * kMinuteMs), day_(std::move(calendar)) {}

  std::array<double, kOutputs> operator()(const BarBlock& bars, std::size_t i) {
    day_.update(bars, i);
    if (day_.just_begun()) end_ = bars.open_time[i] + length_;
    if (bars.open_time[i] < end_) {
      high_ = day_.high();
      low_ = day_.low();
    }
    if (bars.close_time[i] < end_) return {kMissing, kMissing};
    return {high_, low_};
  }
  void save(ByteWriter& out) const {
    day_.save(out);
    out.i64(end_);
    out.f64(high_);
    out.f64(low_);
  }
  bool load(ByteReader& in) {
    if (!day_.load(in)) return false;
    end_ = in.i64();
    high_ = in.f64();
    low_ = in.f64();
    return true;
  }

 private:
  DurationMs length_;
  MarketDay day_;
  TimeMs end_ = 0;  // of today's opening range
  double high_ = kMissing, low_ = kMissing;
};

// A day that is not seen from its beginning says nothing, and then the next one's range must be over.
std::size_t opening_warm_up(Parameters p, const Market& market) {
  const auto bar = static_cast<std::size_t>(market.timeframe.minutes());
  const std::size_t bars = (length(p[0]) + bar - 1) / bar;
  return most_bars_a_day(market) + bars - 2;
}

FeatureKind make_kind(std::string name, std::size_t output, std::string help) {
  return {
      .name = std::move(name),
      .parameters = {length_parameter("minutes", 30, 1, 1440)},
      .unit = Unit::price,
      .help = std::move(help),
      .source = "Crabel 1990",
      .family = "opening_range",
      .output = output,
      .outputs = OpeningRange::kOutputs,
      .in_market = FeatureKind::InMarket{
          .warm_up = opening_warm_up,
          .make =
              [](Parameters p, const Market& market) {
                return on_bars_for_family<OpeningRange>(p[0], market.calendar);
              },
          .memory_bars = [](Parameters, double, const Market& market) { return most_bars_a_day(market); }}};
}

FeatureKind opening_high_kind() {
  return make_kind(
      "opening_high", 0,
      "Highest high of the bars that open within the first minutes from the first bar of the market's "
      "day; missing until they are over.");
}

FeatureKind opening_low_kind() {
  return make_kind(
      "opening_low", 1,
      "Lowest low of the bars that open within the first minutes from the first bar of the market's "
      "day; missing until they are over.");
}

}  // namespace

struct OpeningRangeKinds {
  static FeatureKinds all() { return {opening_high_kind(), opening_low_kind()}; }
};
template FeatureKinds kinds_of<OpeningRangeKinds>();

}  // namespace pawl::features
