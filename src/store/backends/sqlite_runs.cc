#include "store/backends/sqlite_runs.h"

#include <array>

namespace pawl::store::sqlite {
namespace {

// Text from a third party's message may not be UTF-8, which must not keep a run from being recorded.
std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RunState> parse_state(const std::string& name) {
  for (const RunState state :
       {RunState::running, RunState::completed, RunState::failed, RunState::interrupted}) {
    if (run_state_name(state) == name) return state;
  }
  return fail(ErrorCode::corrupt, "\"{}\" is no state of a run", name);
}

// Columns: id, lines, trigger, reason, state, started_at, known_at, verdict, document.
Result<RunRecord> run_of(const Cursor& row) {
  RunRecord run{.id = row.integer(0),
                .lines = {},
                .trigger = row.text(2),
                .reason = row.text(3),
                .state = RunState::running,
                .started_at = row.integer(5),
                .known_at = row.optional_integer(6),
                .verdict = row.text(7),
                .document = Json::object()};
  const auto lines = parse_json(row.text(1));
  if (!lines) return propagate(lines);
  if (!lines->is_array()) return fail(ErrorCode::corrupt, "the lines of run {} are no list", run.id);
  for (const Json& line : *lines) {
    if (!line.is_string()) return fail(ErrorCode::corrupt, "the lines of run {} are not all names", run.id);
    run.lines.push_back(line.get_ref<const std::string&>());
  }
  const auto state = parse_state(row.text(4));
  if (!state) return propagate(state);
  run.state = *state;
  auto document = parse_json(row.text(8));
  if (!document) return propagate(document);
  run.document = std::move(*document);
  return run;
}

}  // namespace

Runs::Runs(Session& session)
    : session_(session),
      insert_(session.db(),
              "INSERT INTO runs (lines, trigger, reason, state, started_at, known_at, verdict, document) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      update_(session.db(),
              "UPDATE runs SET lines = ?1, trigger = ?2, reason = ?3, state = ?4, started_at = ?5, "
              "known_at = ?6, verdict = ?7, document = ?8 WHERE id = ?9"),
      find_(session.db(),
            "SELECT id, lines, trigger, reason, state, started_at, known_at, verdict, document FROM runs "
            "WHERE id = ?1"),
      list_(session.db(),
            "SELECT id, lines, trigger, reason, state, started_at, known_at, verdict, document FROM runs "
            "ORDER BY id"),
      list_line_(session.db(),
                 "SELECT id, lines, trigger, reason, state, started_at, known_at, verdict, document "
                 "FROM runs WHERE EXISTS (SELECT 1 FROM json_each(runs.lines) WHERE value = ?1) "
                 "ORDER BY id") {}

Result<std::int64_t> Runs::begin(const RunRecord& run) {
  std::int64_t id = 0;
  const Status begun = session_.transaction([&]() -> Status {
    Status inserted = insert_.run(json_text(run.lines), run.trigger, run.reason, run_state_name(run.state),
                                  run.started_at, run.known_at, run.verdict, json_text(run.document));
    id = session_.db().last_insert_id();
    return inserted;
  });
  if (!begun) return propagate(begun);
  return id;
}

Status Runs::update(const RunRecord& run) {
  return session_.transaction([&]() -> Status {
    const auto there = find(run.id);
    if (!there) return propagate(there);
    if (!*there) return fail(ErrorCode::not_found, "there is no run {}", run.id);
    return update_.run(json_text(run.lines), run.trigger, run.reason, run_state_name(run.state),
                       run.started_at, run.known_at, run.verdict, json_text(run.document), run.id);
  });
}

Result<std::optional<RunRecord>> Runs::find(std::int64_t id) const {
  std::optional<RunRecord> found;
  Cursor row = find_.query(id);
  if (row.next()) {
    auto run = run_of(row);
    if (!run) return within(session_.db().name(), run.error());
    found = std::move(*run);
  }
  if (!row.status()) return propagate(row.status());
  return found;
}

Result<std::vector<RunRecord>> Runs::list(std::string_view line) const {
  std::vector<RunRecord> runs;
  Cursor row = line.empty() ? list_.query() : list_line_.query(line);
  while (row.next()) {
    auto run = run_of(row);
    if (!run) return within(session_.db().name(), run.error());
    runs.push_back(std::move(*run));
  }
  if (!row.status()) return propagate(row.status());
  return runs;
}

}  // namespace pawl::store::sqlite
