#include "stats/bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/random.h"

namespace pawl::stats {

namespace {

double mean_of(std::span<const double> series) {
  double sum = 0;
  for (const double value : series) sum += value;
  return series.empty() ? 0 : sum / static_cast<double>(series.size());
}

double autocovariance(std::span<const double> series, double mean, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < series.size(); ++i) sum += (series[i] - mean) * (series[i - lag] - mean);
  return sum / static_cast<double>(series.size());
}

// Lengths of blocks: geometric, P(length = k) = (1 − 1/b)^(k−1) / b.
class BlockLength {
 public:
  explicit BlockLength(double block) : log_stay_(block > 1 ? std::log1p(-1 / block) : 0) {}
  std::size_t draw(Random& random, std::size_t most) const {
    if (log_stay_ == 0) return 1;
    const double length = 1 + std::floor(std::log1p(-random.uniform()) / log_stay_);
    return length < static_cast<double>(most) ? static_cast<std::size_t>(length) : most;
  }

 private:
  double log_stay_;
};

// The trapezoid of Politis & Romano 1995 that smooths where autocovariances are cut off.
double flat_top(double at) {
  const double distance = std::abs(at);
  if (distance <= 0.5) return 1;
  return distance <= 1 ? 2 * (1 - distance) : 0;
}

}  // namespace

double politis_white_block(std::span<const double> series) {
  const std::size_t n = series.size();
  if (n < 4) return 1;
  const double rows = static_cast<double>(n), mean = mean_of(series);
  const double variance = autocovariance(series, mean, 0);
  if (!(variance > 0)) return 1;

  // The first lag after which `quiet` autocorrelations in a row look like noise; its double is the bandwidth.
  const auto quiet = static_cast<std::size_t>(std::max(5.0, std::ceil(std::sqrt(std::log10(rows)))));
  const std::size_t most = std::min(n - 1, static_cast<std::size_t>(std::ceil(std::sqrt(rows))) + quiet);
  const double noise = 2 * std::sqrt(std::log10(rows) / rows);
  std::vector<double> covariances = {variance};
  std::size_t last_loud = 0, in_a_row = 0;
  for (std::size_t lag = 1; lag <= most && in_a_row < quiet; ++lag) {
    covariances.push_back(autocovariance(series, mean, lag));
    const bool loud = std::abs(covariances.back() / variance) >= noise;
    in_a_row = loud ? 0 : in_a_row + 1;
    if (loud) last_loud = lag;
  }
  const std::size_t bandwidth = std::min(most, 2 * std::max<std::size_t>(last_loud, 1));
  for (std::size_t lag = covariances.size(); lag <= bandwidth; ++lag)
    covariances.push_back(autocovariance(series, mean, lag));

  double spectrum = variance, bias = 0;
  for (std::size_t lag = 1; lag <= bandwidth; ++lag) {
    const double k = static_cast<double>(lag);
    const double weight = flat_top(k / static_cast<double>(bandwidth));
    spectrum += 2 * weight * covariances[lag];
    bias += 2 * weight * k * covariances[lag];
  }
  if (!(spectrum > 0)) return 1;
  const double block = std::cbrt(bias * bias / (spectrum * spectrum) * rows);  // D_SB = 2 g(0)²
  return std::clamp(block, 1.0, std::max(1.0, std::min(rows / 3, std::ceil(3 * std::sqrt(rows)))));
}

double centring_correction(std::size_t rows, double block) {
  assert(block >= 1);
  const double lost = (2 * block - 1) / static_cast<double>(std::max<std::size_t>(rows, 1));
  constexpr double kMostLost = 0.9;  // longer blocks than half the series resample next to nothing
  return 1 / std::sqrt(1 - std::min(lost, kMostLost));
}

double bootstrap_standard_error(std::span<const double> series, double block) {
  assert(block >= 1);
  const std::size_t n = series.size();
  if (n < 2) return 0;
  const double rows = static_cast<double>(n), mean = mean_of(series), stay = 1 - 1 / block;
  double variance = autocovariance(series, mean, 0);
  // Past twelve mean blocks a weight is below 1e-5.
  const std::size_t most = std::min(n - 1, static_cast<std::size_t>(std::ceil(12 * block)));
  double near = 1, far = std::pow(stay, rows);
  for (std::size_t lag = 1; lag <= most; ++lag) {
    near *= stay;
    far = stay > 0 ? far / stay : 0;
    const double k = static_cast<double>(lag);
    const double weight = (1 - k / rows) * near + k / rows * far;
    variance += 2 * weight * autocovariance(series, mean, lag);
  }
  return centring_correction(n, block) * std::sqrt(std::max(0.0, variance) / rows);
}

namespace {

// Means of resampled rows less the mean, one after another.
class Resampler {
 public:
  Resampler(std::span<const double> series, double block, std::uint64_t seed)
      : rows_(series.size()),
        scale_(centring_correction(series.size(), block) / static_cast<double>(series.size())),
        random_(seed),
        lengths_(block) {
    assert(block >= 1 && rows_ > 0);
    const double mean = mean_of(series);
    // Twice around, so that a block which wraps is one difference of two sums.
    sums_.assign(2 * rows_ + 1, 0);
    for (std::size_t i = 0; i < 2 * rows_; ++i) sums_[i + 1] = sums_[i] + (series[i % rows_] - mean);
  }
  double next() {
    double sum = 0;
    for (std::size_t taken = 0; taken < rows_;) {
      const std::size_t length = lengths_.draw(random_, rows_ - taken);
      const std::size_t start = random_.below(rows_);
      sum += sums_[start + length] - sums_[start];
      taken += length;
    }
    return sum * scale_;
  }

 private:
  std::size_t rows_;
  double scale_ = 1;  // from a sum to a deviation of the mean
  Random random_;
  BlockLength lengths_;
  std::vector<double> sums_;
};

}  // namespace

std::vector<double> mean_deviations(std::span<const double> series, double block, std::size_t resamples,
                                    std::uint64_t seed) {
  if (series.empty()) return {};
  Resampler resampler(series, block, seed);
  std::vector<double> deviations(resamples);
  for (double& deviation : deviations) deviation = resampler.next();
  return deviations;
}

TailTest upper_tail(std::span<const double> series, double block, std::size_t resamples, double observed,
                    double alpha, std::uint64_t seed) {
  if (series.empty()) return {};
  Resampler resampler(series, block, seed);
  const double most = alpha * static_cast<double>(resamples + 1);
  std::size_t reached = 0;
  for (std::size_t drawn = 1; drawn <= resamples; ++drawn) {
    if (resampler.next() >= observed) ++reached;
    if (static_cast<double>(1 + reached) > most && drawn < resamples) {
      return {static_cast<double>(1 + reached) / static_cast<double>(drawn + 1), drawn};
    }
  }
  return {static_cast<double>(1 + reached) / static_cast<double>(resamples + 1), resamples};
}

Interval mean_interval(double mean, std::vector<double> deviations, double coverage) {
  if (deviations.empty()) return {mean, mean};
  std::sort(deviations.begin(), deviations.end());
  const auto quantile = [&](double share) {
    const double at = share * static_cast<double>(deviations.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, deviations.size() - 1);
    const double part = at - static_cast<double>(below);
    return deviations[below] * (1 - part) + deviations[above] * part;
  };
  const double tail = (1 - coverage) / 2;
  return {mean - quantile(1 - tail), mean - quantile(tail)};
}

std::vector<std::size_t> resampled_rows(std::size_t rows, double block, std::uint64_t seed,
                                        std::size_t resample) {
  assert(block >= 1);
  Random random(derive_seed(seed, resample));
  const BlockLength lengths(block);
  std::vector<std::size_t> chosen;
  chosen.reserve(rows);
  while (chosen.size() < rows) {
    const std::size_t length = lengths.draw(random, rows - chosen.size());
    std::size_t row = random.below(rows);
    for (std::size_t i = 0; i < length; ++i) {
      chosen.push_back(row);
      row = row + 1 == rows ? 0 : row + 1;
    }
  }
  return chosen;
}

}  // namespace pawl::stats
