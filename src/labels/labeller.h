// What there is to learn at each bar: the class and the return of the horizon that follows it. A new labeller
// is one file in kinds/ and one line in kinds.cc. Immutable once made; safe from any thread.
//
// A signal at bar t fills at open[t+1] and ends at open[t+1+h]; its label is known at the close of bar
// t+1+h, and not before.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"
#include "domain/bar_series.h"
#include "domain/calendar.h"
#include "domain/costs.h"
#include "domain/label.h"

namespace pawl::labels {

class Labeller {
 public:
  virtual ~Labeller() = default;
  virtual int classes() const = 0;               // 2 (down, up) or 3 (SELL, HOLD, BUY)
  virtual std::size_t horizon_bars() const = 0;  // h: the longest that a label can take
  // True where a position must not cross the end of a session: such rows have no label.
  virtual bool within_session() const { return false; }
  // A feature expression whose value at t scales thresholds or barriers ("atr(14)"), or nothing. It is
  // evaluated by the feature engine, so that there is one path.
  virtual std::optional<std::string> scale_spec() const = 0;
  // Labels of bars [first, last), reading no bar outside `bars`; `scale` has a value per bar of [first, last)
  // where scale_spec() asks for one. A label whose end lies beyond the series is unknown.
  virtual std::vector<Label> label(const BarSeries& bars, std::size_t first, std::size_t last,
                                   std::span<const double> scale) const = 0;
};

struct LabelContext {
  Costs costs;
  MarketCalendar calendar;
};

struct LabellerKind {
  std::string name;  // "horizon_return", "triple_barrier"
  std::string help;
  Schema schema;
  Result<std::unique_ptr<Labeller>> (*make)(const Settings& settings, const LabelContext& context);
};
const std::vector<LabellerKind>& labeller_kinds();
const LabellerKind* find_labeller_kind(std::string_view name);

// The fill of a signal at bar t, shared by labels, outcomes and scoring: open[t+1] → open[t+1+h]. Unknown
// where the series ends before.
Label horizon_return(const BarSeries& bars, std::size_t t, std::size_t horizon_bars);

}  // namespace pawl::labels
