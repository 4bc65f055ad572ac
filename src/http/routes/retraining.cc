#include "http/routes/retraining.h"

#include <algorithm>
#include <cmath>

#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"
#include "http/routes/moves.h"
#include "http/routes/readers.h"
#include "triggers/trigger.h"

namespace pawl::http {

namespace {

Json or_null(const std::optional<double>& value) {
  return value ? json_number(*value) : Json();
}

// Mean and deviation of the accuracy over the folds of the run that made a version; null without folds.
void add_folds(Json& metrics, Readers& readers, const loop::LineStatus& line) {
  metrics["cv_mean"] = nullptr;
  metrics["cv_std"] = nullptr;
  auto reader = readers.take();
  if (!reader) return;
  const auto row = reader->store().versions().find(line.line, line.champion);
  if (!row || !*row || (*row)->run_id == 0) return;
  const auto run = reader->store().runs().find((*row)->run_id);
  if (!run || !*run) return;
  const Json& document = (*run)->document;
  const Json* found = &document;
  if (const auto by_line = document.find("by_line"); by_line != document.end() && by_line->is_array()) {
    for (const Json& one : *by_line) {
      if (one.value("line", std::string()) == line.line) found = &one;
    }
  }
  const auto folds = found->find("folds");
  if (folds == found->end() || !folds->is_array()) return;
  std::vector<double> values;
  for (const Json& fold : *folds) {
    const auto scores = fold.find("scores");
    if (scores == fold.end()) continue;
    const auto value = json_double(*scores, "accuracy");
    if (value && std::isfinite(*value)) values.push_back(*value);
  }
  if (values.empty()) return;
  const auto count = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / count;
  for (const double value : values) squares += (value - mean) * (value - mean);
  metrics["cv_mean"] = mean;
  metrics["cv_std"] = std::sqrt(squares / count);
}

// As training_metrics.json has them (D4).
Json metrics_of(Readers& readers, const loop::LineStatus& line) {
  const auto score = [&](std::string_view name) { return or_null(line.scores.get(name)); };
  Json metrics = {{"f1_score", score("f1")},         {"accuracy", score("accuracy")},
                  {"precision", score("precision")}, {"recall", score("recall")},
                  {"roc_auc", score("roc_auc")},     {"version", line.champion.text()}};
  add_folds(metrics, readers, line);
  return metrics;
}

// The one line's; of several, one under each line's name.
Json current_metrics(Readers& readers, const loop::LiveStatus& status) {
  if (status.lines.size() == 1) return metrics_of(readers, status.lines.front());
  Json all = Json::object();
  for (const loop::LineStatus& line : status.lines) all[line.name] = metrics_of(readers, line);
  return all;
}

// A name of the recipe's `files`; with several lines the pattern itself, which then tells them apart.
Json path_json(const recipe::Recipe& recipe, const std::string& pattern) {
  if (pattern.empty()) return {};
  const std::vector<LineId> lines = recipe.line_ids();
  return lines.size() == 1 ? Json(file_of_line(pattern, lines.front())) : Json(pattern);
}
Json model_path(const recipe::Recipe& recipe) {
  if (recipe.files.current_model.empty() && recipe.trades.present) return recipe.trades.model_path;
  return path_json(recipe, recipe.files.current_model);
}

Json scheduled_jobs(const recipe::Recipe& recipe, TimeMs now) {
  Json jobs = Json::array();
  for (const recipe::KindSettings& one : recipe.triggers) {
    const triggers::TriggerKind* kind = triggers::find_trigger_kind(one.kind);
    if (kind == nullptr) continue;
    const auto trigger = kind->make(one.settings);
    if (!trigger) continue;
    const auto next = (*trigger)->next_time(now);
    if (!next) continue;
    jobs.push_back({{"id", fmt::format("{}_{}", one.kind, jobs.size())},
                    {"name", (*trigger)->full() ? "full retrain" : "retrain"},
                    {"trigger", one.settings.to_json()},
                    {"next_run_time", format_time(*next)}});
  }
  return jobs;
}

Response retraining_status(const Context& context, Readers& readers) {
  const auto status = context.status.get();
  const Json jobs = scheduled_jobs(context.recipe, status->at);
  const bool training = std::any_of(status->lines.begin(), status->lines.end(),
                                    [](const loop::LineStatus& line) { return line.training; });
  return json_response(
      {{"running", !status->lines.empty() && !jobs.empty()},
       {"training", training},
       {"current_metrics", current_metrics(readers, *status)},
       {"next_retraining", status->next_schedule ? Json(format_time(*status->next_schedule)) : Json()},
       {"scheduled_jobs", jobs},
       {"model_path", model_path(context.recipe)},
       {"backup_path", path_json(context.recipe, context.recipe.files.backup_model)}});
}

Response model_info(const Context& context, Readers& readers) {
  const auto status = context.status.get();
  if (status->lines.empty()) return legacy_error(503, "pawl is starting; try again in a moment");
  const loop::LineStatus& first = status->lines.front();
  Json versions = Json::object();
  for (const loop::LineStatus& line : status->lines) versions[line.line] = line.champion.text();
  return json_response({{"model_path", model_path(context.recipe)},
                        {"backup_path", path_json(context.recipe, context.recipe.files.backup_model)},
                        {"metrics", current_metrics(readers, *status)},
                        {"features", first.features},
                        {"feature_count", first.features.size()},
                        {"versions", std::move(versions)}});
}

Result<LoopWork> trigger(const Context& context, const Request& request) {
  const auto force = query_flag(request, "force");
  if (!force) return propagate(force);
  RetrainWish wish{.lines = {}, .reason = "asked for over the API", .force = *force};
  return [&context, wish](loop::Live& live) -> Result<Response> {
    const auto runs = begin_retrain(live, wish);
    if (!runs) return propagate(runs);
    if (runs->empty()) {
      return fail(ErrorCode::conflict, "no run began: every line cools down, holds, or waits for rows");
    }
    return json_response(
        {{"job_id", fmt::format("retrain_{}", context.clock.now() / kSecondMs)},
         {"status", "started"},
         {"message", wish.force ? "Model retraining started; forced: what it makes is deployed past the gate"
                                : "Model retraining started"},
         {"runs", *runs}});
  };
}

Result<LoopWork> rollback(const Context& context, const Request&) {
  return [&context](loop::Live& live) -> Result<Response> {
    std::vector<std::string> moved, failed;
    std::optional<Error> first;
    const std::vector<LineId> lines = context.recipe.line_ids();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto serves = live.roll_back(
          {.line = i, .to = {}, .reason = "rolled back over the API", .actor = "hand", .hold_until = {}});
      if (serves) {
        moved.push_back(fmt::format("{} to {}", lines[i], serves->text()));
        continue;
      }
      if (!first) first = serves.error();
      failed.push_back(fmt::format("{}: {}", lines[i], serves.error().message));
    }
    if (moved.empty()) return std::unexpected(*first);
    std::string message = fmt::format(
        "Rolled back {}, with model, preprocessing and metrics; held until released", fmt::join(moved, ", "));
    if (!failed.empty()) message += fmt::format(". Not moved: {}", fmt::join(failed, "; "));
    return json_response({{"success", failed.empty()}, {"message", message}});
  };
}

}  // namespace

void add_retraining_routes(Router& router, const Context& context) {
  const auto readers = std::make_shared<Readers>(context);
  router.add({.method = "GET",
              .pattern = "/api/ml/retraining/status",
              .scope = Scope::read,
              .legacy_errors = true,
              .handler = [&context, readers](const Request&) { return retraining_status(context, *readers); },
              .operation_id = "retrainingStatus",
              .summary = "Whether the scheduler runs, what it does next, and the metrics of what serves"});
  router.add({.method = "POST",
              .pattern = "/api/ml/retraining/trigger",
              .scope = Scope::admin,
              .legacy_errors = true,
              .handler = loop_handler(
                  context, true, [&context](const Request& request) { return trigger(context, request); }),
              .operation_id = "triggerRetraining",
              .summary = "Retrain now; ?force=true deploys what it makes past the gate",
              .response_example = {{"job_id", "retrain_1767578400"},
                                   {"status", "started"},
                                   {"message", "Model retraining started"},
                                   {"runs", {12}}}});
  router.add({.method = "POST",
              .pattern = "/api/ml/retraining/rollback",
              .scope = Scope::admin,
              .legacy_errors = true,
              .handler = loop_handler(
                  context, true, [&context](const Request& request) { return rollback(context, request); }),
              .operation_id = "rollBackModel",
              .summary = "Back to the model that served before, with all that belongs to it"});
  router.add({.method = "GET",
              .pattern = "/api/ml/model/info",
              .scope = Scope::read,
              .legacy_errors = true,
              .handler = [&context, readers](const Request&) { return model_info(context, *readers); },
              .operation_id = "modelInfoRetraining",
              .summary = "The model that serves: its files, metrics and features"});
}

void log_scheduler_failure(const Log& log, const Error& error) {
  log.error(fmt::format("Failed to start retraining scheduler: {}", error.message),
            {{"err", code_name(error.code)}});
}

}  // namespace pawl::http
