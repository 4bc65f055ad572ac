// Probabilities that mean what they say: a monotone map of each class's probability, fitted on rows that the
// model was not trained on. What it does to a score of a model, and what it does not: docs/calibration.md.
// Everything here is a pure function, safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace pawl::models {

enum class CalibrationMethod { none, isotonic, platt };
std::string_view calibration_method_name(CalibrationMethod method);  // "none", "isotonic", "platt"
std::optional<CalibrationMethod> find_calibration_method(std::string_view name);

// Fewer rows than this, or a class that none of them has, and nothing is fitted.
inline constexpr std::size_t kCalibrationRowsMin = 100;

// Rows whose answers lie in [from, to] and of which the share `value` were hits.
struct IsotonicBlock {
  double from = 0, to = 0, value = 0;
  std::int64_t rows = 0;
};
// The non-decreasing step function with the least squared error (pool adjacent violators; Ayer et al. 1955):
// blocks in order, of strictly rising value. Equal answers are one point. `hits` are 0 or 1, as many as
// `answers`, which are finite and in any order.
std::vector<IsotonicBlock> pool_adjacent_violators(std::span<const double> answers,
                                                   std::span<const int> hits);

// p = 1 / (1 + exp(−(slope · score + offset))).
struct PlattLine {
  double slope = 1, offset = 0;
};
// Platt (1999) with his targets (hits + 1) / (hits + 2) and 1 / (misses + 2) in place of 1 and 0, by Newton's
// method (Lin, Lin, Weng 2007). Both hits and misses are there. A line that would turn the order round is
// flat instead.
PlattLine fit_platt(std::span<const double> scores, std::span<const int> hits);

// The maps of one model.
class Calibration {
 public:
  // From a model's answers (rows × classes) to rows that it was not trained on, and their labels.
  // insufficient_data below kCalibrationRowsMin rows, or where a class is in none of them. Not for `none`.
  static Result<Calibration> fit(CalibrationMethod method, int classes, std::span<const double> probabilities,
                                 std::span<const int> labels);
  // What to_json() wrote gives the same bits again; corrupt where it did not write it.
  static Result<Calibration> from_json(const Json& json);
  Json to_json() const;

  // In place, rows × classes(). Two classes have one map, of the second, and the first is the rest; of more
  // each has one, and they are divided by their sum. Never surer than the rows of the fit allow: each map's
  // answers stay in [1 / (n + 2), 1 − 1 / (n + 2)]. Allocates nothing.
  void apply(std::span<double> probabilities) const;

  CalibrationMethod method() const { return method_; }
  int classes() const { return maps_.size() == 1 ? 2 : static_cast<int>(maps_.size()); }

 private:
  struct Map {
    std::vector<double> x, y;  // isotonic: straight between these points, x rising, y not falling
    PlattLine line;            // platt: of the log-odds
  };
  double map_one(const Map& map, double p) const;

  CalibrationMethod method_ = CalibrationMethod::isotonic;
  std::int64_t rows_ = 0;
  std::vector<Map> maps_;
};

// How far probabilities are from what happened: rows sorted into `bins` equal parts of [0, 1] by p, the mean
// distance of mean p and share of hits, weighted by rows (expected calibration error; Naeini et al. 2015).
// 0 where there are no rows.
double calibration_error(std::span<const double> p, std::span<const int> hits, std::size_t bins = 10);

}  // namespace pawl::models
