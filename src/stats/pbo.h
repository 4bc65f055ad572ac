// The probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein,
// López de Prado, Zhu 2017): how often the trial that is best on one half of the blocks is not better than
// the middle on the other half. Over all C(S, S/2) halves, ω = rank of the chosen one out of sample / (N +
// 1), and PBO is the share of ln(ω / (1 − ω)) ≤ 0. Choosing among noise has about ½; a real winner has 0.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace pawl::stats {

struct Overfitting {
  double probability = 0;   // PBO
  double median_logit = 0;  // of ln(ω / (1 − ω)): above 0 the choice holds out of sample
  std::size_t splits = 0;   // C(S, S/2)
};

// `performance` by trial, then block (N × S), more is better; a half is worth the mean of its blocks, so
// blocks are to be of about equal length. Ties out of sample share their ranks; in sample the first is
// chosen. None for fewer than two trials, for blocks that are odd in number, fewer than 2 or more than 20, or
// where no half tells any trial from another.
std::optional<Overfitting> backtest_overfitting(std::span<const double> performance, std::size_t trials,
                                                std::size_t blocks);

}  // namespace pawl::stats
