// Opens and closes of a bot's trades, in the words of market/trade_events.h.
#include "http/routes/api.h"
#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/trade_reports.h"
#include "market/trade_events.h"

namespace pawl::http {

namespace {

constexpr std::size_t kMost = 1000;

Status check_names(const Json& json, const std::string& place) {
  const auto fields = Fields::of(
      json, place, {"type", "id", "symbol", "side", "at", "price", "indicators", "pnl_pct", "profitable"});
  if (!fields) return propagate(fields);
  const auto indicators = json.find("indicators");
  if (indicators == json.end()) return {};
  const auto inside =
      Fields::of(*indicators, fields->place_of("indicators"),
                 {"rsi", "macd", "macd_signal", "adx", "atr", "ema_fast", "ema_slow", "volume"});
  return inside ? Status() : propagate(inside);
}

struct Reports {
  Json list = Json::array();
  bool several = false;
};

Result<Reports> read_reports(const Request& request) {
  auto json = read_json(request);
  if (!json) return propagate(json);
  Reports reports;
  if (json->is_array()) {
    reports = {std::move(*json), true};
  } else {
    reports.list.push_back(std::move(*json));
  }
  if (reports.list.size() > kMost) {
    return fail(ErrorCode::bad_data, "{} trades at once; send {} at most", reports.list.size(), kMost);
  }
  for (std::size_t i = 0; i < reports.list.size(); ++i) {
    const std::string place = reports.several ? fmt::format("[{}]", i) : std::string();
    if (Status named = check_names(reports.list[i], place); !named) return propagate(named);
    // Read once here, so that nothing is taken where one of them is off; its time is read by the loop.
    const auto event = market::trade_event_from_json(reports.list[i], 0);
    if (!event) return place.empty() ? propagate(event) : within(place, event.error());
  }
  return reports;
}

Result<Json> take(loop::Live& live, const Json& json) {
  const auto event = market::trade_event_from_json(json, live.now());
  if (!event) return propagate(event);
  if (const auto* signal = std::get_if<TradeSignal>(&*event)) return take_signal(live, *signal);
  return take_close(live, std::get<TradeClose>(*event));
}

Result<Response> take_all(loop::Live& live, const Reports& reports) {
  if (!reports.several) {
    auto taken = take(live, reports.list.front());
    if (!taken) return propagate(taken);
    return json_response(*taken);
  }
  // Each stands for itself: what is wrong with one keeps the others from nothing.
  Json items = Json::array();
  for (const Json& json : reports.list) {
    auto taken = take(live, json);
    if (taken) {
      items.push_back(std::move(*taken));
    } else {
      items.push_back(
          {{"id", json["id"]}, {"code", code_name(taken.error().code)}, {"error", taken.error().message}});
    }
  }
  return json_response({{"items", std::move(items)}});
}

}  // namespace

void add_trade_routes(Router& router, const Context& context) {
  router.add({.method = "POST",
              .pattern = "/api/v1/trades",
              .scope = Scope::predict,
              .handler = loop_handler(context, false,
                                      [](const Request& request) -> Result<LoopWork> {
                                        auto reports = read_reports(request);
                                        if (!reports) return propagate(reports);
                                        return [reports = std::move(*reports)](loop::Live& live) {
                                          return take_all(live, reports);
                                        };
                                      }),
              .operation_id = "reportTrades",
              .summary = "A bot's trades as they open and close, one or a list; an open is answered with the "
                         "chance of profit",
              .request_example = {{"type", "open"},
                                  {"id", "17"},
                                  {"symbol", "EURUSD"},
                                  {"side", "BUY"},
                                  {"at", "2026-01-05T10:05:00Z"},
                                  {"price", 1.0834},
                                  {"indicators",
                                   {{"rsi", 55.2},
                                    {"macd", 0.00012},
                                    {"macd_signal", 0.0001},
                                    {"adx", 24.8},
                                    {"atr", 0.0011},
                                    {"ema_fast", 1.0834},
                                    {"ema_slow", 1.0829},
                                    {"volume", 1250}}}},
              .response_example = {{"id", "17"},
                                   {"number", 1},
                                   {"allowed", true},
                                   {"p_profit", 0.61},
                                   {"version", "v000003"},
                                   {"duplicate", false}}});
}

}  // namespace pawl::http
