#include "recipe/overlay.h"

#include <algorithm>

#include "recipe/sections.h"

namespace pawl::recipe {
namespace {

constexpr std::string_view kPrefix = "PAWL_";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string kind_of(const ConfigNode& root, const KindSection& section) {
  const ConfigNode* node = root.find(section.name);
  const ConfigNode* kind = node == nullptr ? nullptr : node->find(section.kind_key);
  return kind == nullptr ? std::string() : kind->scalar;
}

void forget_former_kind(ConfigNode& root, const ConfigNode& file, const KindSection& section) {
  const std::string before = kind_of(file, section);
  if (before.empty() || kind_of(root, section) == before) return;
  const ConfigNode* in_file = file.find(section.name);
  auto& fields = root.find(section.name)->fields;
  std::erase_if(fields, [&](const auto& field) {
    const ConfigNode* original = in_file->find(field.first);
    return original != nullptr && original->place == field.second.place;
  });
}

// PAWL_GATE_POLICY, one underscore short, would otherwise be ignored without a word.
Status refuse_near_miss(std::string_view name) {
  if (!name.starts_with(kPrefix)) return {};
  const std::string tail = lower(name.substr(kPrefix.size()));
  for (const SectionSchema& section : section_schemas()) {
    if (section.section.empty() || section.section == "triggers") continue;
    std::vector<std::string> keys;
    if (!section.kind_key.empty()) keys.push_back(section.kind_key);
    for (const Setting& setting : section.schema.settings()) keys.push_back(setting.name);
    for (const std::string& key : keys) {
      if (tail != section.section + "_" + key) continue;
      return fail(ErrorCode::bad_config, "{}: two underscores separate a section from its key: {}{}__{}",
                  name, kPrefix, name.substr(kPrefix.size(), section.section.size()),
                  name.substr(kPrefix.size() + section.section.size() + 1));
    }
  }
  return {};
}

}  // namespace

std::string key_of_environment(std::string_view name) {
  if (!name.starts_with(kPrefix)) return {};
  const std::string key = lower(name.substr(kPrefix.size()));
  const bool dotted = key.find("__") != std::string::npos;
  const auto& known = top_level_keys();
  if (!dotted && std::find(known.begin(), known.end(), key) == known.end()) return {};
  std::string path;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const bool pair = key[i] == '_' && i + 1 < key.size() && key[i + 1] == '_';
    path += pair ? '.' : key[i];
    if (pair) ++i;
  }
  return path;
}

Status overlay(ConfigNode& root, const Overrides& overrides) {
  const ConfigNode file = root;
  for (const auto& [name, text] : overrides.environment) {
    const std::string key = key_of_environment(name);
    if (key.empty()) {
      if (Status ok = refuse_near_miss(name); !ok) return ok;
      continue;
    }
    if (Status ok = set_path(root, key, text, name); !ok) return ok;
  }
  for (const auto& [key, text] : overrides.set) {
    if (Status ok = set_path(root, key, text, "--set " + key); !ok) return ok;
  }
  for (const KindSection* section : kind_sections()) forget_former_kind(root, file, *section);
  return {};
}

}  // namespace pawl::recipe
