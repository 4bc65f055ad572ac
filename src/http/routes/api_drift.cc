// What the newest checks of drift said of a line.
#include <charconv>

#include "http/routes/api.h"
#include "http/routes/lookup.h"
#include "loop/drift_report.h"

namespace pawl::http {

namespace {

// Of one line, unless ?checks= says otherwise. Of all lines only the newest: enough to see which to look at.
constexpr std::int64_t kChecks = 50, kChecksMost = 1000;

Result<std::size_t> checks_of(const Request& request, bool one_line) {
  const auto text = request.query_value("checks");
  if (!text) return static_cast<std::size_t>(one_line ? kChecks : 1);
  if (!one_line) {
    return fail(ErrorCode::bad_data,
                "checks: say which line's with ?line=; without one each line gives its newest check");
  }
  std::int64_t checks = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), checks);
  if (error != std::errc() || end != text->data() + text->size() || checks < 1 || checks > kChecksMost) {
    return fail(ErrorCode::bad_data, "checks: {} is no whole number within 1 and {}", *text, kChecksMost);
  }
  return static_cast<std::size_t>(checks);
}

Result<Response> drift(const Context& context, Readers& readers, const Request& request) {
  const auto named = line_of_query(context.recipe, request);
  if (!named) return propagate(named);
  const auto newest = checks_of(request, !named->empty());
  if (!newest) return propagate(newest);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const std::vector<LineId> lines = named->empty() ? context.recipe.line_ids() : std::vector<LineId>{*named};
  auto checks = loop::drift_checks(reader->store(), lines, *newest);
  if (!checks) return propagate(checks);
  Json items = Json::array();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<Json>& found = (*checks)[i];
    const Json advice = found.empty() ? Json() : Json(loop::drift_advice(found.back()));
    items.push_back({{"line", lines[i]}, {"checks", std::move(found)}, {"advice", advice}});
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
              .summary = "The newest check of drift of every line; of one line the newest ones, oldest "
                         "first: ?line=&checks="});
}

}  // namespace pawl::http
