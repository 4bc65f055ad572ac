#include "http/routes/api.h"

namespace pawl::http {

void add_api_routes(Router& router, const Context& context, std::string webhook_secret) {
  const auto readers = std::make_shared<Readers>(context);
  add_line_routes(router, context);
  add_version_routes(router, context, readers);
  add_run_routes(router, context, readers);
  add_outcome_routes(router, context, readers);
  add_explanation_routes(router, context, readers);
  add_drift_routes(router, context, readers);
  add_quote_routes(router, context);
  add_bar_routes(router, context, readers);
  add_trade_routes(router, context);
  add_move_routes(router, context, std::move(webhook_secret));
  add_event_routes(router, context, readers);
}

}  // namespace pawl::http
