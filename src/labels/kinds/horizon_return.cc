// The move from the next bar's open to the open h bars later, as a sign or against a threshold.
#include <cassert>
#include <cmath>

#include "labels/kinds/kinds.h"

namespace pawl::labels {
namespace {

enum class Threshold { none, atr, cost, fixed_bp };

constexpr int kSell = 0, kHold = 1, kBuy = 2;

class HorizonReturn final : public Labeller {
 public:
  HorizonReturn(const Settings& settings, Threshold threshold, const LabelContext& context)
      : horizon_bars_(static_cast<std::size_t>(settings.integer("horizon_bars"))),
        classes_(static_cast<int>(settings.integer("classes"))),
        threshold_(threshold),
        atr_multiple_(settings.number("atr_multiple")),
        atr_period_(settings.integer("atr_period")),
        fixed_fraction_(settings.number("fixed_bp") * 1e-4),
        costs_(context.costs),
        sessions_(settings, context.calendar) {}

  int classes() const override { return classes_; }
  std::size_t horizon_bars() const override { return horizon_bars_; }
  bool within_session() const override { return sessions_.within(); }
  std::optional<std::string> scale_spec() const override {
    if (threshold_ != Threshold::atr) return std::nullopt;
    return fmt::format("atr({})", atr_period_);
  }

  std::vector<Label> label(const BarSeries& bars, std::size_t first, std::size_t last,
                           std::span<const double> scale) const override {
    assert(first <= last && last <= bars.size());
    assert(threshold_ != Threshold::atr || scale.size() == last - first);
    std::vector<Label> labels;
    labels.reserve(last - first);
    for (std::size_t t = first; t < last; ++t) {
      labels.push_back(label_of(bars, t, threshold_ == Threshold::atr ? scale[t - first] : 0));
    }
    return labels;
  }

 private:
  Label label_of(const BarSeries& bars, std::size_t t, double atr) const {
    Label label = horizon_return(bars, t, horizon_bars_);
    if (!label.known() || !sessions_.allows(bars, t + 1, label.exit_bar)) return {};
    if (classes_ == 2) return label;
    const double entry = bars.open(t + 1);
    const double still = threshold_at(entry, atr);
    if (std::isnan(still)) return {};  // the scale was still warming up
    // An ATR is a distance of prices, the others are fractions.
    const double move = threshold_ == Threshold::atr ? bars.open(label.exit_bar) - entry : label.gross_return;
    label.cls = move > still ? kBuy : move < -still ? kSell : kHold;
    return label;
  }

  double threshold_at(double entry, double atr) const {
    switch (threshold_) {
      case Threshold::atr:
        return atr_multiple_ * atr;
      case Threshold::cost:
        return costs_.round_trip(entry);
      case Threshold::fixed_bp:
        return fixed_fraction_;
      case Threshold::none:
        break;
    }
    return 0;
  }

  std::size_t horizon_bars_;
  int classes_;
  Threshold threshold_;
  double atr_multiple_;
  std::int64_t atr_period_;
  double fixed_fraction_;
  Costs costs_;
  SessionRule sessions_;
};

Result<std::unique_ptr<Labeller>> make(const Settings& settings, const LabelContext& context) {
  const std::string& name = settings.text("threshold");
  const Threshold threshold = name == "atr"        ? Threshold::atr
                              : name == "cost"     ? Threshold::cost
                              : name == "fixed_bp" ? Threshold::fixed_bp
                                                   : Threshold::none;
  const bool three = settings.integer("classes") == 3;
  if (three && threshold == Threshold::none) {
    return fail(ErrorCode::bad_config,
                "horizon_return: three classes need a threshold between HOLD and the rest; "
                "give threshold: atr, cost or fixed_bp, or classes: 2");
  }
  if (!three && threshold != Threshold::none) {
    return fail(ErrorCode::bad_config,
                "horizon_return: threshold: {} is what makes a HOLD, and two classes have none; "
                "give classes: 3, or leave the threshold out",
                name);
  }
  return std::make_unique<HorizonReturn>(settings, threshold, context);
}

Schema schema() {
  Schema schema;
  schema.integer("horizon_bars", 3, "how many bars a signal is held, from the next open on").range(1, 100000);
  schema.integer("classes", 2, "2: down and up; 3: SELL, HOLD and BUY").range(2, 3);
  schema.text("threshold", "none", "with three classes: a move no greater than this is HOLD")
      .choices({"none", "atr", "cost", "fixed_bp"});
  schema.number("atr_multiple", 0.5, "with threshold atr: so many times the ATR of the signal's bar")
      .range(0, 100);
  schema.integer("atr_period", 14, "bars of that ATR").range(1, 10000);
  schema.number("fixed_bp", 10, "with threshold fixed_bp: so many basis points of the entry price")
      .range(0, 10000)
      .unit("bp");
  SessionRule::add_setting(schema);
  return schema;
}

}  // namespace

LabellerKind horizon_return_kind() {
  return {.name = "horizon_return",
          .help = "the return from the next bar's open to the open horizon_bars later",
          .schema = schema(),
          .make = make};
}

Label horizon_return(const BarSeries& bars, std::size_t t, std::size_t horizon_bars) {
  const std::size_t exit = t + 1 + horizon_bars;
  if (exit >= bars.size()) return {};
  const double gross = bars.open(exit) / bars.open(t + 1) - 1;
  return {
      .cls = gross > 0 ? 1 : 0, .gross_return = gross, .known_at = bars.close_time(exit), .exit_bar = exit};
}

}  // namespace pawl::labels
