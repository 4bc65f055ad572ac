// How a version's training rows lay: what later rows are held against (docs/drift.md). Made once, in
// training, from the job's own rows, and kept with the artifact, so that it needs nothing computed again.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace pawl::judging {

inline constexpr std::size_t kDriftBins = 10;

// One column's distribution, in at most kDriftBins bins and one for missing values: bounded, whatever the
// rows.
struct ColumnReference {
  std::string name;
  // Deciles, rising; fewer where many rows share a value. Bin i holds values in [edges[i − 1], edges[i]).
  std::vector<double> edges;
  std::vector<std::int64_t> counts;  // rows of edges.size() + 1 bins, and last those without a value
  // Instants that one row remembers: the integrated autocorrelation time τ of the bin's number, ≥ 1.
  double memory = 1;
  std::int64_t instants = 0;  // rows of one instant (of a pooled line) count as one

  std::size_t bin_of(double value) const;  // a missing value's is counts.size() − 1
  double effective() const { return static_cast<double>(instants) / memory; }  // independent instants
};
// Of values in order of their times, as many; equal times are one instant, of which the mean bin counts.
ColumnReference column_reference(std::string name, std::span<const double> values,
                                 std::span<const TimeMs> times);

struct DriftReference {
  std::vector<ColumnReference> features;  // in column order
  // Of rows that the model which gave it was not trained on; none where there were too few.
  std::optional<ColumnReference> p_up;
  std::optional<double> error_share;  // wrong signals among those rows' signals; none where there were none
  std::int64_t signals = 0;
};
Json to_json(const DriftReference& reference);
// corrupt where to_json() did not write it.
Result<DriftReference> drift_reference_from_json(const Json& json);

}  // namespace pawl::judging
