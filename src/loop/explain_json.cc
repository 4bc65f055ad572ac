#include "loop/explain.h"

namespace pawl::loop {
namespace {

Json json_of(const Prediction& logged) {
  return {{"id", logged.id},
          {"line", logged.line},
          {"symbol", logged.symbol},
          {"bar_open_time", format_time(logged.bar_open_time)},
          {"known_at", format_time(logged.known_at)},
          {"version", logged.version.text()},
          {"side", side_name(logged.side)},
          {"p_up", json_number(logged.p_up)},
          {"p_down", json_number(logged.p_down)}};
}

Json json_of(const Outcome& outcome) {
  return {{"known_at", format_time(outcome.known_at)},
          {"entry_price", json_number(outcome.entry_price)},
          {"exit_price", json_number(outcome.exit_price)},
          {"gross_return", json_number(outcome.gross_return)},
          {"pnl_pct", json_number(outcome.pnl_pct)},
          {"correct", outcome.correct},
          {"correct_net", outcome.correct_net}};
}

Json json_of(const contest::PermutationImportance& found) {
  Json columns = Json::array();
  for (const auto& column : found.columns) {
    columns.push_back({{"name", column.name},
                       {"log_loss", json_number(column.log_loss)},
                       {"log_loss_deviation", json_number(column.log_loss_deviation)},
                       {"accuracy", json_number(column.accuracy)},
                       {"accuracy_deviation", json_number(column.accuracy_deviation)}});
  }
  Json rows = {{"used", found.rows.rows}, {"unseen", found.unseen}, {"missing", found.missing}};
  if (found.rows.rows > 0) {
    rows["from"] = format_time(found.rows.from);
    rows["to"] = format_time(found.rows.to);
  }
  Json json = {{"artifact", "judged"}, {"columns", std::move(columns)}, {"rows", std::move(rows)},
               {"seed", found.seed},   {"repeats", found.repeats},      {"log_loss", Json()},
               {"accuracy", Json()}};
  if (!found.columns.empty()) {
    json["log_loss"] = json_number(found.log_loss);
    json["accuracy"] = json_number(found.accuracy);
  }
  return json;
}

}  // namespace

Json to_json(const PredictionExplanation& explanation) {
  const models::Contributions& contributions = explanation.contributions;
  const auto by_class = [&](const std::vector<double>& values) {
    Json json = Json::object();
    for (std::size_t k = 0; k < explanation.classes.size(); ++k) {
      json[explanation.classes[k]] = json_number(values[k]);
    }
    return json;
  };
  const bool mapped = explanation.uncalibrated != explanation.probabilities;
  Json scores = Json::array();
  for (std::size_t s = 0; s < contributions.scores(); ++s) {
    scores.push_back(
        {{"class", contributions.scores() == 1 ? explanation.classes.back() : explanation.classes[s]},
         {"bias", json_number(contributions.bias[s])},
         {"sum", json_number(contributions.sum(s))}});
  }
  Json features = Json::array();
  for (const std::size_t column : explanation.ranked_columns()) {
    Json of_scores = Json::array();
    for (std::size_t s = 0; s < contributions.scores(); ++s) {
      of_scores.push_back(json_number(contributions.of_score(s)[column]));
    }
    features.push_back({{"name", explanation.features[column]},
                        {"value", json_number(explanation.row[column])},
                        {"contributions", std::move(of_scores)}});
  }
  return {{"prediction", json_of(explanation.logged)},
          {"model_kind", explanation.model_kind},
          {"artifact", explanation.artifact},
          {"probabilities", by_class(explanation.probabilities)},
          {"uncalibrated", mapped ? by_class(explanation.uncalibrated) : Json()},
          {"scores", std::move(scores)},
          {"features", std::move(features)},
          {"rule", contributions.rule.empty() ? Json() : Json(contributions.rule)},
          {"sum_check", explanation.check ? Json{{"gap", json_number(explanation.check->gap)},
                                                 {"holds", explanation.check->holds}}
                                          : Json()},
          {"reproduced", explanation.difference.empty()},
          {"difference", explanation.difference.empty() ? Json() : Json(explanation.difference)},
          {"outcome", explanation.outcome ? json_of(*explanation.outcome) : Json()}};
}

Json to_json(const VersionImportance& importance) {
  const std::string_view why = models::why_no_importance(importance.importance);
  Json recorded = models::to_json(importance.importance);
  recorded["artifact"] = importance.artifact;
  recorded["why_none"] = why.empty() ? Json() : Json(why);
  return {{"line", importance.line},
          {"version", importance.number.text()},
          {"model_kind", importance.model_kind},
          {"importance", std::move(recorded)},
          // Rules have read nothing.
          {"seen_to", why.empty() ? Json(format_time(importance.seen_to)) : Json()},
          {"permutation", importance.permutation ? json_of(*importance.permutation) : Json()},
          {"too_few_rows", importance.too_few.empty() ? Json() : Json(importance.too_few)}};
}

}  // namespace pawl::loop
