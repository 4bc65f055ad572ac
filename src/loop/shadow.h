// A version that does not serve goes on answering beside the one that does: the one before a swap, which may
// come back, or a challenger that the gate let through and that has to prove itself first (docs/shadow.md).
#pragma once

#include <optional>

#include "outcomes/version_watch.h"
#include "serving/live_model.h"

namespace pawl::loop {

// One line's. One thread at a time; off until begin().
class Shadow {
 public:
  enum class Purpose {
    rollback,  // the former champion: it comes back where it turns out to be better
    swap       // a challenger: it takes over once it has turned out to be better
  };

  void begin(Purpose purpose, serving::LiveModel::Handle other, VersionNumber serves, TimeMs at) {
    purpose_ = purpose;
    other_ = std::move(other);
    serves_ = serves;
    since_ = at;
    watch = {};
  }
  void end() { other_.reset(); }

  bool on() const { return other_ != nullptr; }
  Purpose purpose() const { return purpose_; }
  const registry::LoadedVersion& other() const { return *other_; }
  VersionNumber serves() const { return serves_; }
  TimeMs since() const { return since_; }

  outcomes::VersionWatch watch;

 private:
  Purpose purpose_ = Purpose::rollback;
  serving::LiveModel::Handle other_;
  VersionNumber serves_;
  TimeMs since_ = 0;
};

}  // namespace pawl::loop
