#include "market/outside_csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/gzip.h"
#include "domain/symbol.h"

namespace pawl::market {

namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    line.remove_prefix(comma + 1);
  }
}

// "DGS10" of "macro/DGS10.csv.gz".
std::string stem_of(std::string_view path) {
  std::string_view name = path.substr(path.find_last_of('/') + 1);
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".csv")) name.remove_suffix(4);
  return std::string(name);
}

bool is_missing(std::string_view text) {
  return text.empty() || text == "." || text == "null" || text == "NA" || text == "NaN" || text == "nan";
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file_name) : text_(text), file_name_(file_name) {}

  Result<std::vector<OutsideValue>> run() {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    std::string_view line;
    if (!next_line(line)) return wrong("the file is empty");
    if (Status header = read_header(line); !header) return propagate(header);
    while (next_line(line)) {
      if (line.empty()) continue;
      if (Status row = read_row(line); !row) return propagate(row);
    }
    return std::move(values_);
  }

 private:
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::bad_data, "{}:{}: {}", file_name_, line_number_, what);
  }

  bool next_line(std::string_view& line) {
    if (text_.empty()) return false;
    const std::size_t end = text_.find('\n');
    line = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++line_number_;
    return true;
  }

  Status read_header(std::string_view line) {
    const std::vector<std::string_view> names = split(line);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i];
      if (name == "date" || name == "observation_date" || name == "DATE" || name == "known_at" ||
          name == "time") {
        if (time_column_) return wrong("two columns of times; keep the one from which the row was known");
        time_column_ = i;
      } else if (name == "symbol" || name == "ticker") {
        symbol_column_ = i;
      } else {
        fields_.emplace_back(i, std::string(name));
      }
    }
    columns_ = names.size();
    if (!time_column_) {
      return wrong(
          "no column \"date\" or \"known_at\" says when these values were known, and using them earlier "
          "would be "
          "look-ahead; add the column (of a snapshot: the date on which it was taken)");
    }
    if (fields_.empty()) return wrong("there is no column of values beside the time");
    if (!symbol_column_) {
      if (fields_.size() > 1) {
        return wrong(
            "several columns of values and no column \"symbol\": give each series a file of its own, "
            "date,value");
      }
      fields_.front().second = stem_of(file_name_);
    }
    return {};
  }

  Status read_row(std::string_view line) {
    const std::vector<std::string_view> fields = split(line);
    if (fields.size() != columns_) {
      return wrong(fmt::format("{} fields where the header has {}", fields.size(), columns_));
    }
    OutsideValue value;
    const std::string_view time = fields[*time_column_];
    value.is_date = time.size() == 10;
    const auto at = parse_time(value.is_date ? fmt::format("{}T00:00:00Z", time) : std::string(time));
    if (!at) {
      return wrong(
          fmt::format("field \"{}\" is no date (2020-01-31) or RFC 3339 time: {}", time, at.error().message));
    }
    value.date = *at;
    if (symbol_column_) {
      const auto symbol = Symbol::parse(fields[*symbol_column_]);
      if (!symbol) return wrong(symbol.error().message);
      value.symbol = symbol->canonical();
    }
    for (const auto& [column, name] : fields_) {
      const std::string_view text = fields[column];
      if (is_missing(text)) continue;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.value);
      if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value.value)) {
        return wrong(fmt::format("field \"{}\": \"{}\" is no number; leave it empty where there is no value",
                                 name, text.substr(0, 40)));
      }
      value.name = name;
      values_.push_back(value);
    }
    return {};
  }

  std::string_view text_, file_name_;
  std::int64_t line_number_ = 0;
  std::size_t columns_ = 0;
  std::optional<std::size_t> time_column_, symbol_column_;
  std::vector<std::pair<std::size_t, std::string>> fields_;
  std::vector<OutsideValue> values_;
};

}  // namespace

Result<std::vector<OutsideValue>> parse_outside_csv(std::string_view bytes, std::string_view file_name) {
  if (!looks_like_gzip(bytes)) return Parser(bytes, file_name).run();
  const Result<std::string> text = gunzip(bytes);
  if (!text) return within(file_name, text.error());
  return Parser(*text, file_name).run();
}

TimeMs released_at(TimeMs date, std::int64_t business_days) {
  TimeMs day = date;
  for (std::int64_t left = business_days; left > 0;) {
    day += kDayMs;
    const int weekday = civil_from_time(day).weekday;
    if (weekday != 0 && weekday != 6) --left;
  }
  return day + kDayMs;
}

}  // namespace pawl::market
