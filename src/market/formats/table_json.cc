#include <algorithm>

#include "base/json.h"
#include "market/formats/stamps.h"
#include "market/formats/table.h"

namespace pawl::market::formats {

namespace {

constexpr int kDepthMax = 6;
constexpr std::size_t kColumnsMin = 5;

std::string cell_of(const Json& value) {
  std::string text;
  if (value.is_string()) {
    text = value.get<std::string>();
    // Nothing in a cell may part lines or cells.
    for (char& c : text) {
      if (c == '\t' || c == '\n' || c == '\r' || c == '"') c = ' ';
    }
  } else if (value.is_number_float()) {
    text = json_double_text(value.get<double>());
  } else if (value.is_number_integer()) {
    text = value.is_number_unsigned() ? fmt::format("{}", value.get<std::uint64_t>())
                                      : fmt::format("{}", value.get<std::int64_t>());
  } else if (value.is_boolean()) {
    text = value.get<bool>() ? "true" : "false";
  }
  return text;
}

// {"time": …, "mid": {"o": …}} has the columns "time" and "mid.o".
void flatten(const Json& object, const std::string& prefix, int depth,
             std::vector<std::pair<std::string, const Json*>>& fields) {
  for (const auto& [key, value] : object.items()) {
    std::string name = prefix + key;
    if (value.is_object() && depth > 0) {
      flatten(value, name + ".", depth - 1, fields);
    } else if (!value.is_structured()) {
      fields.emplace_back(std::move(name), &value);
    }
  }
}

bool all_of_type(const Json& array, bool (*is)(const Json&)) {
  return array.is_array() && !array.empty() && std::all_of(array.begin(), array.end(), is);
}

bool is_row(const Json& value) {
  return value.is_array() && value.size() >= kColumnsMin;
}

std::string text_of_arrays(const Json& rows) {
  std::string text;
  for (const Json& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += '\t';
      text += cell_of(row[i]);
    }
    text += '\n';
  }
  return text;
}

std::string text_of_objects(const Json& rows) {
  std::vector<std::pair<std::string, const Json*>> fields;
  flatten(rows.front(), "", 1, fields);
  std::vector<std::string> names;
  for (auto& [name, value] : fields) names.push_back(name);
  std::string text = fmt::format("{}\n", fmt::join(names, "\t"));
  for (const Json& row : rows) {
    fields.clear();
    flatten(row, "", 1, fields);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto found = std::find_if(fields.begin(), fields.end(),
                                      [&](const auto& field) { return field.first == names[i]; });
      if (i > 0) text += '\t';
      if (found != fields.end()) text += cell_of(*found->second);
    }
    text += '\n';
  }
  return text;
}

// {"t": […], "o": […], …}: the arrays of the longest common length are the columns.
std::string text_of_columns(const Json& object) {
  std::vector<std::pair<std::string, const Json*>> columns;
  std::size_t length = 0;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_array() || value.empty() || value.front().is_structured()) continue;
    columns.emplace_back(key, &value);
    length = std::max(length, value.size());
  }
  std::erase_if(columns, [&](const auto& column) { return column.second->size() != length; });
  if (columns.size() < kColumnsMin) return "";
  std::vector<std::string> names;
  for (const auto& [name, values] : columns) names.push_back(name);
  std::string text = fmt::format("{}\n", fmt::join(names, "\t"));
  for (std::size_t i = 0; i < length; ++i) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      if (column > 0) text += '\t';
      text += cell_of((*columns[column].second)[i]);
    }
    text += '\n';
  }
  return text;
}

bool find_rows(const Json& value, int depth, JsonRows& found) {
  if (value.is_array()) {
    if (all_of_type(value, is_row)) {
      found.text = text_of_arrays(value);
      return true;
    }
    if (all_of_type(value, [](const Json& one) { return one.is_object(); }) && value.front().size() >= 2 &&
        (value.size() > 1 || depth == kDepthMax)) {
      found.text = text_of_objects(value);
      return true;
    }
  }
  if (value.is_object()) {
    for (const char* name : {"symbol", "ticker", "instrument", "pair"}) {
      if (value.contains(name) && value[name].is_string()) found.symbol = value[name].get<std::string>();
    }
    found.text = text_of_columns(value);
    if (!found.text.empty()) return true;
  }
  if (depth == 0 || !value.is_structured()) return false;
  return std::any_of(value.begin(), value.end(),
                     [&](const Json& child) { return find_rows(child, depth - 1, found); });
}

}  // namespace

Result<JsonRows> rows_of_json(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return propagate(json);
  JsonRows rows;
  if (find_rows(*json, kDepthMax, rows)) return rows;
  const std::string_view start = text.substr(0, 120);
  return fail(
      ErrorCode::bad_data,
      "is JSON, but holds no array of bars; it begins {}. Is it an error that a service answered with?",
      shown(start));
}

}  // namespace pawl::market::formats
