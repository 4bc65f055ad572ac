// Sections that name no kind and that most recipes leave out: search, calibration, shadow, quotes, predict,
// retention, trades, files, server. Each is a schema and a function that turns its settings into the recipe's
// typed values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recipe/recipe.h"

namespace pawl::recipe {

struct PlainSection {
  std::string name;  // "search"
  std::string help;
  Schema schema;
  // bad_config, beginning with the key, where values that each fit the schema do not fit together.
  Status (*apply)(const Settings& settings, Recipe& recipe);
};
PlainSection server_section();
// All of them, in the order in which `config show` prints.
const std::vector<PlainSection>& plain_sections();
const PlainSection* find_plain_section(std::string_view name);

// "M5=500".
Result<std::pair<Timeframe, std::int64_t>> parse_client_window(std::string_view text);
// "AAPL=Information Technology", as canonical symbol and sector.
Result<std::pair<std::string, std::string>> parse_sector(std::string_view text);

}  // namespace pawl::recipe
