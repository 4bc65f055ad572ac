// Work that changes something, from a route: done by the loop's thread, answered once it is durable.
#pragma once

#include <functional>

#include "http/context.h"
#include "http/router.h"

namespace pawl::http {

// Posts `work`; replies with what it gives when that is durable, with its error, or with 503 where the loop
// does not run: it is starting, stopping, or its store has failed. `work` runs on the loop's thread.
void ask_loop(const Context& context, const Reply& reply, bool legacy,
              std::function<Result<Response>(loop::Live&)> work);

// Passes the failure of one of the loop's own functions on; where it may have left loop and store apart, the
// loop is to be rebuilt.
std::unexpected<Error> loop_failed(loop::Live& live, const Error& error);

// An asynchronous handler out of two halves: `read` turns the request into work, or says what is wrong with
// it; the loop does the work. A request with an Idempotency-Key that was answered before is answered so
// again.
using LoopWork = std::function<Result<Response>(loop::Live&)>;
AsyncHandler loop_handler(const Context& context, bool legacy,
                          std::function<Result<LoopWork>(const Request&)> read);

}  // namespace pawl::http
