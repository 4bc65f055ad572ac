// What scoring needs to know of each row besides the prediction: prices at which a signal would have filled,
// and whether the position may be carried on. One gathering for the contest and for the walk-forward.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/history.h"
#include "judging/metrics.h"

namespace pawl::datasets {

struct ScoringColumns {
  std::vector<Label> labels;
  std::vector<TimeMs> known_at;
  std::vector<double> next_open, next_next_open;
  std::vector<std::uint8_t> contiguous;
};

// Of the given rows (indices into the dataset, increasing). A position is carried from one row to the next
// where that row is the very next bar and both its fills lie in one session of the calendar; at a session's
// end it is closed at the close of the session's last bar.
ScoringColumns scoring_columns(const Dataset& dataset, std::span<const std::size_t> rows,
                               const BarSeries& bars, const MarketCalendar& calendar);

// The scores of probabilities (rows × classes) that some model gave for those rows.
Scorecard score_rows(std::span<const double> probabilities, int classes, const ScoringColumns& columns,
                     const judging::SignalRule& signal, const judging::ScoringRules& rules);

// The values of the given rows, one after another: what a model is trained on or asked about.
std::vector<double> gather_values(const FeatureFrame& frame, std::span<const std::size_t> rows);
std::vector<int> gather_classes(const Dataset& dataset, std::span<const std::size_t> rows);

}  // namespace pawl::datasets
