#include "http/routes/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/settings.h"

namespace pawl::http {
namespace {

std::unexpected<Error> wrong(const std::string& place, std::string_view wanted, const Json& value) {
  return fail(ErrorCode::bad_data, "{}: must be {}, not {}", place, wanted, value.type_name());
}

// A wrong type is told by a body that nests no deeper: the depth is counted before anything is built.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kJsonDepthMax) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

Result<TimeMs> time_of(const Json& value, const std::string& place) {
  if (value.is_string()) {
    auto time = parse_time(value.get_ref<const std::string&>());
    if (!time) return within(place, time.error());
    return time;
  }
  if (!value.is_number())
    return wrong(place, "a time (\"2026-01-05T02:00:00Z\", or seconds since 1970)", value);
  // Milliseconds from 10^11 on: as seconds that is the year 5138.
  const double number = value.get<double>();
  const double ms = std::abs(number) < 1e11 ? number * 1000 : number;
  if (!std::isfinite(ms) || std::abs(ms) > 4.1e12) {
    return fail(ErrorCode::bad_data, "{}: {} is no time that exists", place, value.dump());
  }
  return static_cast<TimeMs>(std::llround(ms));
}

Result<std::int64_t> whole_number(std::string_view text, std::string_view name) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return fail(ErrorCode::bad_data, "{}: \"{}\" is no whole number", name, text);
  }
  return value;
}

}  // namespace

Result<Json> read_json(const Request& request) {
  if (request.body.empty()) return Json::object();
  if (too_deep(request.body)) {
    return fail(ErrorCode::bad_data, "body: nested more than {} deep", kJsonDepthMax);
  }
  auto json = parse_json(request.body);
  if (!json) return within("body", json.error());
  return json;
}

Result<Fields> Fields::of(const Json& json, std::string place,
                          std::initializer_list<std::string_view> known) {
  if (!json.is_object()) return wrong(place.empty() ? "body" : place, "an object", json);
  Fields fields(json, std::move(place));
  for (const auto& [name, value] : json.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest_word(name, {known.begin(), known.end()});
    return fail(ErrorCode::bad_data, "{}: unknown field{}; there is {}", fields.place_of(name),
                near.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", near),
                fmt::join(known, ", "));
  }
  return fields;
}

std::string Fields::place_of(std::string_view name) const {
  return place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name);
}

const Json* Fields::find(std::string_view name) const {
  const auto found = json_->find(name);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

bool Fields::has(std::string_view name) const {
  return find(name) != nullptr;
}

Result<const Json*> Fields::need(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return fail(ErrorCode::bad_data, "{}: is missing", place_of(name));
  return value;
}

Result<std::string> Fields::text(std::string_view name) const {
  const auto value = need(name);
  if (!value) return propagate(value);
  if (!(*value)->is_string()) return wrong(place_of(name), "a text", **value);
  auto text = (*value)->get<std::string>();
  if (text.find('\0') != std::string::npos) {
    return fail(ErrorCode::bad_data, "{}: holds a NUL character", place_of(name));
  }
  return text;
}

Result<double> Fields::number(std::string_view name) const {
  const auto value = need(name);
  if (!value) return propagate(value);
  if (!(*value)->is_number()) return wrong(place_of(name), "a number", **value);
  const double number = (*value)->get<double>();
  if (!std::isfinite(number)) return fail(ErrorCode::bad_data, "{}: is not finite", place_of(name));
  return number;
}

Result<TimeMs> Fields::time(std::string_view name) const {
  const auto value = need(name);
  if (!value) return propagate(value);
  return time_of(**value, place_of(name));
}

Result<std::string> Fields::text_or(std::string_view name, std::string_view otherwise) const {
  return has(name) ? text(name) : Result<std::string>(otherwise);
}

Result<bool> Fields::flag_or(std::string_view name, bool otherwise) const {
  const Json* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) return wrong(place_of(name), "true or false", *value);
  return value->get<bool>();
}

Result<std::optional<std::int64_t>> Fields::integer_if(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = json_int(*json_, name);
  if (!number)
    return fail(ErrorCode::bad_data, "{}: must be a whole number, not {}", place_of(name),
                value->dump(-1, ' ', false, Json::error_handler_t::replace));
  return *number;
}

Result<std::optional<TimeMs>> Fields::time_if(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto time = time_of(*value, place_of(name));
  if (!time) return propagate(time);
  return *time;
}

Result<std::vector<std::string>> Fields::texts_or_none(std::string_view name) const {
  const Json* value = find(name);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (!value->is_array()) return wrong(place_of(name), "a list of texts", *value);
  for (std::size_t i = 0; i < value->size(); ++i) {
    if (!(*value)[i].is_string())
      return wrong(fmt::format("{}[{}]", place_of(name), i), "a text", (*value)[i]);
    texts.push_back((*value)[i].get<std::string>());
  }
  return texts;
}

Result<PageQuery> page_query(const Request& request, std::size_t usual, std::size_t most) {
  PageQuery page{.limit = usual, .cursor = std::string(request.query_value("cursor").value_or(""))};
  if (const auto text = request.query_value("limit")) {
    const auto limit = whole_number(*text, "limit");
    if (!limit) return propagate(limit);
    if (*limit < 1 || *limit > static_cast<std::int64_t>(most)) {
      return fail(ErrorCode::bad_data, "limit: {} is not within 1 and {}", *limit, most);
    }
    page.limit = static_cast<std::size_t>(*limit);
  }
  return page;
}

Result<std::int64_t> cursor_number(const PageQuery& page) {
  if (page.cursor.empty()) return 0;
  return whole_number(page.cursor, "cursor");
}

Json page_json(Json items, const std::optional<std::string>& next_cursor) {
  return {{"items", std::move(items)}, {"next_cursor", next_cursor ? Json(*next_cursor) : Json()}};
}

Result<std::optional<TimeMs>> query_time(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::nullopt;
  const auto time = parse_time(*text);
  if (!time) return within(name, time.error());
  return *time;
}

Result<bool> query_flag(const Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return false;
  if (text->empty() || *text == "true" || *text == "1") return true;
  if (*text == "false" || *text == "0") return false;
  return fail(ErrorCode::bad_data, "{}: \"{}\" is neither true nor false", name, *text);
}

}  // namespace pawl::http
