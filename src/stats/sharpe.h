// How much of a Sharpe ratio is left after one asks how long it was seen, how its returns are shaped, and how
// many were tried (Bailey, López de Prado 2012, 2014). All ratios here are per period, never annualised: a
// year's divided by the root of its periods. Pure.
//   SR₀ = √V [(1 − γ) Z⁻¹(1 − 1/N) + γ Z⁻¹(1 − 1/(N e))],  γ = 0.5772… (Euler–Mascheroni)
//   PSR(b) = Z[(SR − b) √(T − 1) / √(1 − γ₃ SR + (γ₄ − 1) SR²/4)],  DSR = PSR(SR₀)
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace pawl::stats {

// Of returns per period.
struct ReturnMoments {
  std::size_t rows = 0;
  double mean = 0;
  double deviation = 0;  // by n − 1
  double skewness = 0;   // γ₃: 0 of a normal distribution
  double kurtosis = 3;   // γ₄: 3 of a normal distribution
  double sharpe() const { return mean / deviation; }
};

// None for fewer than two returns, or returns that do not vary.
std::optional<ReturnMoments> return_moments(std::span<const double> returns);

// SR₀: the best Sharpe ratio to be expected of `trials` without skill whose ratios have variance `variance`
// (≥ 0). One trial is not chosen among any: 0. Trials may be a fraction where they were weighed by their
// likeness.
double expected_best_sharpe(double variance, double trials);

// P(the true ratio is above `benchmark`). None for fewer than two periods, or where ratio and moments do not
// go together (the radicand is not above 0).
std::optional<double> probabilistic_sharpe(double sharpe, double benchmark, std::size_t periods,
                                           double skewness, double kurtosis);

// P(the true ratio is above what the best of `trials` would show by luck). None likewise.
std::optional<double> deflated_sharpe(double sharpe, std::size_t periods, double skewness, double kurtosis,
                                      double trials_variance, double trials);

}  // namespace pawl::stats
