// The routes under /api/v1: how lines, versions, runs and bars stand, and everything that moves them. Answers
// are JSON, refusals application/problem+json, lists {"items":[…],"next_cursor":…}.
#pragma once

#include <memory>
#include <string>

#include "http/context.h"
#include "http/router.h"
#include "http/routes/readers.h"

namespace pawl::http {

// All of them. `webhook_secret` is what POST /api/v1/hooks/retrain is signed with (PAWL_WEBHOOK_SECRET as it
// was at the start); empty: that route answers 403.
void add_api_routes(Router& router, const Context& context, std::string webhook_secret = {});

// The families it is made of.
using SharedReaders = std::shared_ptr<Readers>;
void add_line_routes(Router& router, const Context& context);
void add_version_routes(Router& router, const Context& context, const SharedReaders& readers);
void add_run_routes(Router& router, const Context& context, const SharedReaders& readers);
void add_outcome_routes(Router& router, const Context& context, const SharedReaders& readers);
void add_explanation_routes(Router& router, const Context& context, const SharedReaders& readers);
void add_drift_routes(Router& router, const Context& context, const SharedReaders& readers);
void add_quote_routes(Router& router, const Context& context);
void add_bar_routes(Router& router, const Context& context, const SharedReaders& readers);
void add_trade_routes(Router& router, const Context& context);
void add_move_routes(Router& router, const Context& context, std::string webhook_secret);
void add_event_routes(Router& router, const Context& context, const SharedReaders& readers);

}  // namespace pawl::http
