#include "mirrors/log_state.h"

#include "mirrors/run_findings.h"

namespace pawl::mirrors {
namespace {

// Whether the recipe's own triggers look at all signals there ever were.
bool counts_ever(const recipe::Recipe& recipe) {
  for (const recipe::KindSettings& trigger : recipe.triggers) {
    if (trigger.kind == "auto_training") return trigger.settings.text("since") == "ever";
  }
  return false;
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Result<std::optional<std::int64_t>> optional_int(const Json& json, std::string_view field) {
  const auto found = json.find(field);
  if (found == json.end() || found->is_null()) return std::nullopt;
  auto value = json_int(json, field);
  if (!value) return propagate(value);
  return *value;
}

Result<LineState> line_from_json(const Json& json) {
  LineState state;
  for (const auto& [field, value] :
       {std::pair{"candles", &state.candles}, std::pair{"signals", &state.signals},
        std::pair{"correct", &state.correct}}) {
    const auto read = json_int(json, field);
    if (!read) return propagate(read);
    *value = *read;
  }
  state.price = score_of(json, "price");
  const auto last_retrain = optional_int(json, "last_retrain");
  if (!last_retrain) return propagate(last_retrain);
  state.last_retrain = *last_retrain;
  const auto last_heartbeat = optional_int(json, "last_heartbeat");
  if (!last_heartbeat) return propagate(last_heartbeat);
  state.last_heartbeat = *last_heartbeat;
  const auto needs = json_bool(json, "needs_retrain");
  if (!needs) return propagate(needs);
  state.needs_retrain = *needs;
  return state;
}

}  // namespace

std::vector<LineId> lines_of(const Event& event, const Json& payload) {
  std::vector<LineId> lines;
  const auto listed = payload.find("lines");
  if (listed != payload.end() && listed->is_array()) {
    for (const Json& line : *listed) {
      if (line.is_string()) lines.push_back(line.get<std::string>());
    }
  } else if (!event.line.empty()) {
    lines.push_back(event.line);
  }
  return lines;
}

std::vector<LineId> LogState::take_bar(const Event& event, const Json& payload,
                                       const recipe::Recipe& recipe) {
  for (const Symbol& symbol : recipe.symbols) {
    if (symbol.canonical() != event.line) continue;
    const LineId line = recipe.line_of(symbol);
    LineState& state = lines_[line];
    ++state.candles;
    if (const auto close = score_of(payload, "close")) state.price = *close;
    return {line};
  }
  return {};
}

void LogState::take_outcome(const Event& event, const Json& payload, std::optional<TimeMs> predicted_at,
                            bool ever) {
  const auto correct = json_bool(payload, "correct");
  if (!correct || text_of(payload, "side") == side_name(Side::hold)) return;
  LineState& state = lines_[event.line];
  // What was predicted before the last retrain is of the model before.
  if (!ever && state.last_retrain && predicted_at && *predicted_at < *state.last_retrain) return;
  ++state.signals;
  state.correct += *correct ? 1 : 0;
}

std::vector<LineId> LogState::apply(const Event& event, const Json& payload,
                                    std::optional<TimeMs> predicted_at, const recipe::Recipe& recipe) {
  begun = true;
  const bool ever = counts_ever(recipe);
  std::vector<LineId> about = lines_of(event, payload);
  if (event.kind == "bar") {
    about = take_bar(event, payload, recipe);
  } else if (event.kind == "outcome") {
    take_outcome(event, payload, predicted_at, ever);
  } else if (event.kind == "trigger" || event.kind == "deferred") {
    for (const LineId& line : lines_of(event, payload)) lines_[line].needs_retrain = true;
  } else if (event.kind == "skipped") {
    for (const LineId& line : about) lines_[line].needs_retrain = false;
  } else if (event.kind == "verdict" && text_of(payload, "challenger") != text_of(payload, "champion")) {
    LineState& state = lines_[event.line];
    state.last_retrain = event.known_at;
    state.needs_retrain = false;
    if (!ever) state.signals = state.correct = 0;
  }

  std::vector<LineId> due;
  if (recipe.files.heartbeat_ms <= 0) return due;
  const std::int64_t interval = event.known_at / recipe.files.heartbeat_ms;
  if (about.empty() && event.line.empty()) about = recipe.line_ids();
  for (const LineId& line : about) {
    const auto found = lines_.find(line);
    if (found == lines_.end() || found->second.candles == 0) continue;
    LineState& state = found->second;
    if (state.last_heartbeat && *state.last_heartbeat >= interval) continue;
    state.last_heartbeat = interval;
    due.push_back(line);
  }
  return due;
}

LineState LogState::of(const LineId& line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() ? LineState{} : found->second;
}

Json LogState::to_json() const {
  Json lines = Json::object();
  for (const auto& [line, state] : lines_) {
    lines[line] = {{"candles", state.candles},
                   {"price", or_null(state.price)},
                   {"signals", state.signals},
                   {"correct", state.correct},
                   {"last_retrain", or_null(state.last_retrain)},
                   {"needs_retrain", state.needs_retrain},
                   {"last_heartbeat", or_null(state.last_heartbeat)}};
  }
  return {{"begun", begun}, {"run_told", run_told}, {"lines", std::move(lines)}};
}

Result<LogState> LogState::from_json(const Json& json) {
  LogState state;
  const auto begun = json_bool(json, "begun");
  if (!begun) return propagate(begun);
  state.begun = *begun;
  const auto run_told = json_int(json, "run_told");
  if (!run_told) return propagate(run_told);
  state.run_told = *run_told;
  const auto lines = json.find("lines");
  if (lines == json.end() || !lines->is_object()) return fail(ErrorCode::bad_data, "lines: missing");
  for (const auto& [line, value] : lines->items()) {
    auto read = line_from_json(value);
    if (!read) return within(line, read.error());
    state.lines_[line] = *read;
  }
  return state;
}

}  // namespace pawl::mirrors
