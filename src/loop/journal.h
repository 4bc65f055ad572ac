// Everything that happens goes through here once: into the event stream, into the typed tables, into the
// decision log, and to whoever watches.
#pragma once

#include <functional>

#include "domain/bar_series.h"
#include "domain/timeframe.h"
#include "loop/decisions.h"
#include "store/store.h"

namespace pawl::loop {

// Called with each event after it is stored; must not call back into the loop.
using EventObserver = std::function<void(const Event&)>;

class Journal {
 public:
  Journal(store::Store& store, DecisionLog& decisions, EventObserver observer)
      : store_(store), decisions_(decisions), observer_(std::move(observer)) {}

  Status bar(std::string_view symbol, Timeframe timeframe, const Bar& bar, std::span<const double> joined);
  Status gap(std::string_view symbol, const BarGap& gap, TimeMs known_at);
  // Stores the prediction and gives it its id.
  Status prediction(Prediction& prediction);
  Status outcome(const Outcome& outcome);
  // Any other kind, with its payload.
  Status event(std::string_view kind, const LineId& line, TimeMs known_at, const Json& payload);

  DecisionLog& decisions() { return decisions_; }
  store::Store& store() { return store_; }

 private:
  Status append(Event event);
  store::Store& store_;
  DecisionLog& decisions_;
  EventObserver observer_;
};

}  // namespace pawl::loop
