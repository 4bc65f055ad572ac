#include "market/trade_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/shown.h"

namespace pawl::market {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::unexpected<Error> field_fault(std::string_view place, std::string_view field, std::string_view text,
                                   std::string_view reason) {
  return fail(ErrorCode::bad_data, "{}: field `{}`: {} {}", place, field, shown(text), reason);
}

}  // namespace

Lines::Lines(std::string_view text) : rest_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

bool Lines::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('\n');
    ended_ = end != std::string_view::npos;
    line_ = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(ended_ ? end + 1 : rest_.size());
    ++number_;
    if (!line_.empty()) return true;
  }
  return false;
}

std::vector<std::string> split_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += c;
      ++i;
    } else if (c == '"' && (quoted || trimmed(cells.back()).empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  for (std::string& cell : cells) cell = trimmed(cell);
  return cells;
}

std::string csv_cell(std::string_view value) {
  if (value.find_first_of(",\"") == std::string_view::npos) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out += c;
    out += c;
  }
  out += '"';
  return out;
}

Result<std::vector<std::size_t>> find_columns(const std::vector<std::string>& header,
                                              std::span<const std::string_view> names,
                                              std::string_view place) {
  std::vector<std::size_t> columns;
  for (const std::string_view name : names) {
    const auto is_it = [&](const std::string& cell) { return lower(cell) == name; };
    const auto found = std::find_if(header.begin(), header.end(), is_it);
    if (found == header.end()) {
      return fail(ErrorCode::bad_data, "{}: column `{}` is missing; the first line names the columns: {}",
                  place, name, fmt::join(names, ","));
    }
    if (std::find_if(found + 1, header.end(), is_it) != header.end()) {
      return fail(ErrorCode::bad_data, "{}: column `{}` is there twice", place, name);
    }
    columns.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  return columns;
}

Result<double> read_number(std::string_view place, std::string_view field, std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    return field_fault(place, field, text, "is out of a number's range");
  }
  if (error != std::errc{} || stop != end || !std::isfinite(value)) {
    return field_fault(place, field, text, "is not a number");
  }
  return value;
}

Result<bool> read_flag(std::string_view place, std::string_view field, std::string_view text) {
  const std::string word = lower(text);
  if (word == "1" || word == "true") return true;
  if (word == "0" || word == "false") return false;
  return field_fault(place, field, text, "is neither 1 nor 0, true nor false");
}

Result<Side> read_side(std::string_view place, std::string_view field, std::string_view text) {
  const std::string word = lower(text);
  if (word == "buy" || word == "1") return Side::buy;
  if (word == "sell" || word == "-1") return Side::sell;
  return field_fault(place, field, text, "is neither BUY nor SELL, 1 nor -1");
}

}  // namespace pawl::market
