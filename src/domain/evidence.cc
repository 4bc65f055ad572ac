#include "domain/evidence.h"

namespace pawl {

namespace {

Json number_or_null(const std::optional<double>& value) {
  return value ? json_number(*value) : Json(nullptr);
}

}  // namespace

std::string_view decision_name(Decision decision) {
  switch (decision) {
    case Decision::promote:
      return "promote";
    case Decision::keep:
      return "keep";
    case Decision::insufficient:
      break;
  }
  return "insufficient";
}

Json to_json(const Check& check) {
  Json json = {{"name", check.name},
               {"value", number_or_null(check.value)},
               {"limit", number_or_null(check.limit)},
               {"pass", check.pass}};
  if (!check.note.empty()) json["note"] = check.note;
  return json;
}

Json to_json(const ContestDifference& difference) {
  return {{"return_a_bar", json_number(difference.return_a_bar)},
          {"points", json_number(difference.points)},
          {"standard_error", json_number(difference.standard_error)},
          {"block", json_number(difference.block)},
          {"challenger_sharpe", number_or_null(difference.challenger_sharpe)}};
}

Result<ContestDifference> contest_difference_from_json(const Json& json) {
  ContestDifference difference;
  for (const auto& [name, value] : {std::pair{"return_a_bar", &difference.return_a_bar},
                                    {"points", &difference.points},
                                    {"standard_error", &difference.standard_error},
                                    {"block", &difference.block}}) {
    const auto number = json_double(json, name);
    if (!number) return within("difference", number.error());
    *value = *number;
  }
  if (json.contains("challenger_sharpe") && json["challenger_sharpe"].is_number()) {
    difference.challenger_sharpe = json["challenger_sharpe"].get<double>();
  }
  return difference;
}

}  // namespace pawl
