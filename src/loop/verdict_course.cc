#include "loop/verdict_course.h"

#include <optional>

#include "datasets/scoring_columns.h"

namespace pawl::loop {

namespace {

// Whether the clock asks for a quote while the bar is the newest one: on the recipe's grid, in the market's
// hours, before the next bar closes and before the quote is too old.
bool is_polled(const recipe::Recipe& recipe, const BarSeries& bars, std::size_t bar) {
  const recipe::QuoteSettings& quotes = recipe.quotes;
  const TimeMs close = bars.close_time(bar), step = quotes.polling_interval_ms;
  for (TimeMs at = (close + step - 1) / step * step; at - close <= quotes.stale_after_ms; at += step) {
    if (bar + 1 < bars.size() && at >= bars.close_time(bar + 1)) return false;
    if (recipe.calendar.trades_within(at - 1, at)) return true;
  }
  return false;
}

class Asked {
 public:
  Asked(const Loop& loop, const recipe::Recipe& recipe, const BarSeries& bars)
      : recipe_(recipe), bars_(bars), within_session_(loop.kinds().labeller->within_session()) {}

  bool at(std::size_t bar) const {
    if (!datasets::predictable(recipe_.calendar, bars_, bar, within_session_)) return false;
    return recipe_.quotes.polling_interval_ms == 0 || is_polled(recipe_, bars_, bar);
  }

 private:
  const recipe::Recipe& recipe_;
  const BarSeries& bars_;
  bool within_session_;
};

}  // namespace

Result<std::map<TimeMs, double>> course_of(const Loop& loop, Series& series,
                                           const registry::LoadedVersion& version,
                                           const recipe::Recipe& recipe, TimeMs from, TimeMs to) {
  std::map<TimeMs, double> returns;
  const BarSeries& bars = series.bars();
  const std::size_t first = bars.count_known_at(from - 1), last = bars.count_known_at(to - 1);
  if (first >= last) return returns;
  auto history = series.history(version.bundle.features);
  if (!history) return propagate(history);
  const FeatureFrame frame = (*history)->rows(bars, first, last);
  std::optional<FeatureFrame> where;
  if (!recipe.signal_where.empty()) {
    auto allowed = series.history({recipe.signal_where});
    if (!allowed) return propagate(allowed);
    where = (*allowed)->rows(bars, first, last);
  }
  const Asked asked(loop, recipe, bars);
  std::vector<std::optional<Side>> sides(last - first);
  for (std::size_t row = 0; row < sides.size(); ++row) {
    if (frame.ready[row] == 0 || !asked.at(first + row)) continue;
    const bool may = !where || where->row(row)[0] > 0;
    sides[row] = may ? serving::predict(version, frame.row(row), recipe.signal).side : Side::hold;
  }
  // As Series::newest_strategy_return has it.
  judging::StrategyTracker strategy(recipe.costs_of(series.symbol()), loop.kinds().labeller->horizon_bars());
  for (std::size_t row = 0; row < sides.size() && first + row + 2 < bars.size(); ++row) {
    if (!sides[row]) continue;
    const std::size_t bar = first + row;
    const bool carried = datasets::carried(recipe.calendar, bars, bar + 1, bar + 2);
    const bool goes_on = carried && row + 1 < sides.size() && sides[row + 1].has_value();
    returns[bars.close_time(bar)] = strategy.push(
        *sides[row], bars.open(bar + 1), carried ? bars.open(bar + 2) : bars.close(bar + 1), goes_on);
  }
  return returns;
}

}  // namespace pawl::loop
