// From a computation over the values of one expression, which takes whole blocks of them, to a Feature. The
// computation is a small class with operator()(kernels, x, count, out), save() and load(), and is never given
// a missing value; how those are stepped over is written once, here.
#pragma once

#include <vector>

#include "features/kinds/step.h"

namespace pawl::features {

template <class Computation>
class OnBlocks final : public Feature {
 public:
  explicit OnBlocks(Computation computation) : computation_(std::move(computation)) {}

  void update(const FeatureCall& call) override {
    const std::span<const double> x = call.inputs[0];
    const std::span<double> out = call.out();
    if (!call.kernels.any_missing(x.data(), x.size())) {
      computation_(call.kernels, x.data(), x.size(), out.data());
    } else {
      step_over(call.kernels, x, out);
    }
  }
  void save(ByteWriter& out) const override { computation_.save(out); }
  bool load(ByteReader& in) override { return computation_.load(in); }
  void copy_from(const Feature& other) override {
    computation_ = static_cast<const OnBlocks&>(other).computation_;
  }

 private:
  // In one row what there is, and the results back to where it was.
  void step_over(const simd::Kernels& kernels, std::span<const double> x, std::span<double> out) {
    present_.clear();
    for (const double value : x) {
      if (!is_missing(value)) present_.push_back(value);
    }
    results_.resize(present_.size());
    if (!present_.empty()) computation_(kernels, present_.data(), present_.size(), results_.data());
    std::size_t next = 0;
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = is_missing(x[i]) ? kMissing : results_[next++];
  }

  Computation computation_;
  std::vector<double> present_, results_;  // for one call
};

template <class Computation, class... Args>
std::unique_ptr<Feature> on_blocks(Args&&... args) {
  return std::make_unique<OnBlocks<Computation>>(Computation(std::forward<Args>(args)...));
}

// Scratch values for a part of a block; longer blocks are worked through in such parts.
inline constexpr std::size_t kPart = 512;
template <class Work>
void in_parts(std::size_t count, Work work) {
  for (std::size_t first = 0; first < count; first += kPart) {
    work(first, count - first < kPart ? count - first : kPart);
  }
}

}  // namespace pawl::features
