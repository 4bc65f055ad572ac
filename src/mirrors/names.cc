#include "mirrors/names.h"

namespace pawl::mirrors {
namespace {

constexpr std::string_view kSymbol = "{symbol}", kLine = "{line}", kTime = "{time}";

void replace(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::string file_name(std::string_view pattern, const LineId& line, TimeMs time) {
  std::string flat = line;
  replace(flat, "/", "_");
  const CivilTime t = civil_from_time(time);
  std::string name(pattern);
  replace(name, kSymbol, last_part(line));
  replace(name, kLine, flat);
  replace(name, kTime,
          fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second));
  return name;
}

bool tells_lines_apart(std::string_view pattern) {
  return pattern.find(kSymbol) != std::string_view::npos || pattern.find(kLine) != std::string_view::npos;
}

std::string_view last_part(const LineId& line) {
  return std::string_view(line).substr(line.find('/') + 1);
}

std::string given_name(const recipe::Recipe& recipe, const LineId& line) {
  return given_symbol(recipe, last_part(line));
}

std::string given_symbol(const recipe::Recipe& recipe, std::string_view canonical) {
  for (const Symbol& symbol : recipe.symbols) {
    if (symbol.canonical() == canonical) return symbol.given();
  }
  return std::string(canonical);
}

std::string grouped(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  const std::size_t point = text.find('.');
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = point == std::string::npos ? text.size() : point; at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

int price_digits(double price) {
  return price < 10 ? 5 : 2;
}

}  // namespace pawl::mirrors
