// The routes of a daily retrained service, in the words of the program that its clients know (D5–D8):
// /api/ml/retraining/* and /api/ml/model/info. Refusals are {"error":"…"}.
#pragma once

#include <string>

#include "http/context.h"
#include "http/router.h"

namespace pawl::http {

void add_retraining_routes(Router& router, const Context& context);

// A loop that could not be built, or whose schedules could not, never stops the server: this is how the log
// says it (D11).
void log_scheduler_failure(const Log& log, const Error& error);

}  // namespace pawl::http
