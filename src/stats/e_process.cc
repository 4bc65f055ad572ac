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

}  // namespace pawl::stats
