#include "http/routes/lookup.h"

#include <algorithm>

namespace pawl::http {

namespace {

std::string_view last_part(const LineId& line) {
  return std::string_view(line).substr(line.rfind('/') + 1);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

Result<std::size_t> find_symbol(const recipe::Recipe& recipe, std::string_view given) {
  const auto symbol = Symbol::parse(given);
  if (!symbol) return within("symbol", symbol.error());
  const auto found = std::find(recipe.symbols.begin(), recipe.symbols.end(), *symbol);
  if (found == recipe.symbols.end()) {
    std::vector<std::string> known;
    for (const Symbol& one : recipe.symbols) known.push_back(one.given());
    return fail(ErrorCode::not_found, "symbol: {} is none of {}'s; there is {}", given, recipe.name,
                fmt::join(known, ", "));
  }
  return static_cast<std::size_t>(found - recipe.symbols.begin());
}

Result<std::size_t> find_line(const recipe::Recipe& recipe, std::string_view given) {
  const std::vector<LineId> lines = recipe.line_ids();
  std::string_view name = given;
  if (const std::string prefix = recipe.name + "/"; name.starts_with(prefix))
    name.remove_prefix(prefix.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (last_part(lines[i]) == name) return i;
  }
  if (const auto symbol = Symbol::parse(name)) {
    const auto found = std::find(recipe.symbols.begin(), recipe.symbols.end(), *symbol);
    if (found != recipe.symbols.end()) {
      const LineId line = recipe.line_of(*found);
      return static_cast<std::size_t>(std::find(lines.begin(), lines.end(), line) - lines.begin());
    }
  }
  return fail(ErrorCode::not_found, "there is no line {}; there is {}", given, fmt::join(lines, ", "));
}

Result<std::size_t> line_of_path(const recipe::Recipe& recipe, const Request& request) {
  if (request.path_value("recipe") != recipe.name) {
    return fail(ErrorCode::not_found, "there is no recipe {} here; this is {}", request.path_value("recipe"),
                recipe.name);
  }
  return find_line(recipe, request.path_value("symbol"));
}

Result<LineId> line_of_query(const recipe::Recipe& recipe, const Request& request) {
  const auto given = request.query_value("line");
  if (!given) return LineId();
  const auto index = find_line(recipe, *given);
  if (!index) return propagate(index);
  return recipe.line_ids()[*index];
}

std::string file_of_line(std::string_view pattern, const LineId& line) {
  std::string name(pattern);
  replace_all(name, "{symbol}", last_part(line));
  std::string flat = line;
  std::replace(flat.begin(), flat.end(), '/', '_');
  replace_all(name, "{line}", flat);
  return name;
}

}  // namespace pawl::http
