#include "http/routes/predict.h"

#include <iterator>

#include "http/predict_answer.h"
#include "http/routes/predict_bar.h"
#include "http/routes/predictions.h"

namespace pawl::http {

namespace {

Response answered(Result<std::string> answer, bool legacy) {
  if (!answer) return error_response(answer.error(), legacy);
  return {.body = *std::move(answer)};
}

// A list of texts, as JSON.
std::string list_of(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ',';
    list += json_quote(text);
  }
  return list + "]";
}

// The original's fields first, in its order.
Response health(Predictions& predictions) {
  const Context& context = predictions.context();
  const auto serving = predictions.all_serving();
  std::vector<std::string> loaded, supported;
  std::string models;
  for (std::size_t i = 0; i < serving.size(); ++i) {
    const std::string& pair = context.recipe.symbols[i].canonical();
    supported.push_back(pair);
    if (!serving[i]) continue;
    loaded.push_back(pair);
    const registry::LoadedVersion& version = *serving[i]->version;
    fmt::format_to(std::back_inserter(models),
                   R"({}{{"pair":{},"line":{},"version":"{}","content_hash":"{}"}})",
                   models.empty() ? "" : ",", json_quote(pair), json_quote(version.bundle.line),
                   version.bundle.number.text(), version.content_hash);
  }
  return {
      .body = fmt::format(
          R"({{"status":"healthy","timestamp":"{}","models_loaded":{},"supported_pairs":{},"models":[{}],)"
          R"("recipe":{},"mode":"{}","program_version":{}}})",
          format_time(context.clock.now()), list_of(loaded), list_of(supported), models,
          json_quote(context.recipe.name), context.live_market ? "live" : "paper",
          json_quote(context.program_version))};
}

Result<std::string> model_info(Predictions& predictions, std::string_view pair) {
  auto symbol = Symbol::parse(pair);
  if (!symbol) return within("pair", symbol.error());
  auto serving = predictions.serving(*symbol);
  if (!serving) return propagate(serving);
  const registry::LoadedVersion& version = *serving->version;
  const VersionBundle& bundle = version.bundle;
  const Artifact& artifact = bundle.serving ? *bundle.serving : bundle.judged;
  const bool trained = artifact.trained_on.rows > 0;
  std::string info = fmt::format(
      R"({{"pair":{},"model_pair":{},"version":"{}","content_hash":"{}","model":{},"trained_from":{},)"
      R"("trained_to":{},"trained_rows":{},"feature_count":{},"features":{},"metrics":{},)",
      json_quote(symbol->canonical()), json_quote(bundle.line.substr(bundle.line.find('/') + 1)),
      bundle.number.text(), version.content_hash, json_quote(artifact.model_kind),
      trained ? json_quote(format_time(artifact.trained_on.from)) : "null",
      trained ? json_quote(format_time(artifact.trained_on.to)) : "null", artifact.trained_on.rows,
      bundle.features.size(), list_of(bundle.features), bundle.scores.to_json().dump());
  fmt::format_to(std::back_inserter(info),
                 R"("line":{},"classes":{},"known_at":"{}","run":{},"trained_because":{},)"
                 R"("features_hash":"{}","settings":{}}})",
                 json_quote(bundle.line), bundle.classes, format_time(bundle.known_at), bundle.run_id,
                 json_quote(bundle.trained_because), bundle.features_hash, bundle.settings.dump());
  return info;
}

Json window_example() {
  const Json candle = {{"timestamp", "2025.01.31 13:05"},
                       {"open", 1.0391},
                       {"high", 1.0394},
                       {"low", 1.039},
                       {"close", 1.0392},
                       {"volume", 120}};
  return {{"pair", "EUR_USD"},
          {"ohlcv_m5", Json::array({candle})},
          {"ohlcv_h1", Json::array({candle})},
          {"ohlcv_h4", Json::array({candle})}};
}

Json bar_example() {
  return {{"symbol", "BTC_USDT"},
          {"bar",
           {{"open_time", "2025-01-31T13:00:00Z"},
            {"open", 101.0},
            {"high", 102.5},
            {"low", 100.5},
            {"close", 102.0},
            {"volume", 12.5}}},
          {"accept_gap", false}};
}

}  // namespace

std::function<void()> add_predict_routes(Router& router, const Context& context, loop::Intake* intake) {
  const auto predictions = std::make_shared<Predictions>(context, intake);
  router.add(
      {.method = "POST",
       .pattern = "/predict",
       .scope = Scope::predict,
       .legacy_errors = true,
       .handler =
           [predictions](const Request& request) { return answered(predictions->answer(request), true); },
       .operation_id = "predict",
       .summary = "What the version that serves makes of posted candles; the last one is still forming",
       .request_example = window_example()});
  router.add(
      {.method = "POST",
       .pattern = "/batch_predict",
       .scope = Scope::predict,
       .legacy_errors = true,
       .handler = [predictions](
                      const Request& request) { return answered(predictions->answer_batch(request), true); },
       .operation_id = "batchPredict",
       .summary = "Up to 100 requests as /predict takes them, answered each by itself",
       .request_example = {{"requests", Json::array({window_example()})}}});
  router.add({.method = "GET",
              .pattern = "/health",
              .scope = Scope::read,
              .legacy_errors = true,
              .handler = [predictions](const Request&) { return health(*predictions); },
              .operation_id = "health",
              .summary = "Which markets are answered for, and by which versions"});
  router.add({.method = "GET",
              .pattern = "/model_info/{pair}",
              .scope = Scope::read,
              .legacy_errors = true,
              .handler =
                  [predictions](const Request& request) {
                    return answered(model_info(*predictions, request.path_value("pair")), true);
                  },
              .operation_id = "modelInfo",
              .summary = "The version that answers for a market: its data, features and scores"});
  router.add({.method = "POST",
              .pattern = "/api/v1/predict",
              .scope = Scope::predict,
              .handler =
                  [predictions](std::shared_ptr<const Request> request, const Reply& reply) {
                    const auto bar = read_bar_request(predictions->context().recipe, request->body);
                    if (!bar) {
                      reply(error_response(bar.error(), false));
                    } else if (*bar) {
                      predict_bar(predictions->context(), **bar, reply);
                    } else {
                      reply(answered(predictions->answer(*request), false));
                    }
                  },
              .operation_id = "predictV1",
              .summary = "Posted candles as for /predict, or one new bar of a market that is followed",
              .request_example = bar_example()});
  return [predictions] { predictions->refresh(); };
}

}  // namespace pawl::http
