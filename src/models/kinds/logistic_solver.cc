#include "models/kinds/logistic_solver.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/kinds/training_rows.h"

namespace pawl::models {
namespace {

struct RowScores {
  std::array<double, kMaxClasses> score{}, probability{};
  double log_loss = 0;
};

// Scores, probabilities and loss of one row. The loss is taken from the scores, where it stays exact when a
// probability rounds to 0 or 1.
RowScores score_row(const LogisticProblem& problem, std::span<const double> unknowns, std::size_t row) {
  const std::size_t columns = problem.rows.columns, scores = problem.scores();
  const double* values = problem.rows.values.data() + row * columns;
  RowScores result;
  for (std::size_t s = 0; s < scores; ++s) {
    const double* weights = unknowns.data() + s * (columns + 1);
    double sum = weights[0];
    for (std::size_t c = 0; c < columns; ++c) sum += weights[c + 1] * values[c];
    result.score[s] = sum;
  }
  logistic_probabilities({result.score.data(), scores},
                         {result.probability.data(), static_cast<std::size_t>(problem.classes)});
  const auto label = static_cast<std::size_t>(problem.labels[row]);
  if (scores == 1) {
    const double against = label == 1 ? -result.score[0] : result.score[0];
    result.log_loss = std::max(against, 0.0) + std::log1p(std::exp(-std::abs(against)));
  } else {
    const double top =
        *std::max_element(result.score.begin(), result.score.begin() + static_cast<long>(scores));
    double sum = 0;
    for (std::size_t s = 0; s < scores; ++s) sum += std::exp(result.score[s] - top);
    result.log_loss = top + std::log(sum) - result.score[label];
  }
  return result;
}

// Adds the penalty's part to loss and gradient, and divides both by the rows.
double finish_loss(const LogisticProblem& problem, std::span<const double> unknowns, double loss_sum,
                   std::vector<double>* gradient) {
  const std::size_t width = problem.rows.columns + 1;
  const auto rows = static_cast<double>(problem.rows.rows);
  double penalty = 0, intercept_sum = 0;
  for (std::size_t k = 0; k < unknowns.size(); ++k) {
    if (gradient) (*gradient)[k] /= rows;
    if (k % width == 0) {
      intercept_sum += unknowns[k];
      continue;
    }
    penalty += unknowns[k] * unknowns[k];
    if (gradient) (*gradient)[k] += problem.l2 * unknowns[k];
  }
  double loss = loss_sum / rows + 0.5 * problem.l2 * penalty;
  if (problem.scores() > 1) {
    loss += 0.5 * intercept_sum * intercept_sum;
    if (gradient) {
      for (std::size_t k = 0; k < unknowns.size(); k += width) (*gradient)[k] += intercept_sum;
    }
  }
  return loss;
}

// What a score's gradient is multiplied with: its probability minus the truth.
double residual(const LogisticProblem& problem, const RowScores& scored, std::size_t row, std::size_t s) {
  const auto label = static_cast<std::size_t>(problem.labels[row]);
  if (problem.scores() == 1) return scored.probability[1] - static_cast<double>(label);
  return scored.probability[s] - (label == s ? 1.0 : 0.0);
}

// Symmetric, only the lower half kept: row i holds i + 1 places.
class LowerMatrix {
 public:
  explicit LowerMatrix(std::size_t size) : values_(size * (size + 1) / 2), size_(size) {}
  double* row(std::size_t i) { return values_.data() + i * (i + 1) / 2; }
  const double* row(std::size_t i) const { return values_.data() + i * (i + 1) / 2; }
  std::size_t size() const { return size_; }

 private:
  std::vector<double> values_;
  std::size_t size_;
};

LowerMatrix hessian(const LogisticProblem& problem, std::span<const double> unknowns) {
  const std::size_t columns = problem.rows.columns, scores = problem.scores(), width = columns + 1;
  LowerMatrix result(problem.unknowns());
  std::vector<double> row_values(width, 1.0);
  for (std::size_t row = 0; row < problem.rows.rows; ++row) {
    const RowScores scored = score_row(problem, unknowns, row);
    std::copy_n(problem.rows.values.data() + row * columns, columns, row_values.data() + 1);
    for (std::size_t a = 0; a < scores; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        const double pa = scored.probability[scores == 1 ? 1 : a],
                     pb = scored.probability[scores == 1 ? 1 : b];
        const double factor = a == b ? pa * (1 - pa) : -pa * pb;
        for (std::size_t i = 0; i < width; ++i) {
          double* out = result.row(a * width + i) + b * width;
          const double scaled = factor * row_values[i];
          const std::size_t end = a == b ? i + 1 : width;
          for (std::size_t j = 0; j < end; ++j) out[j] += scaled * row_values[j];
        }
      }
    }
  }
  const auto rows = static_cast<double>(problem.rows.rows);
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double& value = result.row(i)[j];
      value /= rows;
      if (i == j && i % width != 0) value += problem.l2;
      if (scores > 1 && i % width == 0 && j % width == 0) value += 1;  // of ½ (sum of intercepts)²
    }
  }
  return result;
}

// Solves matrix · x = right by Cholesky; empty where a pivot is not positive.
std::optional<std::vector<double>> solve_positive(LowerMatrix matrix, std::vector<double> right) {
  const std::size_t size = matrix.size();
  for (std::size_t i = 0; i < size; ++i) {
    double* row_i = matrix.row(i);
    for (std::size_t j = 0; j <= i; ++j) {
      const double* row_j = matrix.row(j);
      double sum = row_i[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row_i[k] * row_j[k];
      if (i != j) {
        row_i[j] = sum / row_j[j];
        continue;
      }
      if (!(sum > 0)) return std::nullopt;
      row_i[j] = std::sqrt(sum);
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) right[i] -= matrix.row(i)[k] * right[k];
    right[i] /= matrix.row(i)[i];
  }
  for (std::size_t i = size; i-- > 0;) {
    right[i] /= matrix.row(i)[i];
    for (std::size_t k = 0; k < i; ++k) right[k] -= matrix.row(i)[k] * right[i];
  }
  return right;
}

// The Newton step. Far out, where all probabilities round to 0 or 1, the matrix may lose its definiteness;
// a growing ridge brings it back and turns the step towards plain descent.
std::vector<double> newton_step(const LowerMatrix& matrix, const std::vector<double>& gradient) {
  for (double ridge = 0;; ridge = std::max(ridge * 10, 1e-12)) {
    LowerMatrix ridged = matrix;
    for (std::size_t i = 0; i < ridged.size(); ++i) ridged.row(i)[i] += ridge;
    if (auto step = solve_positive(std::move(ridged), gradient)) return *step;
  }
}

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

}  // namespace

void logistic_probabilities(std::span<const double> scores, std::span<double> probabilities) {
  if (scores.size() == 1) {
    // Each side from the smaller exponential, so that neither is lost near 0 and 1.
    const double small = std::exp(-std::abs(scores[0]));
    const double loser = small / (1 + small), winner = 1 / (1 + small);
    probabilities[0] = scores[0] >= 0 ? loser : winner;
    probabilities[1] = scores[0] >= 0 ? winner : loser;
    return;
  }
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (std::size_t s = 0; s < scores.size(); ++s) sum += probabilities[s] = std::exp(scores[s] - top);
  for (double& probability : probabilities) probability /= sum;
}

double logistic_loss(const LogisticProblem& problem, std::span<const double> unknowns,
                     std::vector<double>* gradient) {
  const std::size_t columns = problem.rows.columns;
  if (gradient) gradient->assign(problem.unknowns(), 0);
  double loss_sum = 0;
  for (std::size_t row = 0; row < problem.rows.rows; ++row) {
    const RowScores scored = score_row(problem, unknowns, row);
    loss_sum += scored.log_loss;
    if (!gradient) continue;
    const double* values = problem.rows.values.data() + row * columns;
    for (std::size_t s = 0; s < problem.scores(); ++s) {
      const double factor = residual(problem, scored, row, s);
      double* out = gradient->data() + s * (columns + 1);
      out[0] += factor;
      for (std::size_t c = 0; c < columns; ++c) out[c + 1] += factor * values[c];
    }
  }
  return finish_loss(problem, unknowns, loss_sum, gradient);
}

LogisticSolution solve_logistic(const LogisticProblem& problem, const LogisticStop& stop,
                                const ProgressSink& progress) {
  LogisticSolution now;
  now.unknowns.assign(problem.unknowns(), 0);
  std::vector<double> gradient, tried(problem.unknowns());
  const int limit = stop.exactly.value_or(stop.max_iterations);
  while (true) {
    now.loss = logistic_loss(problem, now.unknowns, &gradient);
    now.gradient_max = largest(gradient);
    now.converged = now.gradient_max <= stop.tolerance;
    if (now.iterations >= limit || (now.converged && !stop.exactly)) return now;
    const std::vector<double> step = newton_step(hessian(problem, now.unknowns), gradient);
    double slope = 0;
    for (std::size_t k = 0; k < step.size(); ++k) slope += gradient[k] * step[k];
    // Near the optimum the gain drowns in rounding; a loss that is equal up to it is as good as a lower one.
    const double slack = 8 * std::numeric_limits<double>::epsilon() * std::abs(now.loss);
    for (double share = 1; share > 1e-10; share /= 2) {
      for (std::size_t k = 0; k < step.size(); ++k) tried[k] = now.unknowns[k] - share * step[k];
      if (logistic_loss(problem, tried, nullptr) <= now.loss - 1e-4 * share * slope + slack) {
        now.unknowns = tried;
        break;
      }
    }
    ++now.iterations;
    if (progress) {
      progress(
          {static_cast<std::uint64_t>(now.iterations), static_cast<std::uint64_t>(limit), "Newton step"});
    }
  }
}

}  // namespace pawl::models
