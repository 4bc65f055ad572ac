#include "judging/drift_reference.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "stats/effective_size.h"

namespace pawl::judging {

namespace {

// Enough instants to know a memory of hundreds; more would only take time.
constexpr std::size_t kMemoryInstants = 10'000;

std::vector<double> deciles(std::span<const double> values) {
  std::vector<double> sorted;
  for (const double value : values) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges;
  if (sorted.empty() || !(sorted.front() < sorted.back())) return edges;
  for (std::size_t k = 1; k < kDriftBins; ++k) {
    const double edge = sorted[sorted.size() * k / kDriftBins];
    // An edge at the least value would have nothing below it.
    if (edge > sorted.front() && (edges.empty() || edge > edges.back())) edges.push_back(edge);
  }
  // A value that most rows share, with a few above it: those are a bin.
  if (edges.empty()) edges.push_back(*std::upper_bound(sorted.begin(), sorted.end(), sorted.front()));
  return edges;
}

Json column_json(const ColumnReference& column) {
  return {{"name", column.name},
          {"edges", column.edges},
          {"counts", column.counts},
          {"memory", column.memory},
          {"instants", column.instants}};
}

// Throws what nlohmann's get() throws; the one caller catches.
ColumnReference column_or_throw(const Json& json) {
  ColumnReference column;
  column.name = json.at("name").get<std::string>();
  column.edges = json.at("edges").get<std::vector<double>>();
  column.counts = json.at("counts").get<std::vector<std::int64_t>>();
  column.memory = json.at("memory").get<double>();
  column.instants = json.at("instants").get<std::int64_t>();
  return column;
}

bool is_sound(const ColumnReference& column) {
  return column.edges.size() < kDriftBins && column.counts.size() == column.edges.size() + 2 &&
         std::is_sorted(column.edges.begin(), column.edges.end()) && column.memory >= 1 &&
         column.instants > 0 &&
         std::all_of(column.counts.begin(), column.counts.end(), [](std::int64_t n) { return n >= 0; });
}

}  // namespace

std::size_t ColumnReference::bin_of(double value) const {
  if (std::isnan(value)) return counts.size() - 1;
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) - edges.begin());
}

ColumnReference column_reference(std::string name, std::span<const double> values,
                                 std::span<const TimeMs> times) {
  assert(values.size() == times.size());
  ColumnReference column{.name = std::move(name), .edges = deciles(values), .counts = {}};
  column.counts.assign(column.edges.size() + 2, 0);
  std::vector<double> means;  // of an instant's bins
  for (std::size_t i = 0; i < values.size();) {
    double sum = 0, rows = 0;
    const TimeMs instant = times[i];
    for (; i < values.size() && times[i] == instant; ++i) {
      const std::size_t bin = column.bin_of(values[i]);
      ++column.counts[bin];
      sum += static_cast<double>(bin);
      ++rows;
    }
    means.push_back(sum / rows);
  }
  column.instants = static_cast<std::int64_t>(means.size());
  const std::size_t newest = std::min(means.size(), kMemoryInstants);
  column.memory = std::max(1.0, stats::autocorrelation_time(std::span(means).last(newest)));
  return column;
}

Json to_json(const DriftReference& reference) {
  Json features = Json::array();
  for (const ColumnReference& column : reference.features) features.push_back(column_json(column));
  return {{"features", std::move(features)},
          {"p_up", reference.p_up ? column_json(*reference.p_up) : Json()},
          {"error_share", reference.error_share ? Json(*reference.error_share) : Json()},
          {"signals", reference.signals}};
}

Result<DriftReference> drift_reference_from_json(const Json& json) {
  DriftReference reference;
  bool sound = true;
  try {
    for (const Json& item : json.at("features")) {
      reference.features.push_back(column_or_throw(item));
      sound = sound && is_sound(reference.features.back());
    }
    if (!json.at("p_up").is_null()) {
      reference.p_up = column_or_throw(json.at("p_up"));
      sound = sound && is_sound(*reference.p_up);
    }
    if (!json.at("error_share").is_null()) reference.error_share = json.at("error_share").get<double>();
    reference.signals = json.at("signals").get<std::int64_t>();
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::corrupt, "the reference for drift is damaged: {}", error.what());
  }
  if (!sound) return fail(ErrorCode::corrupt, "the reference for drift is damaged: a column is none");
  return reference;
}

}  // namespace pawl::judging
