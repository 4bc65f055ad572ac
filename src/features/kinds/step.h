// From a step, which takes one value or one bar at a time, to a Feature, which takes blocks. A step is a
// small class with operator(), save() and load(); the loop around it is written once, here.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "features/feature.h"

namespace pawl::features {

// The one NaN that features write.
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
inline bool is_missing(double value) {
  return value != value;
}
// Infinities and NaNs of any sign and payload become kMissing.
inline double finite_or_missing(double value) {
  return value - value == 0 ? value : kMissing;
}
// Missing where the divisor is zero.
inline double quotient(double a, double b) {
  return finite_or_missing(a / b);
}
// The value where the condition holds, else 0, without a branch: on prices it would be a coin toss each time.
inline double when(bool condition, double value) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) & -std::uint64_t{condition});
}
// std::max by value: through its references GCC makes a branch of it.
inline double larger(double a, double b) {
  return a > b ? a : b;
}
// TA-Lib's idea of zero: what is left of a sum that should have cancelled.
inline bool nearly_zero(double value) {
  return std::fabs(value) < 1e-14;
}

enum class OnMissing { step_over, pass_on };

// A step over the values of one expression. The step works on a local copy within a block: the compiler then
// keeps it in registers instead of writing it back for fear that `out` is part of it.
template <class Step, OnMissing on_missing = OnMissing::step_over>
class OnValues final : public Feature {
 public:
  explicit OnValues(Step step) : step_(std::move(step)) {}

  void update(const FeatureCall& call) override {
    Step step = std::move(step_);
    const std::span<const double> values = call.inputs[0];
    const std::span<double> out = call.out();
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (on_missing == OnMissing::step_over && is_missing(values[i])) {
        out[i] = kMissing;
      } else {
        out[i] = step(values[i]);
      }
    }
    step_ = std::move(step);
  }
  void save(ByteWriter& out) const override { step_.save(out); }
  bool load(ByteReader& in) override { return step_.load(in); }
  void copy_from(const Feature& other) override { step_ = static_cast<const OnValues&>(other).step_; }

 private:
  Step step_;
};

// A step over bars: step(bars, i).
template <class Step>
class OnBars final : public Feature {
 public:
  explicit OnBars(Step step) : step_(std::move(step)) {}

  void update(const FeatureCall& call) override {
    Step step = std::move(step_);
    const BarBlock block = call.bars;
    const std::span<double> out = call.out();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = step(block, i);
    step_ = std::move(step);
  }
  void save(ByteWriter& out) const override { step_.save(out); }
  bool load(ByteReader& in) override { return step_.load(in); }
  void copy_from(const Feature& other) override { step_ = static_cast<const OnBars&>(other).step_; }

 private:
  Step step_;
};

// A step over bars that several kinds read, a family: step(bars, i) gives an array of Step::kOutputs values,
// in the order of the kinds' `output`.
template <class Step>
class OnBarsForFamily final : public Feature {
 public:
  explicit OnBarsForFamily(Step step) : step_(std::move(step)) {}

  void update(const FeatureCall& call) override {
    const BarBlock block = call.bars;
    for (std::size_t i = 0; i < call.size(); ++i) {
      const std::array<double, Step::kOutputs> values = step_(block, i);
      for (std::size_t j = 0; j < values.size(); ++j) {
        if (!call.outputs[j].empty()) call.outputs[j][i] = values[j];
      }
    }
  }
  void save(ByteWriter& out) const override { step_.save(out); }
  bool load(ByteReader& in) override { return step_.load(in); }
  void copy_from(const Feature& other) override { step_ = static_cast<const OnBarsForFamily&>(other).step_; }

 private:
  Step step_;
};

// A step whose output depends on nothing but the present input.
struct Stateless {
  void save(ByteWriter&) const {}
  bool load(ByteReader&) { return true; }
};

template <class Step, class... Args>
std::unique_ptr<Feature> on_values(Args&&... args) {
  return std::make_unique<OnValues<Step>>(Step(std::forward<Args>(args)...));
}
template <class Step, class... Args>
std::unique_ptr<Feature> on_every_value(Args&&... args) {
  return std::make_unique<OnValues<Step, OnMissing::pass_on>>(Step(std::forward<Args>(args)...));
}
template <class Step, class... Args>
std::unique_ptr<Feature> on_bars(Args&&... args) {
  return std::make_unique<OnBars<Step>>(Step(std::forward<Args>(args)...));
}

template <class Step, class... Args>
std::unique_ptr<Feature> on_bars_for_family(Args&&... args) {
  return std::make_unique<OnBarsForFamily<Step>>(Step(std::forward<Args>(args)...));
}

// What kinds say of their parameters.
using Parameters = std::span<const double>;
inline constexpr double kLongestWindow = 10000;
inline Parameter length_parameter(std::string name, double default_value, double min = 1,
                                  double max = kLongestWindow) {
  return {.name = std::move(name), .default_value = default_value, .min = min, .max = max};
}
inline std::size_t length(double parameter) {
  return static_cast<std::size_t>(parameter);
}

}  // namespace pawl::features
