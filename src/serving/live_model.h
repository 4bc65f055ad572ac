// The model that answers now. A reader takes a handle without a lock and keeps it for one request; a swap
// publishes the next version and the last reader frees the old one. Any thread may call anything here.
#pragma once

#include <atomic>
#include <memory>

#include "domain/prediction.h"
#include "judging/metrics.h"
#include "registry/registry.h"

namespace pawl::serving {

class LiveModel {
 public:
  using Handle = std::shared_ptr<const registry::LoadedVersion>;

  // The version that serves, pinned for as long as the handle lives; null before the first publish.
  Handle get() const { return current_.load(std::memory_order_acquire); }
  // The caller must not hold a handle of this slot while it publishes.
  void publish(Handle version) { current_.store(std::move(version), std::memory_order_release); }

 private:
  std::atomic<Handle> current_;
};

// What a version says to one row: probabilities, side, and the digest of the row. Ids and times are the
// caller's to fill in. A row with a missing value is answered too, as the model's kind defines it.
Prediction predict(const registry::LoadedVersion& version, std::span<const double> row,
                   const judging::SignalRule& signal);

}  // namespace pawl::serving
