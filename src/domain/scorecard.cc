#include "domain/scorecard.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace pawl {

namespace {

constexpr const char* kUndefined = "undefined";  // the key of the reasons, so no score's name

Score& slot(std::vector<Score>& scores, std::string name) {
  assert(name != kUndefined);
  const auto found =
      std::find_if(scores.begin(), scores.end(), [&](const Score& s) { return s.name == name; });
  if (found != scores.end()) return *found;
  return scores.emplace_back(Score{std::move(name), {}, {}});
}

}  // namespace

void Scorecard::set(std::string name, double value) {
  assert(std::isfinite(value));
  Score& score = slot(scores_, std::move(name));
  score.value = value;
  score.why_undefined.clear();
}

void Scorecard::set_undefined(std::string name, std::string why) {
  Score& score = slot(scores_, std::move(name));
  score.value.reset();
  score.why_undefined = std::move(why);
}

std::optional<double> Scorecard::get(std::string_view name) const {
  const Score* score = find(name);
  return score == nullptr ? std::nullopt : score->value;
}

const Score* Scorecard::find(std::string_view name) const {
  for (const Score& score : scores_) {
    if (score.name == name) return &score;
  }
  return nullptr;
}

Json Scorecard::to_json() const {
  Json json = Json::object();
  for (const Score& score : scores_) {
    if (score.value) {
      json[score.name] = *score.value;
    } else {
      json[score.name] = nullptr;
      json[kUndefined][score.name] = score.why_undefined;
    }
  }
  return json;
}

Result<Scorecard> Scorecard::from_json(const Json& json) {
  if (!json.is_object())
    return fail(ErrorCode::bad_data, "scores: expected an object, found {}", json.type_name());
  Scorecard card;
  for (const auto& [name, value] : json.items()) {
    if (name == kUndefined) continue;
    if (value.is_number() && std::isfinite(value.get<double>())) {
      card.set(name, value.get<double>());
      continue;
    }
    if (!value.is_null()) return fail(ErrorCode::bad_data, "score \"{}\": expected a number or null", name);
    const auto reasons = json.find(kUndefined);
    if (reasons == json.end() || !reasons->is_object() || !reasons->contains(name) ||
        !reasons->at(name).is_string()) {
      return fail(ErrorCode::bad_data, "score \"{}\" is null, but \"undefined\" does not say why", name);
    }
    card.set_undefined(name, reasons->at(name).get<std::string>());
  }
  return card;
}

}  // namespace pawl
