// A parsed YAML text as a plain tree that remembers where each value stood. The one place that includes
// yaml-cpp is config_node.cc. Logic never sees these nodes (DESIGN rule 8): rooms get typed settings.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pawl {

struct ConfigNode {
  enum class Kind { null, scalar, list, map };
  // Written out: implicitly, clang would have to complete the pairs below before this struct is complete.
  ConfigNode() noexcept {}
  Kind kind = Kind::null;
  std::string scalar;
  bool quoted = false;  // "1" is text, 1 is a number
  std::vector<ConfigNode> items;
  std::vector<std::pair<std::string, ConfigNode>> fields;  // in the file's order, keys unique
  std::string place;  // "config/a.yaml:12", "--set gate.policy", "PAWL_GATE__POLICY"

  const ConfigNode* find(std::string_view key) const;  // null where there is none, or this is no map
  ConfigNode* find(std::string_view key);
};

// Parses one YAML document. bad_config names file and line: bad syntax, a key twice, anchors that recurse.
Result<ConfigNode> parse_yaml(std::string_view text, std::string_view file_name);

// Puts a value at "a.b.c", making maps on the way; `text` is read as YAML, so lists and maps work
// (`--set symbols=[A,B]`). bad_config where the path runs through a value that is no map.
Status set_path(ConfigNode& root, std::string_view dotted_path, std::string_view text,
                std::string_view place);

// "config/a.yaml:12: gate.policy": where a key was given and which. A place that names the key itself, as
// "--set gate.policy" does, is enough alone.
std::string keyed_place(std::string_view place, std::string_view key);

// For --json output and hashing: scalars become the JSON type they read as.
Json to_json(const ConfigNode& node);

}  // namespace pawl
