#include <cassert>

#include "judging/metrics.h"

namespace pawl::judging {
namespace {

// The one class above all others, or nothing.
std::optional<int> single_top(std::span<const double> probabilities) {
  int top = 0;
  bool shared = false;
  for (std::size_t k = 1; k < probabilities.size(); ++k) {
    const double best = probabilities[static_cast<std::size_t>(top)];
    if (probabilities[k] == best) shared = true;
    if (probabilities[k] > best) {
      top = static_cast<int>(k);
      shared = false;
    }
  }
  if (shared) return std::nullopt;
  return top;
}

}  // namespace

int predicted_class(std::span<const double> probabilities) {
  assert(probabilities.size() == 2 || probabilities.size() == 3);
  if (probabilities.size() == 2) return probabilities[1] >= 0.5 ? 1 : 0;
  return single_top(probabilities).value_or(1);
}

Side SignalRule::side(std::span<const double> probabilities) const {
  assert(probabilities.size() == 2 || probabilities.size() == 3);
  const double p_up = probabilities.back();
  if (kind == Kind::edge) {
    // From p_up alone where it says all: 1 − p_up may be a bit off the stored p_down.
    const double down_edge = probabilities.size() == 2 ? 0.5 - p_up : probabilities.front() - 0.5;
    if (p_up - 0.5 >= min_edge) return Side::buy;
    if (down_edge >= min_edge) return Side::sell;
    return Side::hold;
  }
  if (kind == Kind::allow) return p_up >= min_probability ? Side::buy : Side::hold;
  const std::optional<int> top = single_top(probabilities);
  if (!top || probabilities[static_cast<std::size_t>(*top)] < min_probability) return Side::hold;
  if (*top == 0) return Side::sell;
  return *top + 1 == static_cast<int>(probabilities.size()) ? Side::buy : Side::hold;
}

}  // namespace pawl::judging
