// Runs as the store has them, and those that are under way.
#include <algorithm>
#include <charconv>

#include "http/routes/api.h"
#include "http/routes/fields.h"
#include "http/routes/lookup.h"

namespace pawl::http {

namespace {

constexpr std::size_t kUsual = 50, kMost = 500;
// How far back the newest progress of a run is looked for.
constexpr std::uint64_t kProgressEntries = 512;

Json run_json(const store::RunRecord& run) {
  return {{"id", run.id},
          {"lines", run.lines},
          {"trigger", run.trigger},
          {"reason", run.reason},
          {"state", store::run_state_name(run.state)},
          {"started_at", format_time(run.started_at)},
          {"known_at", run.known_at ? Json(format_time(*run.known_at)) : Json()},
          {"verdict", run.verdict.empty() ? Json() : Json(run.verdict)}};
}

Result<std::int64_t> id_of(const Request& request) {
  const std::string_view text = request.path_value("id");
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 1) {
    return fail(ErrorCode::invalid_argument, "id: \"{}\" is no number of a run", text);
  }
  return id;
}

// Newest first.
Result<Response> runs(const Context& context, Readers& readers, const Request& request) {
  const auto page = page_query(request, kUsual, kMost);
  if (!page) return propagate(page);
  const auto cursor = cursor_number(*page);
  if (!cursor) return propagate(cursor);
  const auto line = line_of_query(context.recipe, request);
  if (!line) return propagate(line);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto all = reader->store().runs().list(*line);
  if (!all) return propagate(all);
  Json items = Json::array();
  std::optional<std::string> next;
  for (auto run = all->rbegin(); run != all->rend(); ++run) {
    if (*cursor != 0 && run->id >= *cursor) continue;
    if (items.size() == page->limit) {
      next = std::to_string(items.back()["id"].get<std::int64_t>());
      break;
    }
    items.push_back(run_json(*run));
  }
  return json_response(page_json(std::move(items), next));
}

Result<Response> run(const Context&, Readers& readers, const Request& request) {
  const auto id = id_of(request);
  if (!id) return propagate(id);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto found = reader->store().runs().find(*id);
  if (!found) return propagate(found);
  if (!*found) return fail(ErrorCode::not_found, "there is no run {}", *id);
  Json json = run_json(**found);
  json["document"] = (*found)->document;
  return json_response(json);
}

// What the trainer said of a run last; null where it has said nothing lately.
Json progress_of(const loop::EventHub& hub, std::int64_t run) {
  const std::uint64_t end = hub.end();
  const auto page = hub.read(end > kProgressEntries ? end - kProgressEntries : 0, kProgressEntries);
  for (auto entry = page.entries.rbegin(); entry != page.entries.rend(); ++entry) {
    if (entry->event.kind != "progress") continue;
    auto payload = parse_json(entry->event.payload);
    if (!payload) continue;
    const auto of = json_int(*payload, "run");
    if (of && *of == run) return std::move(*payload);
  }
  return {};
}

Json job_json(const Context& context, const store::RunRecord& run, const loop::LiveStatus& status) {
  Json json = run_json(run);
  json["id"] = std::to_string(run.id);
  json["run"] = run.id;
  json["url"] = fmt::format("/api/v1/jobs/{}", run.id);
  json["stage"] = nullptr;
  json["progress"] = nullptr;
  if (run.state != store::RunState::running) {
    if (const auto why = json_string(run.document, "failure")) json["failure"] = *why;
    return json;
  }
  for (const loop::Loop::UnderWay& one : status.under_way) {
    if (one.run == run.id) json["stage"] = one.stage;
  }
  json["progress"] = progress_of(context.hub, run.id);
  return json;
}

Result<Response> jobs(const Context& context, Readers& readers, const Request&) {
  const auto status = context.status.get();
  Json items = Json::array();
  if (!status->under_way.empty()) {
    auto reader = readers.take();
    if (!reader) return propagate(reader);
    for (const loop::Loop::UnderWay& one : status->under_way) {
      const auto found = reader->store().runs().find(one.run);
      if (!found) return propagate(found);
      if (*found) items.push_back(job_json(context, **found, *status));
    }
  }
  // Asked for, and waiting for rows.
  Json queued = Json::array();
  for (const loop::LineStatus& line : status->lines) {
    if (!line.waits_for.empty()) queued.push_back({{"line", line.line}, {"waits_for", line.waits_for}});
  }
  Json json = page_json(std::move(items), std::nullopt);
  json["queued"] = std::move(queued);
  return json_response(json);
}

Result<Response> job(const Context& context, Readers& readers, const Request& request) {
  const auto id = id_of(request);
  if (!id) return propagate(id);
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto found = reader->store().runs().find(*id);
  if (!found) return propagate(found);
  if (!*found) return fail(ErrorCode::not_found, "there is no job {}", *id);
  return json_response(job_json(context, **found, *context.status.get()));
}

}  // namespace

void add_run_routes(Router& router, const Context& context, const SharedReaders& readers) {
  const auto add = [&](std::string pattern, auto made, std::string id, std::string summary) {
    router.add({.method = "GET",
                .pattern = std::move(pattern),
                .scope = Scope::read,
                .handler =
                    [&context, readers, made](const Request& request) {
                      auto response = made(context, *readers, request);
                      return response ? std::move(*response) : error_response(response.error(), false);
                    },
                .operation_id = std::move(id),
                .summary = std::move(summary)});
  };
  add("/api/v1/runs", runs, "listRuns", "Retrains, newest first; ?line=&limit=&cursor=");
  add("/api/v1/runs/{id}", run, "getRun", "One retrain with everything it saw");
  add("/api/v1/jobs", jobs, "listJobs", "Retrains that are under way, with their progress");
  add("/api/v1/jobs/{id}", job, "getJob", "One retrain that was asked for, and how far it is");
}

}  // namespace pawl::http
