#include "models/calibration.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

namespace pawl::models {

namespace {

// By CalibrationMethod.
constexpr std::array<std::string_view, 3> kNames = {"none", "isotonic", "platt"};

// Trees answer 1 where their margin is large; its log-odds must stay a number.
constexpr double kSurest = 1e-9;

double log_odds(double p) {
  const double within = std::clamp(p, kSurest, 1 - kSurest);
  return std::log(within / (1 - within));
}

// Written for either sign, so that no exponential overflows.
double logistic(double score) {
  if (score >= 0) return 1 / (1 + std::exp(-score));
  const double small = std::exp(score);
  return small / (1 + small);
}

bool rises(const std::vector<double>& values, bool strictly) {
  return std::adjacent_find(values.begin(), values.end(), [&](double a, double b) {
           return strictly ? !(a < b) : !(a <= b);
         }) == values.end();
}

bool in_unit(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v >= 0 && v <= 1; });
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::corrupt, "the calibration of this model is damaged: {}", what);
}

// Throws what nlohmann's get() throws; the one caller catches.
std::vector<double> numbers_or_throw(const Json& json, std::string_view field) {
  return json.at(std::string(field)).get<std::vector<double>>();
}

}  // namespace

std::string_view calibration_method_name(CalibrationMethod method) {
  return kNames[static_cast<std::size_t>(method)];
}

std::optional<CalibrationMethod> find_calibration_method(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<CalibrationMethod>(found - kNames.begin());
}

std::vector<IsotonicBlock> pool_adjacent_violators(std::span<const double> answers,
                                                   std::span<const int> hits) {
  assert(answers.size() == hits.size());
  std::vector<std::size_t> order(answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return answers[a] < answers[b]; });
  // Hits are counted, not averaged: what is pooled is exact, in whatever order.
  struct Pool {
    double from, to;
    std::int64_t hits, rows;
  };
  std::vector<Pool> pools;
  for (const std::size_t i : order) {
    const double x = answers[i];
    if (!pools.empty() && pools.back().to == x && pools.back().from == x) {
      pools.back().hits += hits[i];
      ++pools.back().rows;
    } else {
      pools.push_back({x, x, hits[i], 1});
    }
  }
  std::vector<Pool> merged;
  for (const Pool& next : pools) {
    merged.push_back(next);
    while (merged.size() > 1) {
      Pool& below = merged[merged.size() - 2];
      const Pool& above = merged.back();
      if (below.hits * above.rows < above.hits * below.rows) break;
      below.to = above.to;
      below.hits += above.hits;
      below.rows += above.rows;
      merged.pop_back();
    }
  }
  std::vector<IsotonicBlock> blocks;
  for (const Pool& pool : merged) {
    blocks.push_back(
        {pool.from, pool.to, static_cast<double>(pool.hits) / static_cast<double>(pool.rows), pool.rows});
  }
  return blocks;
}

PlattLine fit_platt(std::span<const double> scores, std::span<const int> hits) {
  assert(scores.size() == hits.size());
  const auto positive = static_cast<double>(std::count(hits.begin(), hits.end(), 1));
  const double negative = static_cast<double>(hits.size()) - positive;
  assert(positive > 0 && negative > 0);
  const double high = (positive + 1) / (positive + 2), low = 1 / (negative + 2);
  const double base = (positive * high + negative * low) / (positive + negative);

  const auto loss_of = [&](const PlattLine& line) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double score = line.slope * scores[i] + line.offset, target = hits[i] != 0 ? high : low;
      sum += std::max(score, 0.0) + std::log1p(std::exp(-std::abs(score))) - target * score;
    }
    return sum;
  };
  PlattLine line{0, std::log(base / (1 - base))};
  const PlattLine flat = line;
  double loss = loss_of(line);
  constexpr int kStepsMax = 100;
  constexpr double kRidge = 1e-10;  // keeps the step a number where all scores are equal
  for (int step = 0; step < kStepsMax; ++step) {
    double by_slope = 0, by_offset = 0, ss = kRidge, so = 0, oo = kRidge;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double x = scores[i], p = logistic(line.slope * x + line.offset);
      const double gap = p - (hits[i] != 0 ? high : low), weight = p * (1 - p);
      by_slope += gap * x;
      by_offset += gap;
      ss += weight * x * x;
      so += weight * x;
      oo += weight;
    }
    const double determinant = ss * oo - so * so;
    if (std::max(std::abs(by_slope), std::abs(by_offset)) < 1e-9 || !(determinant > 0)) break;
    const double to_slope = -(oo * by_slope - so * by_offset) / determinant;
    const double to_offset = -(ss * by_offset - so * by_slope) / determinant;
    double length = 1;
    PlattLine next;
    double next_loss = loss;
    for (; length > 1e-10; length /= 2) {
      next = {line.slope + length * to_slope, line.offset + length * to_offset};
      next_loss = loss_of(next);
      if (next_loss < loss + 1e-4 * length * (by_slope * to_slope + by_offset * to_offset)) break;
    }
    if (length <= 1e-10) break;
    line = next;
    loss = next_loss;
  }
  return line.slope > 0 ? line : flat;
}

Result<Calibration> Calibration::fit(CalibrationMethod method, int classes,
                                     std::span<const double> probabilities, std::span<const int> labels) {
  assert(method != CalibrationMethod::none);
  const auto width = static_cast<std::size_t>(classes);
  assert(probabilities.size() == labels.size() * width);
  if (labels.size() < kCalibrationRowsMin) {
    return fail(ErrorCode::insufficient_data, "{} rows are held out, and a map needs {}", labels.size(),
                kCalibrationRowsMin);
  }
  for (int k = 0; k < classes; ++k) {
    if (std::find(labels.begin(), labels.end(), k) == labels.end()) {
      return fail(ErrorCode::insufficient_data, "none of the {} rows held out is of class {}", labels.size(),
                  k);
    }
  }
  Calibration made;
  made.method_ = method;
  made.rows_ = static_cast<std::int64_t>(labels.size());
  std::vector<double> answers(labels.size());
  std::vector<int> hits(labels.size());
  for (std::size_t k = classes == 2 ? 1 : 0; k < width; ++k) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      answers[i] = probabilities[i * width + k];
      hits[i] = labels[i] == static_cast<int>(k) ? 1 : 0;
    }
    Map& map = made.maps_.emplace_back();
    if (method == CalibrationMethod::platt) {
      for (double& answer : answers) answer = log_odds(answer);
      map.line = fit_platt(answers, hits);
      continue;
    }
    for (const IsotonicBlock& block : pool_adjacent_violators(answers, hits)) {
      map.x.push_back(block.from);
      map.y.push_back(block.value);
      if (block.to == block.from) continue;
      map.x.push_back(block.to);
      map.y.push_back(block.value);
    }
  }
  return made;
}

double Calibration::map_one(const Map& map, double p) const {
  double mapped = 0;
  if (method_ == CalibrationMethod::platt) {
    mapped = logistic(map.line.slope * log_odds(p) + map.line.offset);
  } else {
    const auto above = std::upper_bound(map.x.begin(), map.x.end(), p);
    if (above == map.x.begin()) {
      mapped = map.y.front();
    } else if (above == map.x.end()) {
      mapped = map.y.back();
    } else {
      const auto i = static_cast<std::size_t>(above - map.x.begin());
      const double share = (p - map.x[i - 1]) / (map.x[i] - map.x[i - 1]);
      mapped = std::min(map.y[i - 1] + (map.y[i] - map.y[i - 1]) * share, map.y[i]);
    }
  }
  const double least = 1 / (static_cast<double>(rows_) + 2);
  return std::clamp(mapped, least, 1 - least);
}

void Calibration::apply(std::span<double> probabilities) const {
  const auto width = static_cast<std::size_t>(classes());
  assert(probabilities.size() % width == 0);
  for (std::size_t at = 0; at < probabilities.size(); at += width) {
    const std::span<double> row = probabilities.subspan(at, width);
    if (width == 2) {
      row[1] = map_one(maps_.front(), row[1]);
      row[0] = 1 - row[1];
      continue;
    }
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += row[k] = map_one(maps_[k], row[k]);
    for (double& p : row) p /= sum;
  }
}

Json Calibration::to_json() const {
  Json maps = Json::array();
  for (const Map& map : maps_) {
    if (method_ == CalibrationMethod::platt) {
      maps.push_back({{"slope", map.line.slope}, {"offset", map.line.offset}});
    } else {
      maps.push_back({{"x", map.x}, {"y", map.y}});
    }
  }
  return {{"method", calibration_method_name(method_)}, {"rows", rows_}, {"maps", std::move(maps)}};
}

Result<Calibration> Calibration::from_json(const Json& json) {
  Calibration made;
  try {
    const auto method = find_calibration_method(json.at("method").get_ref<const std::string&>());
    if (!method || *method == CalibrationMethod::none) return malformed("it is of no method that is known");
    made.method_ = *method;
    made.rows_ = json.at("rows").get<std::int64_t>();
    for (const Json& item : json.at("maps")) {
      Map& map = made.maps_.emplace_back();
      if (made.method_ == CalibrationMethod::platt) {
        map.line = {item.at("slope").get<double>(), item.at("offset").get<double>()};
        if (!(map.line.slope >= 0) || !std::isfinite(map.line.slope) || !std::isfinite(map.line.offset)) {
          return malformed("a line that is none");
        }
        continue;
      }
      map.x = numbers_or_throw(item, "x");
      map.y = numbers_or_throw(item, "y");
      if (map.x.empty() || map.x.size() != map.y.size() || !rises(map.x, true) || !rises(map.y, false) ||
          !in_unit(map.x) || !in_unit(map.y)) {
        return malformed("its points are in no order");
      }
    }
  } catch (const nlohmann::json::exception& error) {
    return malformed(error.what());
  }
  if (made.rows_ < 1 || made.maps_.empty() || made.maps_.size() == 2)
    return malformed("its maps are missing");
  return made;
}

double calibration_error(std::span<const double> p, std::span<const int> hits, std::size_t bins) {
  assert(p.size() == hits.size() && bins > 0);
  if (p.empty()) return 0;
  std::vector<double> sum(bins), hit(bins);
  for (std::size_t i = 0; i < p.size(); ++i) {
    const auto bin = std::min(static_cast<std::size_t>(p[i] * static_cast<double>(bins)), bins - 1);
    sum[bin] += p[i];
    hit[bin] += hits[i];
  }
  double error = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) error += std::abs(sum[bin] - hit[bin]);
  return error / static_cast<double>(p.size());
}

}  // namespace pawl::models
