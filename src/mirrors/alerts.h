// Paragraphs of alerts.log (SPEC D4): what happened, then what a person needs to act on it, then an empty
// line.
//
//   [2025-01-19 02:05:34] Model Retraining Success
//   Duration: 334.0 seconds
//   …
//
// Model Retraining Success, Model Validation Failed, Performance Degradation, Model Rollback, Model Deployed
// By Hand, Model Deployed Past The Gate, Model Retraining Error. Times are UTC.
#pragma once

#include <string>

#include "domain/event.h"
#include "mirrors/run_findings.h"
#include "recipe/recipe.h"

namespace pawl::mirrors {

// Empty for an event that nobody is alerted to. `run` is that of the event that first tells that a run has
// ended, else null. In brackets behind a metric stands the champion's on the same rows.
//
// A refused run is "Performance Degradation" where it fell behind the champion and met every other condition,
// and so is the trigger of a low win rate; "Model Validation Failed" is every other refusal.
std::string alert(const Event& event, const Json& payload, const RunFindings* run,
                  const recipe::Recipe& recipe);

}  // namespace pawl::mirrors
