// A version that has taken over is watched (C5): the one before it goes on being asked about every new
// signal, and the trades that close say which of the two knew better.
#pragma once

#include <map>
#include <vector>

#include "domain/trade.h"
#include "outcomes/swap_watch.h"
#include "serving/live_model.h"

namespace pawl::loop {

// What a version's chance of profit means where it says yes or no. The rules of version 0 let everything
// through, so they say yes whatever the threshold is.
double chance_as_said(VersionNumber version, double p_profit);

// One thread at a time. Off until begin().
class TradeWatch {
 public:
  explicit TradeWatch(const outcomes::WatchRules& rules) : rules_(rules) {}

  // From now on `version` is watched against `former`.
  void begin(VersionNumber version, serving::LiveModel::Handle former);
  void end();
  bool on() const { return former_ != nullptr; }
  VersionNumber version() const { return version_; }
  VersionNumber former() const { return former_->bundle.number; }

  // A signal that the watched version has answered. The former one's answer to it; nothing where there is
  // none to ask, or another version answered.
  std::optional<double> take_open(const Trade& trade);
  // It has closed; others than those above are not looked at.
  void take_close(std::int64_t number, bool profitable);
  outcomes::SwapVerdict judge() const { return outcomes::judge_swap(closed_, rules_); }

 private:
  outcomes::WatchRules rules_;
  VersionNumber version_;
  serving::LiveModel::Handle former_;
  std::map<std::int64_t, outcomes::WatchedTrade> open_;  // by number
  std::vector<outcomes::WatchedTrade> closed_;           // in the order in which they closed
};

}  // namespace pawl::loop
