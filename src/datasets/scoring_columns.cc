#include "datasets/scoring_columns.h"

#include <limits>

namespace pawl::datasets {

bool carried(const MarketCalendar& calendar, const BarSeries& bars, std::size_t from, std::size_t to) {
  constexpr DurationMs kNearlyADay = 23 * kHourMs;  // the day on which clocks go forward
  if (bars.close_time(from) - bars.open_time(from) >= kNearlyADay) return true;
  return calendar.session_of(bars.open_time(from)) == calendar.session_of(bars.open_time(to));
}

bool predictable(const MarketCalendar& calendar, const BarSeries& bars, std::size_t bar,
                 bool within_session) {
  return !within_session ||
         calendar.session_of(bars.close_time(bar)) == calendar.session_of(bars.open_time(bar));
}

ScoringColumns scoring_columns(const Dataset& dataset, std::span<const std::size_t> rows,
                               const BarSeries& bars, const MarketCalendar& calendar) {
  ScoringColumns columns;
  columns.labels.reserve(rows.size());
  columns.known_at.reserve(rows.size());
  columns.next_open.reserve(rows.size());
  columns.next_next_open.reserve(rows.size());
  columns.contiguous.reserve(rows.size());
  const double missing = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t bar = dataset.bar_index[rows[i]];
    columns.labels.push_back(dataset.labels[rows[i]]);
    if (!dataset.signal_allowed.empty()) columns.signal_allowed.push_back(dataset.signal_allowed[rows[i]]);
    columns.known_at.push_back(dataset.frame.known_at[rows[i]]);
    columns.next_open.push_back(bar + 1 < bars.size() ? bars.open(bar + 1) : missing);
    const bool has_two = bar + 2 < bars.size();
    const bool same_session = has_two && datasets::carried(calendar, bars, bar + 1, bar + 2);
    // A position that may not cross the session's end is closed at the close of its last bar, not at the
    // next session's open.
    columns.next_next_open.push_back(!has_two       ? missing
                                     : same_session ? bars.open(bar + 2)
                                                    : bars.close(bar + 1));
    const bool goes_on = same_session && i + 1 < rows.size() && dataset.bar_index[rows[i + 1]] == bar + 1;
    columns.contiguous.push_back(goes_on ? 1 : 0);
  }
  return columns;
}

namespace {

judging::ScoredRows scored_rows(std::span<const double> probabilities, int classes,
                                const ScoringColumns& columns, std::span<const Side> sides) {
  return {.classes = classes,
          .probabilities = probabilities,
          .sides = sides,
          .labels = columns.labels,
          .known_at = columns.known_at,
          .next_open = columns.next_open,
          .next_next_open = columns.next_next_open,
          .contiguous = columns.contiguous};
}

}  // namespace

std::vector<Side> sides_of(std::span<const double> probabilities, int classes, const ScoringColumns& columns,
                           const judging::SignalRule& signal) {
  const auto width = static_cast<std::size_t>(classes);
  std::vector<Side> sides;
  sides.reserve(columns.labels.size());
  for (std::size_t i = 0; i < columns.labels.size(); ++i) {
    const bool allowed = columns.signal_allowed.empty() || columns.signal_allowed[i] != 0;
    sides.push_back(allowed ? signal.side(probabilities.subspan(i * width, width)) : Side::hold);
  }
  return sides;
}

Scorecard score_rows(std::span<const double> probabilities, int classes, const ScoringColumns& columns,
                     const judging::SignalRule& signal, const judging::ScoringRules& rules) {
  const std::vector<Side> sides = sides_of(probabilities, classes, columns, signal);
  return judging::score(scored_rows(probabilities, classes, columns, sides), rules);
}

namespace {

// The rows of several symbols with the sides that their answers speak for.
struct SidedRows {
  std::vector<std::vector<Side>> sides;
  std::vector<judging::ScoredRows> rows;  // they look into `sides` and into the answers
};

SidedRows with_sides(AnsweredRowsRefs symbols, int classes, const judging::SignalRule& signal) {
  SidedRows sided;
  for (const AnsweredRows* one : symbols) {
    sided.sides.push_back(sides_of(one->probabilities, classes, one->columns, signal));
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    sided.rows.push_back(
        scored_rows(symbols[i]->probabilities, classes, symbols[i]->columns, sided.sides[i]));
  }
  return sided;
}

}  // namespace

Scorecard score_pooled(std::span<const AnsweredRows> symbols, int classes, const judging::SignalRule& signal,
                       const judging::ScoringRules& rules) {
  std::vector<const AnsweredRows*> refs;
  for (const AnsweredRows& one : symbols) refs.push_back(&one);
  return score_pooled(refs, classes, signal, rules);
}

Scorecard score_pooled(AnsweredRowsRefs symbols, int classes, const judging::SignalRule& signal,
                       const judging::ScoringRules& rules) {
  return judging::score_by_date(with_sides(symbols, classes, signal).rows, rules);
}

PairedRows pair_answers(AnsweredRowsRefs champion, AnsweredRowsRefs challenger, int classes, bool pooled,
                        const judging::SignalRule& signal, const judging::ScoringRules& rules) {
  const SidedRows old_side = with_sides(champion, classes, signal);
  const SidedRows new_side = with_sides(challenger, classes, signal);
  if (pooled) return judging::pair_by_date(old_side.rows, new_side.rows, rules);
  return judging::pair_rows(old_side.rows.front(), new_side.rows.front(), rules);
}

std::vector<double> gather_values(const FeatureFrame& frame, std::span<const std::size_t> rows) {
  std::vector<double> values;
  values.reserve(rows.size() * frame.columns());
  for (const std::size_t row : rows) {
    const std::span<const double> from = frame.row(row);
    values.insert(values.end(), from.begin(), from.end());
  }
  return values;
}

std::vector<int> gather_classes(const Dataset& dataset, std::span<const std::size_t> rows) {
  std::vector<int> classes;
  classes.reserve(rows.size());
  for (const std::size_t row : rows) classes.push_back(dataset.labels[row].cls);
  return classes;
}

}  // namespace pawl::datasets
