#include "models/explanation.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>

namespace pawl::models {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"gain", "weight_spread", "none"};
constexpr double kGapAllowed = 1e-5;
// Half the distance of two floats just below 1: trees answer in floats.
constexpr double kFloatRounding = 6e-8;

}  // namespace

std::string_view why_no_importance(const Importance& importance) {
  if (importance.kind != "none") return {};
  return "it follows a rule and learnt nothing, so no column has a share";
}

Json to_json(const Importance& importance) {
  Json columns = Json::array();
  for (const Importance::Column& column : importance.columns) {
    Json one = {{"name", column.name}, {"share", column.share}};
    if (importance.kind == "gain") {
      one["splits"] = column.splits;
      one["total_share"] = column.total_share;
    }
    columns.push_back(std::move(one));
  }
  return {{"kind", importance.kind}, {"columns", std::move(columns)}};
}

Result<Importance> importance_from_json(const Json& json) {
  const auto kind = json_string(json, "kind");
  if (!kind) return fail(ErrorCode::corrupt, "importance: {}", kind.error().message);
  if (std::find(kKinds.begin(), kKinds.end(), *kind) == kKinds.end()) {
    return fail(ErrorCode::corrupt, "importance: no kind is called \"{}\"", *kind);
  }
  const auto columns = json.find("columns");
  if (columns == json.end() || !columns->is_array()) {
    return fail(ErrorCode::corrupt, "importance: its columns are no list");
  }
  Importance importance{.kind = *kind, .columns = {}};
  for (const Json& one : *columns) {
    const auto name = json_string(one, "name");
    if (!name) return fail(ErrorCode::corrupt, "importance: {}", name.error().message);
    const auto share = json_double(one, "share");
    if (!share) return fail(ErrorCode::corrupt, "importance: {}", share.error().message);
    Importance::Column column{.name = *name, .share = *share};
    if (*kind == "gain") {
      const auto splits = json_int(one, "splits");
      if (!splits) return fail(ErrorCode::corrupt, "importance: {}", splits.error().message);
      const auto total = json_double(one, "total_share");
      if (!total) return fail(ErrorCode::corrupt, "importance: {}", total.error().message);
      column.splits = *splits;
      column.total_share = *total;
    }
    importance.columns.push_back(std::move(column));
  }
  return importance;
}

double Contributions::sum(std::size_t score) const {
  double sum = bias[score];
  for (const double one : of_score(score)) sum += one;
  return sum;
}

SumCheck check_sum(const Contributions& contributions, std::span<const double> probabilities) {
  assert(contributions.scores() == (probabilities.size() == 2 ? 1 : probabilities.size()));
  const std::size_t classes = probabilities.size();
  // The score of class 0 of two is 0 by definition.
  std::vector<double> sums(classes), logarithms(classes);
  for (std::size_t k = 0; k < classes; ++k) {
    sums[k] = contributions.scores() == 1 ? (k == 1 ? contributions.sum(0) : 0) : contributions.sum(k);
    logarithms[k] = std::log(probabilities[k]);
  }
  const double top = *std::max_element(sums.begin(), sums.end());
  double total = 0;
  for (const double sum : sums) total += std::exp(sum - top);
  SumCheck check{.gap = 0, .holds = true};
  for (std::size_t k = 0; k < classes; ++k) {
    const double p = probabilities[k];
    if (!(std::abs(std::exp(sums[k] - top) / total - p) <= kGapAllowed * p * (1 - p) + kFloatRounding)) {
      check.holds = false;
    }
  }
  if (classes == 2) {
    check.gap = std::abs(sums[1] - (logarithms[1] - logarithms[0]));
    return check;
  }
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  for (std::size_t k = 0; k < classes; ++k) {
    const double difference = (sums[k] - mean(sums)) - (logarithms[k] - mean(logarithms));
    check.gap = std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                       : std::max(check.gap, std::abs(difference));
  }
  return check;
}

}  // namespace pawl::models
