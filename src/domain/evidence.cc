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

}  // namespace pawl
