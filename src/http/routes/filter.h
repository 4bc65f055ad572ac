// The routes of a bot's trade filter (C1–C6), in the words of the dashboard and the bot that know them:
// /api/ml/config, /api/ml/train, /api/ml/signal, /api/ml/trade/close. Refusals are {"error":"…"}; in a recipe
// without a trades section that is 409.
#pragma once

#include "http/context.h"
#include "http/router.h"

namespace pawl::http {

void add_filter_routes(Router& router, const Context& context);

}  // namespace pawl::http
