// Quotes: what a market costs just now, made into bars.
#include "http/routes/api.h"
#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"

namespace pawl::http {

namespace {

// {"symbol","bid","ask"} or {"symbol","mid"}; "time" where it is not now.
Result<LoopWork> read_quote(const Context& context, const Request& request) {
  const auto json = read_json(request);
  if (!json) return propagate(json);
  const auto fields = Fields::of(*json, "", {"symbol", "bid", "ask", "mid", "time"});
  if (!fields) return propagate(fields);
  const auto name = fields->text("symbol");
  if (!name) return propagate(name);
  const auto symbol = find_symbol(context.recipe, *name);
  if (!symbol) return propagate(symbol);
  const auto at = fields->time_if("time");
  if (!at) return propagate(at);
  double mid = 0;
  if (fields->has("mid")) {
    const auto value = fields->number("mid");
    if (!value) return propagate(value);
    mid = *value;
  } else {
    const auto bid = fields->number("bid"), ask = fields->number("ask");
    if (!bid) return propagate(bid);
    if (!ask) return propagate(ask);
    if (!(*bid > 0) || *ask < *bid) {
      return fail(ErrorCode::bad_data, "ask: {} with a bid of {}: a bid is above zero and no ask below it",
                  *ask, *bid);
    }
    mid = (*bid + *ask) / 2;
  }
  if (!(mid > 0)) return fail(ErrorCode::bad_data, "mid: {} is no price; it is above zero", mid);
  const TimeMs time = at->value_or(context.clock.now());
  return LoopWork([symbol = *symbol, time, mid](loop::Live& live) -> Result<Response> {
    const auto pushed = live.push_quote({.symbol = symbol, .at = time, .mid = mid});
    if (!pushed) return propagate(pushed);
    const Bar* forming = live.forming(symbol);
    return json_response({{"mid", mid},
                          {"time", format_time(time)},
                          {"bars_closed", pushed->added},
                          {"forming", forming == nullptr ? Json() : Json(format_time(forming->open_time))}});
  });
}

}  // namespace

void add_quote_routes(Router& router, const Context& context) {
  router.add(
      {.method = "POST",
       .pattern = "/api/v1/quotes",
       .scope = Scope::predict,
       .handler = loop_handler(context, false,
                               [&context](const Request& request) { return read_quote(context, request); }),
       .operation_id = "sendQuote",
       .summary = "A quote, which becomes part of the bar that it falls into",
       .request_example = {{"symbol", "QQQ"}, {"bid", 515.22}, {"ask", 515.24}},
       .response_example = {{"mid", 515.23}, {"bars_closed", 0}, {"forming", "2026-01-05T14:31:00Z"}}});
}

}  // namespace pawl::http
