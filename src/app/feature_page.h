// Lists and pages of features for people, from feature_facts.h.
#pragma once

#include <string>

#include "base/json.h"

namespace pawl::app {

// All kinds by group, a line each. `kinds` is kinds_json().
std::string kinds_text(const Json& kinds);
// One kind in full; `kind` is kind_json(), for bars of `timeframe`.
std::string kind_text(const Json& kind, const std::string& timeframe);
// `answer` is expressions_json().
std::string expressions_text(const Json& answer);

// docs/features.md: how expressions are written (feature_page_words.h), then every kind.
std::string features_page(const Json& kinds);

}  // namespace pawl::app
