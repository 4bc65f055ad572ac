// What scoring needs to know of each row besides the prediction: prices at which a signal would have filled,
// and whether the position may be carried on. One gathering for the contest and for the walk-forward.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/history.h"
#include "judging/metrics.h"
#include "judging/paired.h"

namespace pawl::datasets {

struct ScoringColumns {
  std::vector<Label> labels;
  std::vector<TimeMs> known_at;
  std::vector<double> next_open, next_next_open;
  std::vector<std::uint8_t> contiguous;
  std::vector<std::uint8_t> signal_allowed;  // empty: everywhere
};

// Rows of one symbol with what some model gave for them.
struct AnsweredRows {
  std::vector<double> probabilities;  // rows × classes
  ScoringColumns columns;
};

// Whether a position may be carried from one bar to a later one: within a session of the calendar. Bars of a
// day or longer are sessions themselves, and a position runs over many.
bool carried(const MarketCalendar& calendar, const BarSeries& bars, std::size_t from, std::size_t to);

// Whether anybody is asked at a bar. Where labels stay within a session nobody is at its last bar: there is
// no next one to fill at.
bool predictable(const MarketCalendar& calendar, const BarSeries& bars, std::size_t bar, bool within_session);

// Of the given rows (indices into the dataset, increasing). A position is carried from one row to the next
// where that row is the very next bar and both its fills lie in one session of the calendar; at a session's
// end it is closed at the close of the session's last bar.
ScoringColumns scoring_columns(const Dataset& dataset, std::span<const std::size_t> rows,
                               const BarSeries& bars, const MarketCalendar& calendar);

// The sides that those probabilities (rows × classes) speak for: HOLD where no signal is allowed.
std::vector<Side> sides_of(std::span<const double> probabilities, int classes, const ScoringColumns& columns,
                           const judging::SignalRule& signal);

// The scores of probabilities that some model gave for rows of one symbol, or of a pooled line's symbols,
// date by date.
Scorecard score_rows(std::span<const double> probabilities, int classes, const ScoringColumns& columns,
                     const judging::SignalRule& signal, const judging::ScoringRules& rules);
Scorecard score_pooled(std::span<const AnsweredRows> symbols, int classes, const judging::SignalRule& signal,
                       const judging::ScoringRules& rules);
// Rows that lie in different places; nothing is copied.
using AnsweredRowsRefs = std::span<const AnsweredRows* const>;
Scorecard score_pooled(AnsweredRowsRefs symbols, int classes, const judging::SignalRule& signal,
                       const judging::ScoringRules& rules);

// Both sides' answers to the same rows, row by row; of a pooled line's symbols date by date. Without `pooled`
// there is one symbol.
PairedRows pair_answers(AnsweredRowsRefs champion, AnsweredRowsRefs challenger, int classes, bool pooled,
                        const judging::SignalRule& signal, const judging::ScoringRules& rules);

// The values of the given rows, one after another: what a model is trained on or asked about.
std::vector<double> gather_values(const FeatureFrame& frame, std::span<const std::size_t> rows);
std::vector<int> gather_classes(const Dataset& dataset, std::span<const std::size_t> rows);

}  // namespace pawl::datasets
