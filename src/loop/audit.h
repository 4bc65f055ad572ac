// Every logged prediction, made again from what the store holds, and compared bit for bit (F2).
#pragma once

#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::loop {

struct AuditDifference {
  std::int64_t prediction_id = 0;
  std::string what;  // "features", "probabilities", "side", with both values
};

struct AuditReport {
  std::int64_t checked = 0;                        // predictions made again
  std::int64_t different = 0;                      // those that did not come out as logged
  std::int64_t unavailable = 0;                    // those whose bar or version is no longer there
  std::vector<AuditDifference> first_differences;  // at most twenty
  std::vector<std::string> why_unavailable;        // at most twenty
};

// What differs between a prediction as logged and as it comes out again, with both values; empty: no bit.
std::string difference_between(const Prediction& logged, const Prediction& again);

// Features are computed in blocks of `block` bars: any size must give the same bits.
Result<AuditReport> audit(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry,
                          std::size_t block, const ProgressSink& progress);

}  // namespace pawl::loop
