// What the market's day and the one before it say by themselves. A day whose beginning was not seen says
// nothing.
#include "features/levels/market_day.h"

#include "features/kinds/kinds.h"
#include "features/kinds/step.h"

namespace pawl::features {

namespace {

class OfToday {
 public:
  static constexpr std::size_t kOutputs = 2;  // in the order of the kinds below

  explicit OfToday(MarketCalendar calendar) : day_(std::move(calendar)) {}
  std::array<double, kOutputs> operator()(const BarBlock& bars, std::size_t i) {
    day_.update(bars, i);
    return {day_.high(), day_.low()};
  }
  void save(ByteWriter& out) const { day_.save(out); }
  bool load(ByteReader& in) { return day_.load(in); }

 private:
  MarketDay day_;
};

class OfPriorDay {
 public:
  static constexpr std::size_t kOutputs = 3;  // in the order of the kinds below

  explicit OfPriorDay(MarketCalendar calendar) : day_(std::move(calendar)) {}
  std::array<double, kOutputs> operator()(const BarBlock& bars, std::size_t i) {
    day_.update(bars, i);
    return {day_.prior().high, day_.prior().low, day_.prior().close};
  }
  void save(ByteWriter& out) const { day_.save(out); }
  bool load(ByteReader& in) { return day_.load(in); }

 private:
  MarketDay day_;
};

// `days`: 1 for what today's bars say, 2 for what yesterday's do.
template <class Step>
FeatureKind make_kind(std::string name, std::size_t output, std::size_t days, std::string help) {
  return {
      .name = std::move(name),
      .version = 2,
      .unit = Unit::price,
      .help = std::move(help),
      .source = "docs/levels.md",
      .family = days == 1 ? "today" : "prior_day",
      .output = output,
      .outputs = Step::kOutputs,
      .in_market = FeatureKind::InMarket{
          .warm_up = [days](Parameters, const Market& market) { return days * most_bars_a_day(market) - 1; },
          .make = [](Parameters, const Market& market) { return on_bars_for_family<Step>(market.calendar); },
          .memory_bars = [days](Parameters, double,
                                const Market& market) { return days * most_bars_a_day(market); }}};
}

FeatureKind session_high_kind() {
  return make_kind<OfToday>("session_high", 0, 1, "Highest high of the market's day so far.");
}

FeatureKind session_low_kind() {
  return make_kind<OfToday>("session_low", 1, 1, "Lowest low of the market's day so far.");
}

FeatureKind prior_day_high_kind() {
  return make_kind<OfPriorDay>("prior_day_high", 0, 2, "High of the market's last day before this one.");
}

FeatureKind prior_day_low_kind() {
  return make_kind<OfPriorDay>("prior_day_low", 1, 2, "Low of the market's last day before this one.");
}

FeatureKind prior_day_close_kind() {
  return make_kind<OfPriorDay>("prior_day_close", 2, 2, "Close of the market's last day before this one.");
}

}  // namespace

struct MarketDayKinds {
  static FeatureKinds all() {
    return {session_high_kind(), session_low_kind(), prior_day_high_kind(), prior_day_low_kind(),
            prior_day_close_kind()};
  }
};
template FeatureKinds kinds_of<MarketDayKinds>();

}  // namespace pawl::features
