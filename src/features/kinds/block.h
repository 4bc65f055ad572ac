// From a computation over the values of one expression, which takes whole blocks of them, to a Feature. The
// computation is a small class with operator()(kernels, x, count, out), save() and load(), and is never given
// a missing value; how those are stepped over is written once, here.
#pragma once

#include <array>

#include "features/kinds/step.h"

namespace pawl::features {

// Longer blocks are worked through in such parts, so that values in between fit on the stack: a computation
// that kept room for them would make every line of thousands larger.
inline constexpr std::size_t kPart = 128;
template <class Work>
void in_parts(std::size_t count, Work work) {
  for (std::size_t first = 0; first < count; first += kPart) {
    work(first, count - first < kPart ? count - first : kPart);
  }
}
using Part = std::array<double, kPart>;  // not initialised

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
    in_parts(x.size(), [&](std::size_t first, std::size_t size) {
      Part present, results;
      std::size_t count = 0;
      for (const double value : x.subspan(first, size)) {
        if (!is_missing(value)) present[count++] = value;
      }
      if (count > 0) computation_(kernels, present.data(), count, results.data());
      std::size_t next = 0;
      for (std::size_t i = first; i < first + size; ++i) {
        out[i] = is_missing(x[i]) ? kMissing : results[next++];
      }
    });
  }

  Computation computation_;
};

template <class Computation, class... Args>
std::unique_ptr<Feature> on_blocks(Args&&... args) {
  return std::make_unique<OnBlocks<Computation>>(Computation(std::forward<Args>(args)...));
}

}  // namespace pawl::features
