#include "http/routes/predict_bar.h"

#include <algorithm>
#include <cmath>

#include "http/predict_stamp.h"

namespace pawl::http {

namespace {

// A bar's request is some 200 bytes; windows are never so short.
constexpr std::size_t kBarBodyMost = 4096;

// What `body` calls either; null where it has neither, bad_data where it has both.
Result<const Json*> either(const Json& object, const char* name, const char* other, std::string_view place) {
  const auto first = object.find(name), second = object.find(other);
  if (first != object.end() && second != object.end()) {
    return fail(ErrorCode::bad_data, "{}{}: {} is given too; one of them is enough", place, name, other);
  }
  if (first != object.end()) return &*first;
  if (second != object.end()) return &*second;
  return fail(ErrorCode::bad_data, "{}{}: is missing", place, name);
}

Result<TimeMs> time_of(const Json& value) {
  if (value.is_string()) {
    auto time = parse_time(value.get<std::string>());
    if (!time) return within("bar.open_time", time.error());
    return *time;
  }
  Stamp stamp;
  if (value.is_number() && StampReader::of_number(value.get<double>(), stamp)) return stamp.local;
  return fail(ErrorCode::bad_data,
              "bar.open_time: is no time; write \"2025-01-31T13:05:00Z\" or seconds since 1970");
}

Result<std::size_t> symbol_of(const recipe::Recipe& recipe, const Json& value) {
  if (!value.is_string()) return fail(ErrorCode::bad_data, "symbol: is not a text");
  auto symbol = Symbol::parse(value.get<std::string>());
  if (!symbol) return within("symbol", symbol.error());
  if (auto line = line_for(recipe, *symbol); !line) return propagate(line);
  const auto found = std::find(recipe.symbols.begin(), recipe.symbols.end(), *symbol);
  return static_cast<std::size_t>(found - recipe.symbols.begin());
}

Json to_json(const Prediction& prediction) {
  return {{"id", prediction.id},
          {"line", prediction.line},
          {"symbol", prediction.symbol},
          {"side", side_name(prediction.side)},
          {"p_up", json_number(prediction.p_up)},
          {"p_down", json_number(prediction.p_down)},
          {"version", prediction.version.text()},
          {"bar_open_time", format_time(prediction.bar_open_time)},
          {"known_at", format_time(prediction.known_at)},
          {"features_digest", prediction.features_digest}};
}

// Why a bar that was taken made no prediction.
std::string why_none(const loop::Live& live, const loop::PushReport& report) {
  const recipe::Recipe& recipe = live.recipe();
  if (report.revised > 0) {
    return "this bar was known with other values; the new ones are kept as a revision, and what was "
           "predicted stays";
  }
  if (report.added == 0) return "this bar was known already, and its prediction has been made";
  if (recipe.quotes.polling_interval_ms > 0) return "this recipe predicts at quotes, not at bars";
  if (recipe.symbols.size() > 1 && (recipe.pool || !recipe.outside.empty())) {
    return "the bar is taken; features are not ready yet, or wait for the bars of other markets";
  }
  return "the bar is taken; features are not ready yet, they need more bars";
}

struct Done {
  Result<loop::PushReport> report = fail(ErrorCode::internal, "the bar was never looked at");
  std::string reason;  // where nothing was predicted
};

Response answer_of(const Done& done, const std::string& symbol) {
  if (!done.report) return error_response(done.report.error(), false);
  const loop::PushReport& report = *done.report;
  Json answer = {{"prediction", nullptr},
                 {"added", report.added},
                 {"duplicates", report.duplicates},
                 {"revised", report.revised},
                 {"gaps", report.gaps}};
  for (const Prediction& prediction : report.predictions) {
    if (prediction.symbol == symbol) answer["prediction"] = to_json(prediction);
  }
  if (answer["prediction"].is_null()) answer["reason"] = done.reason;
  return json_response(answer);
}

}  // namespace

Result<std::optional<BarRequest>> read_bar_request(const recipe::Recipe& recipe, std::string_view body) {
  if (body.size() > kBarBodyMost || body.find("\"bar\"") == std::string_view::npos) {
    return std::optional<BarRequest>();
  }
  auto json = parse_json(body);
  if (!json) return within("the body", json.error());
  if (!json->is_object() || !json->contains("bar")) return std::optional<BarRequest>();

  BarRequest request;
  request.pushed.place = "bar";
  auto name = either(*json, "symbol", "pair", "");
  if (!name) return propagate(name);
  auto symbol = symbol_of(recipe, **name);
  if (!symbol) return propagate(symbol);
  request.pushed.symbol = *symbol;
  const Json& given = (*json)["bar"];
  if (!given.is_object()) {
    return fail(ErrorCode::bad_data, "bar: is not an object with open_time, open, high, low, close, volume");
  }
  auto stamp = either(given, "open_time", "time", "bar.");
  if (!stamp) return propagate(stamp);
  auto open_time = time_of(**stamp);
  if (!open_time) return propagate(open_time);
  Bar& bar = request.pushed.bar;
  bar.open_time = *open_time;
  for (const auto& [field, value] :
       {std::pair{"open", &bar.open}, std::pair{"high", &bar.high}, std::pair{"low", &bar.low},
        std::pair{"close", &bar.close}, std::pair{"volume", &bar.volume}}) {
    if (value == &bar.volume && !given.contains(field)) continue;
    auto number = json_double(given, field);
    if (!number) return within("bar", number.error());
    *value = *number;
  }
  if (json->contains("accept_gap")) {
    auto accept = json_bool(*json, "accept_gap");
    if (!accept) return propagate(accept);
    request.accept_gap = *accept;
  }
  return request;
}

void predict_bar(const Context& context, const BarRequest& request, std::function<void(Response)> reply) {
  const auto done = std::make_shared<Done>();
  const std::string symbol = context.recipe.symbols[request.pushed.symbol].canonical();
  context.live.post({.run =
                         [done, request](loop::Live& live) {
                           done->report =
                               live.push_bars({request.pushed}, {.accept_gap = request.accept_gap});
                           if (done->report) done->reason = why_none(live, *done->report);
                         },
                     .settled =
                         [done, symbol, reply = std::move(reply)](const Status& durable) {
                           reply(durable ? answer_of(*done, symbol) : error_response(durable.error(), false));
                         }});
}

}  // namespace pawl::http
