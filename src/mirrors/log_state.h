// What the log's lines tell of a line's state, followed event by event. It stands in the cursor, so that it
// is the same after a restart, also where old events have been dropped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "domain/event.h"
#include "domain/prediction.h"
#include "recipe/recipe.h"

namespace pawl::mirrors {

struct LineState {
  std::int64_t candles = 0;
  std::optional<double> price;            // newest close; of a pooled line: of any of its symbols
  std::int64_t signals = 0, correct = 0;  // since the last retrain, or ever, as the recipe's trigger counts
  std::optional<TimeMs> last_retrain;     // end of the newest completed run
  bool needs_retrain = false;             // a trigger has fired and no run has been completed since
  std::optional<std::int64_t> last_heartbeat;  // number of the interval that it was in
};

class LogState {
 public:
  // Takes an event with its payload; of an outcome, when its prediction was made. Returns the lines whose
  // heartbeat is due with it: the first event about a line (or about none, like a clock's tick) in an
  // interval of the recipe's, counted from 1970.
  std::vector<LineId> apply(const Event& event, const Json& payload, std::optional<TimeMs> predicted_at,
                            const recipe::Recipe& recipe);
  // The line's state; that of a line that nothing is known of where there is none.
  LineState of(const LineId& line) const;
  // The run whose end was told last.
  std::int64_t run_told = 0;
  bool begun = false;

  Json to_json() const;
  static Result<LogState> from_json(const Json& json);

 private:
  // The line that the bar is of.
  std::vector<LineId> take_bar(const Event& event, const Json& payload, const recipe::Recipe& recipe);
  void take_outcome(const Event& event, const Json& payload, std::optional<TimeMs> predicted_at, bool ever);
  std::map<LineId, LineState> lines_;
};

// The lines that an event is about: its own, or those that its payload lists.
std::vector<LineId> lines_of(const Event& event, const Json& payload);

}  // namespace pawl::mirrors
