#include "http/routes/filter.h"

#include <cmath>

#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/ml_config.h"
#include "http/routes/moves.h"
#include "http/routes/run_ends.h"
#include "http/routes/trade_reports.h"

namespace pawl::http {

namespace {

Status expect_filter(const recipe::Recipe& recipe) {
  if (recipe.trades.present) return {};
  return fail(ErrorCode::conflict,
              "the recipe {} filters no trades: it has no `trades` section; use one that has, as "
              "config/trade-filter.yaml",
              recipe.name);
}

constexpr std::string_view kTakesEffect =
    "takes effect when pawl run is started again, which loads what was saved";

Json config_json(const recipe::Recipe& recipe, const Json& saved) {
  const Json in_force = ml_config_of(recipe);
  Json config = in_force;
  config.update(saved);
  return {{"config", config}, {"in_force", in_force}, {"pending", config != in_force}};
}

Response read_config(const Context& context, Readers& readers) {
  if (Status filter = expect_filter(context.recipe); !filter) return error_response(filter.error(), true);
  auto reader = readers.take();
  if (!reader) return error_response(reader.error(), true);
  const auto saved = read_ml_config(reader->store());
  if (!saved) return error_response(saved.error(), true);
  return json_response(config_json(context.recipe, *saved));
}

Result<LoopWork> write_config(const Context& context, const Request& request) {
  if (Status filter = expect_filter(context.recipe); !filter) return propagate(filter);
  auto changes = read_json(request);
  if (!changes) return propagate(changes);
  // What is wrong is said before the loop is asked; it reads what was saved again, in case two save at once.
  if (const auto fine = merge_ml_config(context.recipe, Json::object(), *changes); !fine)
    return propagate(fine);
  return [&context, changes = std::move(*changes)](loop::Live& live) -> Result<Response> {
    const auto saved = read_ml_config(live.store());
    if (!saved) return loop_failed(live, saved.error());
    const auto merged = merge_ml_config(context.recipe, *saved, changes);
    if (!merged) return propagate(merged);
    Json before = config_json(context.recipe, *saved)["config"];
    if (Status set = live.store().set_meta(kMlConfigMeta, merged->dump()); !set) {
      return loop_failed(live, set.error());
    }
    Json answer = config_json(context.recipe, *merged);
    Json changed = Json::object();
    for (const auto& [key, value] : answer["config"].items()) {
      if (before[key] != value) changed[key] = {{"from", before[key]}, {"to", value}};
    }
    answer["success"] = true;
    answer["changed"] = std::move(changed);
    answer["takes_effect"] =
        answer["pending"].get<bool>() ? Json(kTakesEffect) : Json("nothing to do: it is in force");
    return json_response(answer);
  };
}

// A name in a request is one of ours or none at all: the files are written from the store, and nothing is
// read from where a client says.
Status expect_name(const Fields& fields, std::string_view field, const std::string& own) {
  if (!fields.has(field)) return {};
  auto name = fields.text(field);
  if (!name) return propagate(name);
  std::string_view plain = *name;
  if (plain.starts_with("./")) plain.remove_prefix(2);
  if (plain.empty() || plain.starts_with('/') || plain.find("..") != std::string_view::npos ||
      plain.find('\\') != std::string_view::npos) {
    return fail(ErrorCode::bad_data,
                "{}: must be a name below the data folder, without .., \\, or / at its beginning", field);
  }
  if (plain == own) return {};
  return fail(ErrorCode::bad_data,
              "{}: is \"{}\" here, as ml_{} says; trades from elsewhere come in by `pawl trades import`",
              field, own, field);
}

Response train_answer(const store::RunRecord& run) {
  if (run.state != store::RunState::completed) {
    const auto why = json_string(run.document, "failure");
    return legacy_error(500, fmt::format("the training failed: {}",
                                         why ? *why : std::string(store::run_state_name(run.state))));
  }
  const auto at = [&](const char* pointer) {
    const Json::json_pointer where(pointer);
    return run.document.contains(where) ? run.document[where] : Json();
  };
  const auto rows = [&](const char* pointer) {
    const Json value = at(pointer);
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
  };
  return json_response({{"success", true},
                        {"samples", rows("/train/rows") + rows("/judged/rows")},
                        {"accuracy", at("/challenger/scores/accuracy")},
                        {"precision", at("/challenger/scores/precision")},
                        {"recall", at("/challenger/scores/recall")},
                        {"version", at("/challenger/version")},
                        {"deployed", run.verdict == "promote"},
                        {"reasons", at("/reasons")},
                        {"run", run.id}});
}

Result<Json> read_train(const Context& context, const Request& request) {
  if (Status filter = expect_filter(context.recipe); !filter) return propagate(filter);
  auto json = read_json(request);
  if (!json) return propagate(json);
  const auto fields = Fields::of(*json, "", {"training_data_path", "model_path"});
  if (!fields) return propagate(fields);
  const recipe::TradeSettings& trades = context.recipe.trades;
  if (Status named = expect_name(*fields, "training_data_path", trades.training_data_path); !named) {
    return propagate(named);
  }
  if (Status named = expect_name(*fields, "model_path", trades.model_path); !named) return propagate(named);
  return json;
}

// Answers when the run has ended.
void train(const Context& context, const std::shared_ptr<RunEnds>& ends,
           const std::shared_ptr<const Request>& request, const Reply& reply) {
  if (const auto fine = read_train(context, *request); !fine) {
    reply(error_response(fine.error(), true));
    return;
  }
  const auto begin = [&context, ends, reply](loop::Live& live) -> Status {
    const std::int64_t samples = live.loop().trade_line()->data_count();
    if (samples < context.recipe.trades.min_manual_samples) {
      return fail(ErrorCode::insufficient_data, "Not enough samples for retraining: {}/{}", samples,
                  context.recipe.trades.min_manual_samples);
    }
    const auto runs = begin_retrain(live, {.lines = {}, .reason = "asked for on the dashboard"});
    if (!runs) return propagate(runs);
    if (runs->empty()) return fail(ErrorCode::conflict, "no training began: the filter holds, or cools down");
    ends->when(runs->front(), [&context, reply](const store::RunRecord& run) {
      Response response = train_answer(run);
      if (response.status == 200) {
        response.body.pop_back();
        response.body += fmt::format(R"(,"model_path":{}}})", json_quote(context.recipe.trades.model_path));
      }
      reply(std::move(response));
    });
    return {};
  };
  const auto begun = std::make_shared<std::optional<Status>>();
  context.live.post({.run = [begin, begun](loop::Live& live) { *begun = begin(live); },
                     .settled =
                         [begun, reply](const Status& durable) {
                           if (*begun && !**begun) {
                             reply(error_response((*begun)->error(), true));
                           } else if (!durable) {
                             reply(legacy_error(503, durable.error().message));
                           }
                         }});
}

Result<TradeSignal> read_signal(const Json& json, TimeMs now) {
  const auto fields = Fields::of(json, "", {"id", "symbol", "side", "entry_price", "time", "indicators"});
  if (!fields) return propagate(fields);
  TradeSignal signal;
  for (const auto& [name, value] : {std::pair{"id", &signal.id}, {"symbol", &signal.symbol}}) {
    auto text = fields->text(name);
    if (!text) return propagate(text);
    if (text->empty()) return fail(ErrorCode::bad_data, "{}: is empty", name);
    *value = std::move(*text);
  }
  if (const auto symbol = Symbol::parse(signal.symbol); !symbol) return within("symbol", symbol.error());
  const auto side = fields->text("side");
  if (!side) return propagate(side);
  if (*side != "BUY" && *side != "SELL") return fail(ErrorCode::bad_data, "side: is neither BUY nor SELL");
  signal.side = *side == "BUY" ? Side::buy : Side::sell;
  const auto price = fields->number("entry_price");
  if (!price) return propagate(price);
  if (*price <= 0) return fail(ErrorCode::bad_data, "entry_price: must be above zero");
  signal.entry_price = *price;
  const auto at = fields->time_if("time");
  if (!at) return propagate(at);
  signal.at = at->value_or(now);
  if (!fields->has("indicators")) return fail(ErrorCode::bad_data, "indicators: is missing");
  const auto indicators =
      Fields::of(json["indicators"], "indicators",
                 {"rsi", "macd", "macd_signal", "adx", "atr", "ema_fast", "ema_slow", "volume"});
  if (!indicators) return propagate(indicators);
  for (std::size_t i = 0; i < kTradeIndicators.size(); ++i) {
    const auto value = indicators->number(kTradeIndicators[i]);
    if (!value) return propagate(value);
    signal.indicators[i] = *value;
  }
  return signal;
}

Result<TradeClose> read_close(const Json& json, TimeMs now) {
  const auto fields = Fields::of(json, "", {"id", "exit_price", "pnl_pct", "profitable", "time"});
  if (!fields) return propagate(fields);
  TradeClose close;
  auto id = fields->text("id");
  if (!id) return propagate(id);
  close.id = std::move(*id);
  const auto price = fields->number("exit_price");
  if (!price) return propagate(price);
  if (*price <= 0) return fail(ErrorCode::bad_data, "exit_price: must be above zero");
  close.exit_price = *price;
  const auto pnl = fields->number("pnl_pct");
  if (!pnl) return propagate(pnl);
  close.pnl_pct = *pnl;
  const auto profitable = fields->flag_or("profitable", *pnl > 0);
  if (!profitable) return propagate(profitable);
  close.profitable = *profitable;
  const auto at = fields->time_if("time");
  if (!at) return propagate(at);
  close.at = at->value_or(now);
  return close;
}

// A report that is read, checked, and then read again by the loop, whose time it takes where it has none.
template <class Read, class Take>
std::function<Result<LoopWork>(const Request&)> report_of(const Context& context, Read read, Take take) {
  return [&context, read, take](const Request& request) -> Result<LoopWork> {
    if (Status filter = expect_filter(context.recipe); !filter) return propagate(filter);
    auto json = read_json(request);
    if (!json) return propagate(json);
    if (const auto fine = read(*json, 0); !fine) return propagate(fine);
    return [read, take, json = std::move(*json)](loop::Live& live) -> Result<Response> {
      const auto value = read(json, live.now());
      if (!value) return propagate(value);
      auto taken = take(live, *value);
      if (!taken) return propagate(taken);
      return json_response(*taken);
    };
  };
}

}  // namespace

void add_filter_routes(Router& router, const Context& context) {
  const auto readers = std::make_shared<Readers>(context);
  const auto ends = RunEnds::make(context, readers);
  const auto add = [&](std::string method, std::string pattern, Scope scope, Handler handler, std::string id,
                       std::string summary, Json request_example, Json response_example) {
    router.add({.method = std::move(method),
                .pattern = std::move(pattern),
                .scope = scope,
                .legacy_errors = true,
                .handler = std::move(handler),
                .operation_id = std::move(id),
                .summary = std::move(summary),
                .request_example = std::move(request_example),
                .response_example = std::move(response_example)});
  };
  add("GET", "/api/ml/config", Scope::read,
      SyncHandler([&context, readers](const Request&) { return read_config(context, *readers); }),
      "getMlConfig", "The machine learning configuration, as saved and as in force", {}, {});
  add("POST", "/api/ml/config", Scope::admin,
      loop_handler(context, true,
                   [&context](const Request& request) { return write_config(context, request); }),
      "saveMlConfig", "Change keys of the machine learning configuration",
      {{"ml_auto_retrain", true}, {"ml_retrain_frequency", "weekly"}, {"ml_min_training_samples", 100}}, {});
  add("POST", "/api/ml/train", Scope::admin,
      AsyncHandler([&context, ends](const std::shared_ptr<const Request>& request, const Reply& reply) {
        train(context, ends, request, reply);
      }),
      "trainMlModel", "Train now; answered when the training has ended",
      {{"training_data_path", "data/training_data.csv"}, {"model_path", "models/ml_signal_model.pkl"}},
      {{"success", true},
       {"samples", 120},
       {"accuracy", 0.62},
       {"precision", 0.64},
       {"recall", 0.58},
       {"model_path", "models/ml_signal_model.pkl"},
       {"version", "v000003"}});
  add("POST", "/api/ml/signal", Scope::predict,
      loop_handler(context, true,
                   report_of(context, read_signal,
                             [](loop::Live& live, const TradeSignal& signal) -> Result<Json> {
                               auto taken = take_signal(live, signal);
                               if (!taken) return propagate(taken);
                               (*taken)["allow"] = (*taken)["allowed"];
                               taken->erase("allowed");
                               return taken;
                             })),
      "askAboutSignal", "A bot's signal: its chance of profit, and whether it is let through",
      {{"id", "17"},
       {"symbol", "EURUSD"},
       {"side", "BUY"},
       {"entry_price", 1.0834},
       {"indicators",
        {{"rsi", 55.2},
         {"macd", 0.00012},
         {"macd_signal", 0.0001},
         {"adx", 24.8},
         {"atr", 0.0011},
         {"ema_fast", 1.0834},
         {"ema_slow", 1.0829},
         {"volume", 1250}}}},
      {{"allow", true},
       {"p_profit", 0.61},
       {"version", "v000003"},
       {"id", "17"},
       {"number", 1},
       {"duplicate", false}});
  add("POST", "/api/ml/trade/close", Scope::predict,
      loop_handler(context, true,
                   report_of(context, read_close,
                             [](loop::Live& live, const TradeClose& close) -> Result<Json> {
                               auto taken = take_close(live, close);
                               if (!taken) return propagate(taken);
                               (*taken)["success"] = true;
                               return taken;
                             })),
      "closeTrade", "How a trade of the bot's ended",
      {{"id", "17"}, {"exit_price", 1.0851}, {"pnl_pct", 0.14}, {"profitable", true}},
      {{"success", true}, {"id", "17"}, {"closed", true}, {"duplicate", false}});
}

}  // namespace pawl::http
