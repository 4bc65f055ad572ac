// Two alarms over a stream that need nothing but running figures, and the accuracy that a calibrated model
// expects of itself. Deterministic, O(1) in time and memory, copies go on alike. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>

namespace pawl::stats {

// Page–Hinkley: s = max(0, αs + x − x̄ − δ), an alarm at s ≥ λ. It hears rises only: for falls push −x into
// another one. δ and λ are in units of x.
struct PageHinkleySettings {
  double keep = 0.9999;      // α: what is left of s after a row
  double tolerance = 0.005;  // δ
  double limit = 50;         // λ
  int rows_min = 30;         // no alarm before
};

class PageHinkley {
 public:
  explicit PageHinkley(const PageHinkleySettings& settings = {}) : settings_(settings) {}
  // True at the alarm, after which it begins anew.
  bool push(double value);
  double sum() const { return sum_; }
  std::uint64_t rows() const { return rows_; }  // since it began

 private:
  PageHinkleySettings settings_;
  std::uint64_t rows_ = 0;
  double mean_ = 0, sum_ = 0;
};

// DDM (Gama et al. 2004) over right and wrong: with p the share of errors and s = √(p(1 − p)/i), it warns
// where p + s > p_min + 2 s_min and finds a drift where p + s > p_min + 3 s_min; the minima are those of the
// row with the least p + s.
enum class DdmState { steady, warning, drift };

struct DdmSettings {
  double warn_at = 2, drift_at = 3;
  int rows_min = 30;  // nothing but steady before
};

class Ddm {
 public:
  explicit Ddm(const DdmSettings& settings = {}) : settings_(settings) {}
  // After `drift` it begins anew.
  DdmState push(bool wrong);
  double error_share() const { return share_; }  // since it began
  std::uint64_t rows() const { return rows_; }

 private:
  DdmSettings settings_;
  std::uint64_t rows_ = 0;
  double share_ = 0;
  bool has_least_ = false;
  double least_share_ = 0, least_spread_ = 0;
};

// CBPE: the accuracy to be expected of predictions whose labels are not known yet, mean(1 − |ŷ − p̂|), where
// ŷ is 0 or 1 and p̂ the probability of 1. That is the probability of the class that was predicted, so it
// holds for any number of classes. True of calibrated probabilities only.
class ExpectedAccuracy {
 public:
  // `probability` of the predicted class, in [0, 1].
  void push(double probability);
  // None before the first row.
  std::optional<double> value() const;

 private:
  std::uint64_t rows_ = 0;
  double sum_ = 0;
};

}  // namespace pawl::stats
