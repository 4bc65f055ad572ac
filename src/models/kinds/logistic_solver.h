// Minimises the mean log loss of a (multinomial) logistic regression plus l2/2 · Σ weight², by Newton's
// method with step halving. Plain loops in one fixed order: the same rows give the same bits.
//
// Two classes have one score, of class 1. More classes have a score each; the intercepts, which the penalty
// leaves free, are then pinned to a sum of zero so that there is exactly one optimum.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/progress.h"
#include "models/model_kind.h"

namespace pawl::models {

struct LogisticProblem {
  Matrix rows;  // standardised, finite
  std::span<const int> labels;
  int classes = 2;
  double l2 = 0.01;

  std::size_t scores() const { return classes == 2 ? 1 : static_cast<std::size_t>(classes); }
  // Of each score: the intercept, then a weight per column.
  std::size_t unknowns() const { return scores() * (rows.columns + 1); }
};

// Probabilities of all classes from the scores of one row; `probabilities` has `classes` places.
void logistic_probabilities(std::span<const double> scores, std::span<double> probabilities);

// The penalised mean loss and, where wanted, its gradient (`unknowns()` places).
double logistic_loss(const LogisticProblem& problem, std::span<const double> unknowns,
                     std::vector<double>* gradient);

struct LogisticStop {
  int max_iterations = 100;
  double tolerance = 1e-10;    // of the largest part of the gradient
  std::optional<int> exactly;  // so many Newton steps, whatever the gradient says
};

struct LogisticSolution {
  std::vector<double> unknowns;
  int iterations = 0;
  bool converged = false;
  double loss = 0, gradient_max = 0;
};

LogisticSolution solve_logistic(const LogisticProblem& problem, const LogisticStop& stop,
                                const ProgressSink& progress);

}  // namespace pawl::models
