// What the market's day and the one before it say by themselves. A day whose beginning was not seen says
// nothing.
#include "features/levels/market_day.h"

#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

// Read is a function of a MarketDay.
template <double (*read)(const MarketDay&)>
class OfDay {
 public:
  explicit OfDay(MarketCalendar calendar) : day_(std::move(calendar)) {}
  double operator()(const BarBlock& bars, std::size_t i) {
    day_.update(bars, i);
    return read(day_);
  }
  void save(ByteWriter& out) const { day_.save(out); }
  bool load(ByteReader& in) { return day_.load(in); }

 private:
  MarketDay day_;
};

// `days`: 1 for what today's bars say, 2 for what yesterday's do.
template <double (*read)(const MarketDay&)>
FeatureKind make_kind(std::string name, std::size_t days, std::string help) {
  return {
      .name = std::move(name),
      .unit = Unit::price,
      .help = std::move(help),
      .source = "docs/levels.md",
      .in_market = FeatureKind::InMarket{
          .warm_up = [days](Parameters, const Market& market) { return days * most_bars_a_day(market) - 1; },
          .make = [](Parameters, const Market& market) { return on_bars<OfDay<read>>(market.calendar); },
          .memory_bars = [days](Parameters, double,
                                const Market& market) { return days * most_bars_a_day(market); }}};
}

double high_of(const MarketDay& day) {
  return day.high();
}
double low_of(const MarketDay& day) {
  return day.low();
}
double vwap_of(const MarketDay& day) {
  return day.vwap();
}
double prior_high_of(const MarketDay& day) {
  return day.prior().high;
}
double prior_low_of(const MarketDay& day) {
  return day.prior().low;
}
double prior_close_of(const MarketDay& day) {
  return day.prior().close;
}
double pivot_of(const MarketDay& day) {
  return finite_or_missing(floor_pivots(day.prior()).p);
}

FeatureKind session_high_kind() {
  return make_kind<high_of>("session_high", 1, "Highest high of the market's day so far.");
}

FeatureKind session_low_kind() {
  return make_kind<low_of>("session_low", 1, "Lowest low of the market's day so far.");
}

FeatureKind prior_day_high_kind() {
  return make_kind<prior_high_of>("prior_day_high", 2, "High of the market's last day before this one.");
}

FeatureKind prior_day_low_kind() {
  return make_kind<prior_low_of>("prior_day_low", 2, "Low of the market's last day before this one.");
}

FeatureKind prior_day_close_kind() {
  return make_kind<prior_close_of>("prior_day_close", 2, "Close of the market's last day before this one.");
}

FeatureKind pivot_p_kind() {
  return make_kind<pivot_of>("pivot_p", 2, "Floor pivot of the day before: (H + L + C) / 3.");
}

FeatureKind vwap_kind() {
  FeatureKind kind =
      make_kind<vwap_of>("vwap", 1, "Volume-weighted mean of (H + L + C) / 3 over the market's day so far.");
  kind.needs_volume = true;
  return kind;
}

}  // namespace

struct MarketDayKinds {
  static FeatureKinds all() {
    return {session_high_kind(),  session_low_kind(),     prior_day_high_kind(),
            prior_day_low_kind(), prior_day_close_kind(), pivot_p_kind(),
            vwap_kind()};
  }
};
template FeatureKinds kinds_of<MarketDayKinds>();

}  // namespace pawl::features
