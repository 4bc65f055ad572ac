#include <algorithm>

#include "loop/run.h"

namespace pawl::loop {

std::string RunReport::verdict() const {
  if (!completed()) return "failed";
  const auto any = [this](Decision decision) {
    return std::any_of(by_line.begin(), by_line.end(),
                       [decision](const LineReport& line) { return line.decision() == decision; });
  };
  if (any(Decision::promote)) return std::string(decision_name(Decision::promote));
  if (any(Decision::keep)) return std::string(decision_name(Decision::keep));
  return std::string(decision_name(Decision::insufficient));
}

Json to_json(const Evidence& evidence) {
  const auto side = [](VersionNumber version, const Scorecard& scores) {
    return Json{{"version", version.text()}, {"scores", scores.to_json()}};
  };
  const bool judged = evidence.rows > 0 || evidence.judged_from != 0;
  Json json = {{"judged",
                judged ? to_json(RowRange{evidence.judged_from, evidence.judged_to, evidence.rows}) : Json()},
               {"champion", side(evidence.champion, evidence.champion_scores)},
               {"challenger", side(evidence.challenger, evidence.challenger_scores)},
               {"first_model", evidence.first_model},
               {"majority_class_accuracy",
                evidence.majority_class_accuracy ? json_number(*evidence.majority_class_accuracy) : Json()}};
  if (evidence.difference) json["difference"] = pawl::to_json(*evidence.difference);
  json["trials"] = evidence.trials;
  if (!evidence.eligible) json["ineligible"] = evidence.why_ineligible;
  return json;
}

Json to_json(const LineReport& line) {
  Json json = loop::to_json(line.evidence);
  json["line"] = line.line;
  json["train"] = line.trained_on.rows > 0 ? pawl::to_json(line.trained_on) : Json();
  Json checks = Json::array();
  for (const Check& check : line.verdict.checks) checks.push_back(pawl::to_json(check));
  json["checks"] = std::move(checks);
  json["verdict"] = decision_name(line.decision());
  json["reasons"] = line.verdict.reasons;
  if (!line.probation.empty()) json["probation"] = line.probation;
  if (!line.refit_failure.empty()) json["refit_failure"] = line.refit_failure;
  if (!line.folds.empty()) {
    Json folds = Json::array();
    for (const training::FoldReport& fold : line.folds) {
      folds.push_back({{"train", pawl::to_json(fold.train)},
                       {"test", pawl::to_json(fold.test)},
                       {"scores", fold.scores.to_json()}});
    }
    json["folds"] = std::move(folds);
  }
  if (!line.search.is_null()) json["search"] = line.search;
  if (!line.overfitting.is_null()) json["overfitting"] = line.overfitting;
  if (!line.leak_check.is_null()) json["leak_check"] = line.leak_check;
  return json;
}

Json RunReport::to_json() const {
  Json json = {{"id", id},
               {"lines", lines},
               {"trigger", trigger},
               {"reason", reason},
               {"full", full},
               {"started_at", format_time(started_at)},
               {"known_at", format_time(known_at)},
               {"verdict", verdict()}};
  json["failure"] = completed() ? Json() : Json(failure);
  if (by_line.empty()) {
    for (const char* key : {"train", "judged", "champion", "challenger"}) json[key] = Json();
    json["checks"] = Json::array();
    json["reasons"] = Json::array();
    return json;
  }
  // One line's findings stand at the top, where a reader of a single-line recipe looks for them; a group has
  // them line by line as well.
  Json first = loop::to_json(by_line.front());
  for (const char* key : {"train", "judged", "champion", "challenger", "checks", "reasons",
                          "majority_class_accuracy", "first_model"}) {
    json[key] = first[key];
  }
  for (const char* key : {"folds", "search", "overfitting", "leak_check", "difference", "trials",
                          "ineligible", "probation", "refit_failure"}) {
    if (first.contains(key)) json[key] = first[key];
  }
  if (by_line.size() > 1) {
    Json all = Json::array();
    for (const LineReport& line : by_line) all.push_back(loop::to_json(line));
    json["by_line"] = std::move(all);
  }
  return json;
}

}  // namespace pawl::loop
