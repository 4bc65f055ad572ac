// What a person or a program moves: retrains, promotions, rollbacks.
#include <algorithm>

#include "http/routes/api.h"
#include "http/routes/ask_loop.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"
#include "http/routes/moves.h"
#include "triggers/webhook.h"

namespace pawl::http {

namespace {

constexpr std::size_t kReasonMost = 500;
constexpr std::string_view kActor = "hand";  // the promotion log's word for a person

Result<std::string> reason_of(const Fields& fields, std::string_view otherwise) {
  auto reason = fields.text_or("reason", otherwise);
  if (reason && reason->size() > kReasonMost) {
    return fail(ErrorCode::bad_data, "reason: {} bytes long; {} at most", reason->size(), kReasonMost);
  }
  return reason;
}

Result<RetrainWish> read_retrain(const recipe::Recipe& recipe, const Request& request) {
  const auto json = read_json(request);
  if (!json) return propagate(json);
  const auto fields = Fields::of(*json, "", {"line", "symbols", "full", "force", "reason", "min_samples"});
  if (!fields) return propagate(fields);
  RetrainWish wish;
  if (fields->has("line") && fields->has("symbols")) {
    return fail(ErrorCode::bad_data, "line: send that or symbols, not both");
  }
  std::vector<std::string> names;
  if (fields->has("line")) {
    auto name = fields->text("line");
    if (!name) return propagate(name);
    names.push_back(std::move(*name));
  } else {
    auto list = fields->texts_or_none("symbols");
    if (!list) return propagate(list);
    if (fields->has("symbols") && list->empty()) {
      return fail(ErrorCode::bad_data, "symbols: is empty; leave it out for all lines");
    }
    names = std::move(*list);
  }
  for (const std::string& name : names) {
    const auto line = find_line(recipe, name);
    if (!line) return propagate(line);
    if (std::find(wish.lines.begin(), wish.lines.end(), *line) == wish.lines.end())
      wish.lines.push_back(*line);
  }
  const auto full = fields->flag_or("full", false), force = fields->flag_or("force", false);
  if (!full) return propagate(full);
  if (!force) return propagate(force);
  wish.full = *full;
  wish.force = *force;
  auto reason = reason_of(*fields, "asked for over the API");
  if (!reason) return propagate(reason);
  wish.reason = std::move(*reason);
  const auto least = fields->integer_if("min_samples");
  if (!least) return propagate(least);
  if (*least && **least < 0) return fail(ErrorCode::bad_data, "min_samples: must not be below zero");
  wish.min_samples = *least;
  return wish;
}

Response accepted(const std::vector<std::int64_t>& runs) {
  Json jobs = Json::array();
  for (const std::int64_t run : runs) {
    jobs.push_back({{"id", std::to_string(run)}, {"run", run}, {"url", fmt::format("/api/v1/jobs/{}", run)}});
  }
  Response response = json_response({{"jobs", std::move(jobs)}, {"status", "started"}}, 202);
  if (!runs.empty()) {
    response.headers.emplace_back("Location", fmt::format("/api/v1/jobs/{}", runs.front()));
  }
  return response;
}

Result<Response> retrain(loop::Live& live, const RetrainWish& wish) {
  const auto runs = begin_retrain(live, wish);
  if (!runs) return propagate(runs);
  if (runs->empty()) {
    return fail(ErrorCode::conflict,
                "no run began, because the line cools down or holds; GET /api/v1/lines says how it stands");
  }
  return accepted(*runs);
}

Result<LoopWork> read_webhook(const Context& context, const std::string& secret, const Request& request) {
  auto asked =
      triggers::open_webhook(request.body, request.header("X-Pawl-Signature"), secret, context.clock.now());
  if (!asked) return propagate(asked);
  RetrainWish wish{.lines = {}, .reason = asked->reason, .full = asked->full};
  if (!asked->line.empty()) {
    const auto line = find_line(context.recipe, asked->line);
    if (!line) return propagate(line);
    wish.lines.push_back(*line);
  }
  return [wish](loop::Live& live) { return retrain(live, wish); };
}

void answer_webhook(const Context& context, const std::string& secret, const Request& request,
                    const Reply& reply) {
  auto work = read_webhook(context, secret, request);
  if (work) {
    ask_loop(context, reply, false, std::move(*work));
    return;
  }
  const Error& error = work.error();
  // A wrong or old signature is no state that a later attempt finds changed.
  const bool refused = error.code == ErrorCode::conflict || error.code == ErrorCode::bad_config;
  reply(refused ? problem(403, "signature", error.message) : error_response(error, false));
}

enum class Move { promote, roll_back };

Result<LoopWork> read_move(const recipe::Recipe& recipe, Move kind, const Request& request) {
  const auto line = line_of_path(recipe, request);
  if (!line) return propagate(line);
  const auto json = read_json(request);
  if (!json) return propagate(json);
  const auto fields = kind == Move::promote ? Fields::of(*json, "", {"version", "force", "reason"})
                                            : Fields::of(*json, "", {"version", "hold_for", "reason"});
  if (!fields) return propagate(fields);
  loop::Live::HandMove move{.line = *line, .to = {}, .reason = {}, .actor = std::string(kActor)};
  if (fields->has("version") || kind == Move::promote) {
    const auto text = fields->text("version");
    if (!text) return propagate(text);
    const auto version = VersionNumber::parse(*text);
    if (!version) return within("version", version.error());
    move.to = *version;
  }
  auto reason =
      reason_of(*fields, kind == Move::promote ? "promoted over the API" : "rolled back over the API");
  if (!reason) return propagate(reason);
  move.reason = std::move(*reason);
  const auto force = fields->flag_or("force", false);
  if (!force) return propagate(force);
  move.force = *force;
  DurationMs hold_for = 0;
  if (fields->has("hold_for")) {
    const auto text = fields->text("hold_for");
    if (!text) return propagate(text);
    const auto duration = parse_duration(*text);
    if (!duration) return within("hold_for", duration.error());
    if (*duration <= 0) return fail(ErrorCode::bad_data, "hold_for: must be above zero");
    hold_for = *duration;
  }
  const LineId id = recipe.line_ids()[*line];
  return [move, hold_for, kind, id](loop::Live& live) -> Result<Response> {
    loop::Live::HandMove now = move;
    if (hold_for > 0) now.hold_until = live.now() + hold_for;
    // Said again, as by a client that did not hear the answer, it is done already.
    const VersionNumber before = live.loop().lines()[now.line]->live()->bundle.number;
    const bool done_before = kind == Move::promote && now.to == before;
    const auto serves = done_before             ? Result<VersionNumber>(before)
                        : kind == Move::promote ? live.promote(now)
                                                : live.roll_back(now);
    if (!serves) return propagate(serves);
    return json_response({{"line", id},
                          {"from", before.text()},
                          {"serves", serves->text()},
                          {"changed", *serves != before},
                          {"forced", now.force},
                          {"holds_until", now.hold_until ? Json(format_time(*now.hold_until)) : Json()},
                          {"holds", kind == Move::roll_back}});
  };
}

}  // namespace

void add_move_routes(Router& router, const Context& context, std::string webhook_secret) {
  const auto add = [&](std::string pattern, std::function<Result<LoopWork>(const Request&)> read,
                       std::string id, std::string summary, Json example) {
    router.add({.method = "POST",
                .pattern = std::move(pattern),
                .scope = Scope::admin,
                .handler = loop_handler(context, false, std::move(read)),
                .operation_id = std::move(id),
                .summary = std::move(summary),
                .request_example = std::move(example)});
  };
  add("/api/v1/runs",
      [&context](const Request& request) -> Result<LoopWork> {
        const auto wish = read_retrain(context.recipe, request);
        if (!wish) return propagate(wish);
        return [wish = *wish](loop::Live& live) { return retrain(live, wish); };
      },
      "startRun", "Retrain one line, some symbols, or all; force promotes the result past the gate",
      {{"symbols", {"EUR_USD"}},
       {"full", false},
       {"force", false},
       {"reason", "new data"},
       {"min_samples", 50}});
  add("/api/v1/lines/{recipe}/{symbol}/promote",
      [&context](const Request& request) { return read_move(context.recipe, Move::promote, request); },
      "promoteVersion", "Let a version serve; one that the gate refused only with force",
      {{"version", "v000012"}, {"force", false}, {"reason", "better in the paper account"}});
  add("/api/v1/lines/{recipe}/{symbol}/rollback",
      [&context](const Request& request) { return read_move(context.recipe, Move::roll_back, request); },
      "rollBack", "Back to the version that served before; the line then holds",
      {{"version", "v000011"}, {"hold_for", "7d"}, {"reason", "lost three days in a row"}});
  add(
      "/api/v1/lines/{recipe}/{symbol}/release",
      [&context](const Request& request) -> Result<LoopWork> {
        const auto line = line_of_path(context.recipe, request);
        if (!line) return propagate(line);
        const auto json = read_json(request);
        if (!json) return propagate(json);
        if (const auto fields = Fields::of(*json, "", {"reason"}); !fields) return propagate(fields);
        return [line = *line, id = context.recipe.line_ids()[*line]](loop::Live& live) -> Result<Response> {
          if (Status released = live.release(line, kActor); !released) {
            return loop_failed(live, released.error());
          }
          return json_response({{"line", id}, {"holds", false}});
        };
      },
      "releaseLine", "End the hold after a rollback", Json::object());
  router.add({.method = "POST",
              .pattern = "/api/v1/hooks/retrain",
              .scope = Scope::open,
              .handler = [&context, secret = std::move(webhook_secret)](
                             const std::shared_ptr<const Request>& request,
                             const Reply& reply) { answer_webhook(context, secret, *request, reply); },
              .operation_id = "retrainHook",
              .summary = "A retrain that another scheduler asks for, signed with PAWL_WEBHOOK_SECRET "
                         "(X-Pawl-Signature: sha256=HMAC of the body)",
              .request_example = {{"sent_at", "2026-01-05T02:00:00Z"},
                                  {"line", "forex-weekly/EUR_USD"},
                                  {"reason", "nightly CI"},
                                  {"full", false}}});
}

}  // namespace pawl::http
