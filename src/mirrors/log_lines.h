// The lines that users of the five systems grep, made from one event and what was known at it. A pure
// function; which family of lines a recipe prints follows from the recipe:
//   group                 "EUR_USD: +3.5 % improved", "2/4 improved → deploy"
//   auto_training         "Heartbeat | …", "Starting background retrain for X", "New model saved for X …"
//   collection or quotes  "Data logger initialized", "Logged prediction: QQQ @ 515.23 = 1", "Test Accuracy:
//   …"
// A line is printed where it is true: epochs only where the model's report has them, "Downloading" only where
// a live process says that it asks a source for history (event `fetch`, {"symbol", "days"}).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/event.h"
#include "domain/prediction.h"
#include "mirrors/log_state.h"
#include "mirrors/run_findings.h"

namespace pawl::mirrors {

struct LogFamilies {
  bool group = false, auto_training = false, collector = false;
  bool any() const { return group || auto_training || collector; }
};
LogFamilies log_families(const recipe::Recipe& recipe);

struct LogContext {
  const recipe::Recipe& recipe;
  const LogState& state;                   // with the event in it
  bool first = false;                      // of the whole stream
  std::vector<LineId> heartbeats;          // lines whose time has come
  const Prediction* prediction = nullptr;  // of a prediction, where it is still stored
  std::optional<double> price;             // the close that it was made at
  const RunFindings* run = nullptr;        // of the event that first tells that it has ended
};

// Each with the event's time in front and without a newline; mostly there is none.
std::vector<std::string> log_lines(const Event& event, const Json& payload, const LogContext& context);

}  // namespace pawl::mirrors
