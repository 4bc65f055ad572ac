// How the lines stand just now.
#include "http/routes/api.h"
#include "http/routes/lookup.h"

namespace pawl::http {

namespace {

Json line_json(const Context& context, const loop::LiveStatus& status, const loop::LineStatus& line) {
  Json json = loop::to_json(line, context.recipe.base);
  json["next_schedule"] = status.next_schedule ? Json(format_time(*status.next_schedule)) : Json();
  json["champion_known_at"] = format_time(line.champion_known_at);
  json["scores"] = line.scores.to_json();
  json["features"] = line.features;
  json["paper"] = !context.live_market;
  Json runs = Json::array();
  for (const loop::Loop::UnderWay& run : status.under_way) {
    for (const LineId& of : run.lines) {
      if (of != line.line) continue;
      runs.push_back({{"run", run.run}, {"stage", run.stage}, {"started_at", format_time(run.started_at)}});
    }
  }
  json["under_way"] = std::move(runs);
  return json;
}

Response lines(const Context& context) {
  const auto status = context.status.get();
  Json items = Json::array();
  for (const loop::LineStatus& line : status->lines) items.push_back(line_json(context, *status, line));
  return json_response(
      {{"items", std::move(items)},
       {"next_cursor", nullptr},
       {"recipe", context.recipe.name},
       {"at", format_time(status->at)},
       {"paper", !context.live_market},
       {"next_schedule", status->next_schedule ? Json(format_time(*status->next_schedule)) : Json()}});
}

Response line(const Context& context, const Request& request) {
  const auto index = line_of_path(context.recipe, request);
  if (!index) return error_response(index.error(), false);
  const auto status = context.status.get();
  if (*index >= status->lines.size()) {
    return problem(503, "not_running", "pawl is starting; try again in a moment");
  }
  return json_response(line_json(context, *status, status->lines[*index]));
}

}  // namespace

void add_line_routes(Router& router, const Context& context) {
  router.add({.method = "GET",
              .pattern = "/api/v1/lines",
              .scope = Scope::read,
              .handler = [&context](const Request&) { return lines(context); },
              .operation_id = "listLines",
              .summary = "How every line stands: what serves, win rate, what is being trained"});
  router.add({.method = "GET",
              .pattern = "/api/v1/lines/{recipe}/{symbol}",
              .scope = Scope::read,
              .handler = [&context](const Request& request) { return line(context, request); },
              .operation_id = "getLine",
              .summary = "How one line stands"});
}

}  // namespace pawl::http
