#include "base/config_node.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace pawl {
namespace {

// No recipe comes near these. They stop an anchor that contains itself, and a few lines of aliases of
// aliases that would unfold to more than the memory holds.
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxNodes = 100'000;

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

// yaml-cpp takes a quote that is never closed for a text up to the end, but only where the file ends in a
// line break: `a: 'x` and all settings after it would become one text. Without the break it throws.
void throw_where_a_quote_stays_open(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  if (last != std::string_view::npos) static_cast<void>(YAML::LoadAll(std::string(text.substr(0, last + 1))));
}

// Turns yaml-cpp's graph into our tree.
class Converter {
 public:
  explicit Converter(std::string_view file_name) : file_name_(file_name) {}

  std::string place(const YAML::Mark& mark) const {
    return mark.is_null() ? std::string(file_name_) : fmt::format("{}:{}", file_name_, mark.line + 1);
  }

  Result<ConfigNode> convert(const YAML::Node& yaml, int depth) {
    ConfigNode node;
    node.place = place(yaml.Mark());
    if (depth > kMaxDepth) {
      return fail(ErrorCode::bad_config, "{}: nested more than {} deep, or an anchor that contains itself",
                  node.place, kMaxDepth);
    }
    if (++nodes_ > kMaxNodes) {
      return fail(ErrorCode::bad_config, "{}: more than {} values once every alias is unfolded", node.place,
                  kMaxNodes);
    }
    Status status;
    switch (yaml.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        status = read_scalar(yaml, node);
        break;
      case YAML::NodeType::Sequence:
        status = read_list(yaml, node, depth);
        break;
      case YAML::NodeType::Map:
        status = read_map(yaml, node, depth);
        break;
    }
    if (!status) return propagate(status);
    return node;
  }

 private:
  Status read_scalar(const YAML::Node& yaml, ConfigNode& node) {
    node.kind = ConfigNode::Kind::scalar;
    node.scalar = yaml.Scalar();
    // yaml-cpp tags a plain scalar "?" and a quoted or block one "!".
    const std::string& tag = yaml.Tag();
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (node.quoted || tag == "?" || tag.empty()) return {};
    return fail(ErrorCode::bad_config, "{}: the tag {} is not known here; leave it out", node.place, tag);
  }

  Status read_list(const YAML::Node& yaml, ConfigNode& node, int depth) {
    node.kind = ConfigNode::Kind::list;
    for (const YAML::Node& item : yaml) {
      auto converted = convert(item, depth + 1);
      if (!converted) return propagate(converted);
      node.items.push_back(std::move(*converted));
    }
    return {};
  }

  Status read_map(const YAML::Node& yaml, ConfigNode& node, int depth) {
    node.kind = ConfigNode::Kind::map;
    for (const auto& field : yaml) {
      const YAML::Node& key = field.first;
      const std::string key_place = place(key.Mark());
      if (!key.IsScalar()) return fail(ErrorCode::bad_config, "{}: a key must be a plain word", key_place);
      const std::string& name = key.Scalar();
      if (name == "<<") {
        return fail(ErrorCode::bad_config, "{}: merge keys (<<) are not read here; write the keys out",
                    key_place);
      }
      if (const ConfigNode* earlier = node.find(name)) {
        return fail(ErrorCode::bad_config, "{}: the key \"{}\" stands here a second time; the first is at {}",
                    key_place, name, earlier->place);
      }
      auto converted = convert(field.second, depth + 1);
      if (!converted) return propagate(converted);
      // Where the key stands is where a person looks, also when the value begins on a later line.
      converted->place = key_place;
      node.fields.emplace_back(name, std::move(*converted));
    }
    return {};
  }

  std::string_view file_name_;
  std::size_t nodes_ = 0;
};

void set_place(ConfigNode& node, std::string_view place) {
  node.place = place;
  for (ConfigNode& item : node.items) set_place(item, place);
  for (auto& [name, value] : node.fields) set_place(value, place);
}

template <class T>
std::optional<T> read_number(std::string_view text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

Json scalar_to_json(const ConfigNode& node) {
  if (node.quoted) return node.scalar;
  if (node.scalar == "true") return true;
  if (node.scalar == "false") return false;
  // "0700" is a ticker, not seven hundred.
  if (has_leading_zero(node.scalar)) return node.scalar;
  if (const auto integer = read_number<std::int64_t>(node.scalar)) return *integer;
  const auto number = read_number<double>(node.scalar);
  if (number && std::isfinite(*number)) return *number;
  return node.scalar;
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const auto& [name, value] : fields) {
    if (name == key) return &value;
  }
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view key) {
  for (auto& [name, value] : fields) {
    if (name == key) return &value;
  }
  return nullptr;
}

Result<ConfigNode> parse_yaml(std::string_view text, std::string_view file_name) {
  if (!is_utf8(text)) return fail(ErrorCode::bad_config, "{}: not UTF-8; save it as UTF-8 text", file_name);
  Converter converter(file_name);
  try {
    throw_where_a_quote_stays_open(text);
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      return fail(ErrorCode::bad_config, "{}: a second document begins (---); one file is one document",
                  converter.place(documents[1].Mark()));
    }
    if (documents.empty()) {
      ConfigNode nothing;
      nothing.place = fmt::format("{}:1", file_name);
      return nothing;
    }
    return converter.convert(documents[0], 0);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::bad_config, "{}: {}", converter.place(error.mark), error.msg);
  } catch (const std::exception& error) {
    return fail(ErrorCode::bad_config, "{}: {}", file_name, error.what());
  }
}

Status set_path(ConfigNode& root, std::string_view dotted_path, std::string_view text,
                std::string_view place) {
  if (fmt::format(".{}.", dotted_path).find("..") != std::string::npos) {
    return fail(ErrorCode::bad_config, "{}: \"{}\" is no path of keys; write it like gate.margin", place,
                dotted_path);
  }
  auto value = parse_yaml(text, place);
  if (!value) return propagate(value);
  set_place(*value, place);
  ConfigNode* node = &root;
  std::string_view rest = dotted_path;
  while (true) {
    const std::size_t dot = rest.find('.');
    const std::string_view key = rest.substr(0, dot);
    const std::string_view walked = dotted_path.substr(0, dotted_path.size() - rest.size());
    if (node->kind == ConfigNode::Kind::null) {
      node->kind = ConfigNode::Kind::map;
      if (node->place.empty()) node->place = place;
    }
    if (node->kind != ConfigNode::Kind::map) {
      return fail(ErrorCode::bad_config, "{}: \"{}\" is a {}, which has no key \"{}\" (it was given at {})",
                  place, walked.substr(0, walked.empty() ? 0 : walked.size() - 1),
                  node->kind == ConfigNode::Kind::list ? "list" : "single value", key, node->place);
    }
    ConfigNode* next = node->find(key);
    if (next == nullptr) {
      node->fields.emplace_back(std::string(key), ConfigNode{});
      next = &node->fields.back().second;
      next->place = place;
    }
    node = next;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  *node = std::move(*value);
  return {};
}

std::string keyed_place(std::string_view place, std::string_view key) {
  if (place.empty()) return std::string(key);
  if (place == fmt::format("--set {}", key)) return std::string(place);
  return fmt::format("{}: {}", place, key);
}

Json to_json(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return nullptr;
    case ConfigNode::Kind::scalar:
      return scalar_to_json(node);
    case ConfigNode::Kind::list: {
      Json list = Json::array();
      for (const ConfigNode& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case ConfigNode::Kind::map: {
      Json map = Json::object();
      for (const auto& [name, value] : node.fields) map[name] = to_json(value);
      return map;
    }
  }
  return nullptr;
}

}  // namespace pawl
