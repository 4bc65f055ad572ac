// The model that answers now. A request pins the version it uses; a swap publishes the next one, and the last
// reader frees the old one.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "domain/prediction.h"
#include "judging/metrics.h"
#include "registry/registry.h"

namespace pawl::serving {

// One line's slot. Any thread may call anything here.
class LiveModel {
 public:
  using Handle = std::shared_ptr<const registry::LoadedVersion>;

  // The version that serves, pinned for as long as the handle lives; null before the first publish. Takes a
  // lock for a moment: a thread that answers many requests keeps a Reader instead.
  Handle get() const {
    const std::scoped_lock lock(mutex_);
    return current_;
  }
  void publish(Handle version) {
    // Swapped rather than assigned, so that a version that nobody else reads is freed outside the lock.
    {
      const std::scoped_lock lock(mutex_);
      current_.swap(version);
      published_.fetch_add(1, std::memory_order_release);
    }
  }

  // One thread's own handle. While nothing is published, asking is one atomic load; std::atomic<shared_ptr>
  // would be a spin lock in disguise (libstdc++ 12), for every request.
  class Reader {
   public:
    explicit Reader(const LiveModel& model) : model_(&model) {}
    const Handle& get() {
      const std::uint64_t published = model_->published_.load(std::memory_order_acquire);
      if (published != seen_) {
        handle_ = model_->get();
        seen_ = published;
      }
      return handle_;
    }

   private:
    const LiveModel* model_;
    std::uint64_t seen_ = 0;
    Handle handle_;
  };

 private:
  mutable std::mutex mutex_;
  Handle current_;
  std::atomic<std::uint64_t> published_ = 0;
};

// What a version says to one row: probabilities, side, and the digest of the row. Ids and times are the
// caller's to fill in. A row with a missing value is answered too, as the model's kind defines it.
Prediction predict(const registry::LoadedVersion& version, std::span<const double> row,
                   const judging::SignalRule& signal);

}  // namespace pawl::serving
