#include "mirrors/run_findings.h"

#include <algorithm>
#include <cmath>

namespace pawl::mirrors {
namespace {

Json field_or(const Json& object, std::string_view field, Json otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(field);
  return found == object.end() || found->is_null() ? otherwise : *found;
}

Result<LineFindings> read_line(const Json& json, const LineId& line, const std::string& verdict) {
  LineFindings found;
  found.line = line;
  found.verdict = verdict;
  const Json champion = field_or(json, "champion", Json::object());
  const Json challenger = field_or(json, "challenger", Json::object());
  found.champion = text_of(champion, "version");
  found.challenger = text_of(challenger, "version");
  found.champion_scores = field_or(champion, "scores", Json::object());
  found.challenger_scores = field_or(challenger, "scores", Json::object());
  found.checks = field_or(json, "checks", Json::array());
  found.folds = field_or(json, "folds", Json::array());
  for (const Json& reason : field_or(json, "reasons", Json::array())) {
    if (reason.is_string()) found.reasons.push_back(reason.get<std::string>());
  }
  found.probation = text_of(json, "probation");
  const Json train = field_or(json, "train", Json());
  if (!train.is_null()) {
    const auto range = row_range_from_json(train);
    if (!range) return within("train", range.error());
    found.train_rows = range->rows;
  }
  return found;
}

}  // namespace

bool RunFindings::any_promoted() const {
  return std::ranges::any_of(by_line, &LineFindings::promoted);
}

Result<RunFindings> read_run(const store::RunRecord& record) {
  RunFindings run{.id = record.id,
                  .trigger = record.trigger,
                  .reason = record.reason,
                  .failure = text_of(record.document, "failure"),
                  .started_at = record.started_at,
                  .ended_at = record.known_at.value_or(record.started_at),
                  .completed = record.state == store::RunState::completed,
                  .lines = record.lines,
                  .by_line = {}};
  if (!run.completed) return run;
  const std::string place = fmt::format("run {}", record.id);
  const auto add = [&](const Json& json, const LineId& line, const std::string& verdict) -> Status {
    auto found = read_line(json, line, verdict);
    if (!found) return within(place, found.error());
    run.by_line.push_back(std::move(*found));
    return {};
  };
  const Json by_line = field_or(record.document, "by_line", Json());
  if (by_line.is_array()) {
    for (const Json& json : by_line) {
      const auto line = json_string(json, "line");
      if (!line) return within(place, line.error());
      if (Status added = add(json, *line, text_of(json, "verdict")); !added) return propagate(added);
    }
  } else if (!record.lines.empty()) {
    // One line's findings stand at the top.
    if (Status added = add(record.document, record.lines.front(), record.verdict); !added)
      return propagate(added);
  }
  return run;
}

std::optional<double> score_of(const Json& scores, std::string_view name) {
  if (!scores.is_object()) return std::nullopt;
  const auto found = scores.find(name);
  if (found == scores.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string text_of(const Json& object, std::string_view field) {
  if (!object.is_object()) return {};
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<FoldSpread> accuracy_over_folds(const Json& folds) {
  std::vector<double> values;
  for (const Json& fold : folds) {
    if (const auto value = score_of(field_or(fold, "scores", Json()), "accuracy")) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  FoldSpread spread;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) spread.mean += value / count;
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.deviation = std::sqrt(squares / count);
  return spread;
}

}  // namespace pawl::mirrors
