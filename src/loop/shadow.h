// A version that does not serve goes on answering beside the one that does: the one before a swap, which may
// come back, or a challenger that the gate let through and that has to prove itself first (docs/shadow.md).
#pragma once

#include <optional>
#include <vector>

#include "datasets/history.h"
#include "outcomes/version_watch.h"
#include "serving/live_model.h"

namespace pawl::loop {

// One line's, of one purpose. One thread at a time; off until begin().
class Shadow {
 public:
  enum class Purpose {
    rollback,  // the former champion: it comes back where it turns out to be better
    swap       // a challenger on probation: it takes over once it has turned out to be better
  };
  explicit Shadow(Purpose purpose) : purpose_(purpose) {}

  // `features` are what the other version reads, by market of the line; they outlive the shadow.
  void begin(serving::LiveModel::Handle other, std::vector<const datasets::FeatureHistory*> features,
             VersionNumber serves, TimeMs at) {
    other_ = std::move(other);
    features_ = std::move(features);
    serves_ = serves;
    since_ = at;
    watch = {};
  }
  void end() {
    other_.reset();
    watch = {};
  }

  bool on() const { return other_ != nullptr; }
  Purpose purpose() const { return purpose_; }
  const registry::LoadedVersion& other() const { return *other_; }
  const datasets::FeatureHistory& features(std::size_t market) const { return *features_[market]; }
  VersionNumber serves() const { return serves_; }
  TimeMs since() const { return since_; }

  outcomes::VersionWatch watch;

 private:
  Purpose purpose_;
  serving::LiveModel::Handle other_;
  std::vector<const datasets::FeatureHistory*> features_;
  VersionNumber serves_;
  TimeMs since_ = 0;
};

}  // namespace pawl::loop
