// The sections of a recipe: what the recipe declares itself, and which room answers for the kinds that a
// section can name. Validation, `config show`, the docs and the tests all read these.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/settings.h"

namespace pawl::recipe {

// Schemas of the recipe's own keys.
const Schema& top_level_schema();  // the scalars and lists beside the sections
const Schema& bars_schema();
const Schema& costs_schema();
const Schema& validation_schema();
const Schema& training_schema();

// A kind as its room declares it.
struct KindChoice {
  std::string name, help;
  Schema schema;
};

// A section that names a kind and holds the settings of that kind.
struct KindSection {
  std::string name;      // "gate"
  std::string kind_key;  // "policy"
  std::string noun;      // "gate policy", for messages
  std::vector<KindChoice> choices;

  const KindChoice* find(std::string_view kind) const;
  std::vector<std::string> names() const;
};
const KindSection& source_section();
const KindSection& label_section();
const KindSection& model_section();
const KindSection& signal_section();
const KindSection& gate_section();
const KindSection& trigger_section();  // the entries of `triggers`: none that are made otherwise
const std::vector<const KindSection*>& kind_sections();  // all of the above but the triggers

// Sections whose kind is fixed: the rules of version 0, and the triggers of B.
const Schema& baseline_schema();
const Schema& auto_training_schema();

// Every key that may stand at the top level, sections included, in the order in which `config show` prints.
const std::vector<std::string>& top_level_keys();

}  // namespace pawl::recipe
