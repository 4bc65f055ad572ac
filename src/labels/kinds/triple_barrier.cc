// The first of three barriers that the price meets: a profit above, a stop below, or the end of the horizon
// (López de Prado 2018, chapter 3), as a long trade from the next open would meet them.
#include <cassert>
#include <cmath>

#include "labels/kinds/kinds.h"

namespace pawl::labels {
namespace {

class TripleBarrier final : public Labeller {
 public:
  TripleBarrier(const Settings& settings, const LabelContext& context)
      : horizon_bars_(static_cast<std::size_t>(settings.integer("horizon_bars"))),
        classes_(static_cast<int>(settings.integer("classes"))),
        profit_multiple_(settings.number("profit_multiple")),
        stop_multiple_(settings.number("stop_multiple")),
        scale_(settings.text("scale")),
        after_costs_(settings.boolean("after_costs")),
        costs_(context.costs),
        sessions_(settings, context.calendar) {}

  int classes() const override { return classes_; }
  std::size_t horizon_bars() const override { return horizon_bars_; }
  bool within_session() const override { return sessions_.within(); }
  std::optional<std::string> scale_spec() const override { return scale_; }

  std::vector<Label> label(const BarSeries& bars, std::size_t first, std::size_t last,
                           std::span<const double> scale) const override {
    assert(first <= last && last <= bars.size() && scale.size() == last - first);
    std::vector<Label> labels;
    labels.reserve(last - first);
    for (std::size_t t = first; t < last; ++t) labels.push_back(label_of(bars, t, scale[t - first]));
    return labels;
  }

 private:
  // What ends the trade, and the class that it stands for.
  struct Exit {
    std::size_t bar;
    double price;
    int cls;
  };

  Label label_of(const BarSeries& bars, std::size_t t, double scale) const {
    if (t + 1 >= bars.size() || !std::isfinite(scale)) return {};
    const std::optional<Exit> exit = find_exit(bars, t + 1, scale);
    if (!exit || !sessions_.allows(bars, t + 1, exit->bar)) return {};
    return {.cls = exit->cls,
            .gross_return = exit->price / bars.open(t + 1) - 1,
            .known_at = bars.close_time(exit->bar),
            .exit_bar = exit->bar};
  }

  std::optional<Exit> find_exit(const BarSeries& bars, std::size_t entry_bar, double scale) const {
    const double entry = bars.open(entry_bar);
    const double widened = after_costs_ ? costs_.round_trip(entry) : 0;
    const double above = entry * (1 + (profit_multiple_ * scale + widened));
    const double below = entry * (1 - (stop_multiple_ * scale + widened));
    // In a market that stood still the barriers would stand on the entry itself: nothing to learn.
    if (!(below < entry && entry < above)) return std::nullopt;
    const int up = classes_ - 1, down = 0;
    const std::size_t time_exit = entry_bar + horizon_bars_;
    for (std::size_t k = entry_bar; k < bars.size(); ++k) {
      const double open = bars.open(k);
      // No order is filled at a price that the market jumped over.
      if (open <= below) return Exit{k, open, down};
      if (open >= above) return Exit{k, open, up};
      if (k == time_exit) {
        const int two_class_sign = open > entry ? 1 : 0;
        return Exit{k, open, classes_ == 3 ? 1 : two_class_sign};
      }
      // Which came first within a bar is not in the bar: the stop, so that labels never flatter.
      if (bars.low(k) <= below) return Exit{k, below, down};
      if (bars.high(k) >= above) return Exit{k, above, up};
    }
    return std::nullopt;
  }

  std::size_t horizon_bars_;
  int classes_;
  double profit_multiple_, stop_multiple_;
  std::string scale_;
  bool after_costs_;
  Costs costs_;
  SessionRule sessions_;
};

Result<std::unique_ptr<Labeller>> make(const Settings& settings, const LabelContext& context) {
  if (settings.text("scale").empty()) {
    return fail(ErrorCode::bad_config,
                "triple_barrier: scale is empty; give a feature expression that is a fraction of the price, "
                "such as atr(14)/close");
  }
  return std::make_unique<TripleBarrier>(settings, context);
}

Schema schema() {
  Schema schema;
  schema.integer("horizon_bars", 12, "the longest that a trade is held, from the next open on")
      .range(1, 100000);
  schema
      .integer("classes", 2,
               "2: down and up, the sign at the end of the horizon; 3: SELL, HOLD (the end), BUY")
      .range(2, 3);
  schema.number("profit_multiple", 1.0, "the upper barrier's distance from the entry, in scales")
      .range(0.01, 1000);
  schema.number("stop_multiple", 1.0, "the lower barrier's distance from the entry, in scales")
      .range(0.01, 1000);
  schema.text("scale", "atr(14)/close",
              "a feature expression whose value at the signal's bar is a fraction of the price");
  schema.boolean("after_costs", false,
                 "both barriers stand further out by the cost of a round trip, so that a touch pays its "
                 "multiple after costs");
  SessionRule::add_setting(schema);
  return schema;
}

}  // namespace

LabellerKind triple_barrier_kind() {
  return {.name = "triple_barrier",
          .help = "the first of a profit barrier, a stop barrier and the end of the horizon to be met",
          .schema = schema(),
          .make = make};
}

}  // namespace pawl::labels
