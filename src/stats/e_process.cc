#include "stats/e_process.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace pawl::stats {

namespace {

constexpr std::array<double, 4> kStakes = {0.05, 0.1, 0.2, 0.4};

}  // namespace

void EProcess::push(double d) {
  assert(d >= -1 && d <= 1);
  for (std::size_t i = 0; i < kStakes.size(); ++i) logs_[i] += std::log1p(kStakes[i] * d);
  ++rows_;
  most_ = std::max(most_, log_value());
}

double EProcess::next_stake() const {
  const double most = *std::ranges::max_element(logs_);
  double wealth = 0, staked = 0;
  for (std::size_t i = 0; i < kStakes.size(); ++i) {
    const double share = std::exp(logs_[i] - most);
    wealth += share;
    staked += share * kStakes[i];
  }
  return staked / wealth;
}

double EProcess::log_value() const {
  if (rows_ == 0) return 0;
  const double most = *std::ranges::max_element(logs_);
  double wealth = 0;
  for (const double one : logs_) wealth += std::exp(one - most);
  return most + std::log(wealth / static_cast<double>(logs_.size()));
}

double EProcess::value() const {
  return std::exp(log_value());
}

bool EProcess::acts(double alpha) const {
  assert(alpha > 0 && alpha < 1);
  return log_value() >= -std::log(alpha);
}

}  // namespace pawl::stats
