// What stands between the server and who may ask it: the doors, and who counts what went through.
#pragma once

#include "base/clock.h"
#include "http/access.h"
#include "http/server.h"

namespace pawl::http {

class Metrics;

// Asks `access` about every request; a refusal is in the words of the route, 401 with WWW-Authenticate, 429
// with Retry-After. Keys that were added or revoked meanwhile are read at most once a second. All three
// outlive the server.
Guard make_guard(Access& access, KeyRing& keys, const Clock& clock, const Log& log = Log::silent());

// Counts every answer by route and status.
Observer make_observer(Metrics& metrics);

}  // namespace pawl::http
