// Whether the process lives, whether it may be sent requests, what it is, and how it does.
#pragma once

#include "http/context.h"
#include "http/router.h"
#include "http/routes/metrics.h"

namespace pawl::http {

// /livez, /readyz, /version, /metrics. `metrics` outlives the router, and counts the runs that end from here
// on.
void add_health_routes(Router& router, const Context& context, Metrics& metrics);

}  // namespace pawl::http
