// What /predict and /batch_predict answer, as bytes: compact JSON in an order that clients with a parser of
// their own rely on. docs/predict.md shows every field.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "registry/registry.h"
#include "serving/windows.h"

namespace pawl::http {

// No space after a colon or comma; `prediction` before every other text that holds that word, the top-level
// `confidence` before that of quality_components; no "error", no "message", no number that is not finite. The
// timestamp is the close of the newest bar that was used, so that the same request to the same version gives
// the same bytes. `history` says what the features were computed from: "window", or "stored".
std::string predict_answer(const registry::LoadedVersion& version, const serving::PostedWindows& posted,
                           const serving::WindowPrediction& made, std::string_view history = "window");

// {"error":"…"}
std::string predict_error(std::string_view message);

// {"results":[…],"count":N} of answers as the two above give them.
std::string batch_answer(std::span<const std::string> answers);

// Whether a failed request is the client's doing (400) rather than the server's (500): what a reader or a
// predictor says of a body or its windows.
bool is_clients_fault(const Error& error);

}  // namespace pawl::http
