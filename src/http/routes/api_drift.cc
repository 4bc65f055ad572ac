// What the newest checks of drift said of a line.
#include "http/routes/api.h"
#include "http/routes/lookup.h"
#include "loop/drift_report.h"

namespace pawl::http {

namespace {

constexpr std::size_t kChecks = 50;

Result<Response> drift(const Context& context, Readers& readers, const Request& request) {
  const auto named = line_of_query(context.recipe, request);
  if (!named) return propagate(named);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  Json items = Json::array();
  for (const LineId& line : context.recipe.line_ids()) {
    if (!named->empty() && line != *named) continue;
    auto checks = loop::drift_checks(reader->store(), line, kChecks);
    if (!checks) return propagate(checks);
    const Json advice = checks->empty() ? Json() : Json(loop::drift_advice(checks->back()));
    items.push_back({{"line", line}, {"checks", std::move(*checks)}, {"advice", advice}});
  }
  return json_response(
      {{"items", std::move(items)}, {"next_cursor", nullptr}, {"paper", !context.live_market}});
}

}  // namespace

void add_drift_routes(Router& router, const Context& context, const SharedReaders& readers) {
  router.add({.method = "GET",
              .pattern = "/api/v1/drift",
              .scope = Scope::read,
              .handler =
                  [&context, readers](const Request& request) {
                    auto response = drift(context, *readers, request);
                    return response ? std::move(*response) : error_response(response.error(), false);
                  },
              .operation_id = "listDrift",
              .summary = "The newest checks of drift, line by line; ?line= for one"});
}

}  // namespace pawl::http
