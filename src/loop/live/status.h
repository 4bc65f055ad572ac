// How every line stands, as a value that any thread may read: what status pages, metrics and health checks
// are made of. Made by the loop's thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "loop/loop.h"

namespace pawl::loop {

struct LineStatus {
  LineId line;
  std::string name;  // the symbol as given, or "pool"
  VersionNumber champion;
  std::string content_hash, model_kind, trained_because;
  TimeMs champion_known_at = 0;      // when its run ended
  std::optional<TimeMs> trained_to;  // nothing known later is in what serves; none of the rules
  std::int64_t bars = 0;
  std::optional<TimeMs> last_bar_closed_at;
  std::optional<double> price;  // newest close; none of a pooled line
  outcomes::SignalTally since_retrain, ever;
  std::int64_t new_samples = 0;
  std::optional<TimeMs> last_retrain_at;
  std::string waits_for;  // why a retrain that was asked for has to wait; else empty
  bool training = false, holds = false;
  Json features;  // names, in the order of the model's columns
  // Of a trade filter.
  bool filter = false;
  std::int64_t trades = 0, trades_open = 0;
  bool watching = false;
  // The model's own scores in its contest.
  Scorecard scores;
};

struct LiveStatus {
  TimeMs at = 0;  // the loop's time
  std::vector<LineStatus> lines;
  std::vector<Loop::UnderWay> under_way;
  std::optional<TimeMs> next_schedule;
  std::int64_t runs_completed = 0, runs_failed = 0, promotions = 0;  // since this process began
};

LineStatus status_of(const Line& line, const TradeLine* trade_line, bool holds);
// In the form that `pawl status --json` prints.
Json to_json(const LineStatus& line, Timeframe base);
LiveStatus status_of(const Loop& loop, registry::Registry& registry, TimeMs at);

// Where the newest status hangs. Any thread.
class StatusBoard {
 public:
  void put(LiveStatus status) {
    auto next = std::make_shared<const LiveStatus>(std::move(status));
    const std::scoped_lock lock(mutex_);
    newest_.swap(next);
  }
  // Never null.
  std::shared_ptr<const LiveStatus> get() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const LiveStatus> newest_ = std::make_shared<const LiveStatus>();
};

}  // namespace pawl::loop
