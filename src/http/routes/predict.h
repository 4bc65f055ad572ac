// Asking for predictions: the routes that the original programs had (/predict, /batch_predict, /health,
// /model_info) and /api/v1/predict. docs/predict.md is the page for who calls them.
#pragma once

#include <functional>

#include "http/context.h"
#include "http/router.h"
#include "loop/live/intake.h"

namespace pawl::http {

// Windows of candles are answered on the server's own threads from what serves at that instant, whatever the
// loop is doing. Without an intake nothing of them is written down. Context and intake outlive the router.
//
// What it gives lets the calling thread go of versions that no longer serve, also where no request comes:
// to be run on every server thread after a swap, as in server.post_all(refresh).
std::function<void()> add_predict_routes(Router& router, const Context& context, loop::Intake* intake);

}  // namespace pawl::http
