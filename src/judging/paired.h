// Two sides of a contest row by row, so that a policy can ask how much of their difference is chance. Pure.
#pragma once

#include <span>

#include "domain/evidence.h"
#include "judging/metrics.h"

namespace pawl::judging {

// Both sides' rows are the same rows: only probabilities and sides differ.
PairedRows pair_rows(const ScoredRows& champion, const ScoredRows& challenger, const ScoringRules& rules);
// Of a line that is pooled: returns and losses of a date are the means over its symbols, as in score_by_date.
PairedRows pair_by_date(std::span<const ScoredRows> champion, std::span<const ScoredRows> challenger,
                        const ScoringRules& rules);

// The mean block length that differences of these rows are resampled with: Politis & White's, but at least
// four labels, since an estimate from few rows is often too short for labels that overlap (gates.md §2).
double block_of(std::span<const double> differences, std::size_t label_bars);

// Challenger less champion. Nothing where there are fewer than two returns.
std::optional<ContestDifference> difference_of(const PairedRows& rows);

}  // namespace pawl::judging
