#include "market/formats/layout.h"

#include <algorithm>

#include "market/formats/table.h"

namespace pawl::market::formats {

namespace {

constexpr std::size_t kSampleMax = 4000;
constexpr int kPreambleMax = 12;  // lines of talk before a header

std::size_t numbers_in(const SampleRow& row) {
  return static_cast<std::size_t>(std::count_if(
      row.begin(), row.end(), [](std::string_view cell) { return read_number(cell, true).has_value(); }));
}

bool has_time(const SampleRow& row) {
  return std::any_of(row.begin(), row.end(), [](std::string_view cell) {
    return read_civil(cell, DateOrder::dmy) || read_civil(cell, DateOrder::mdy) || read_epoch(cell);
  });
}

struct Start {
  std::vector<std::string> header;  // empty where there is none
  std::int64_t first_row = 1;
  std::int64_t skipped = 0;
  std::string symbol;
};

// Where the rows begin: after a header, after a few lines of talk, or at once.
Start find_start(const Draft& draft, char separator) {
  Start start;
  Rows rows(draft.text, separator);
  for (int i = 0; i < kPreambleMax && rows.next(); ++i) {
    Columns columns;
    if (start.header.empty() && columns_of_header(rows.cells(), columns)) {
      start.header.assign(rows.cells().begin(), rows.cells().end());
      start.first_row = rows.line() + 1;
      continue;
    }
    if (!start.header.empty()) {
      // yfinance writes three lines: names, "Ticker,AMD,AMD,…" and "Datetime,,,…".
      const std::string_view word = rows.cells().front();
      const bool ticker = word == "Ticker";
      if (!ticker && word != "Datetime" && word != "Date") return start;
      if (numbers_in(rows.cells()) > 0) return start;
      if (ticker && rows.cells().size() > 1) start.symbol = rows.cells()[1];
      if (!ticker) start.header.front() = word;
      start.first_row = rows.line() + 1;
      continue;
    }
    if (numbers_in(rows.cells()) >= 4 || has_time(rows.cells())) {
      start.first_row = rows.line();
      return start;
    }
    ++start.skipped;
  }
  return start;
}

// In stretches, because neighbours tell opens from closes.
Sample take_sample(std::string_view text, char separator, std::int64_t first_row) {
  constexpr std::size_t kStretches = 4;
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  const std::size_t apart = std::max(kSampleMax, lines) / kStretches;
  Sample sample;
  Rows rows(text, separator);
  for (std::size_t i = 0; rows.next();) {
    if (rows.line() < first_row) continue;
    if (i++ % apart < kSampleMax / kStretches) sample.push_back(rows.cells());
  }
  return sample;
}

// In a file parted by something else, a comma in most prices is a decimal one.
bool has_decimal_commas(const Sample& sample, char separator) {
  if (separator == ',') return false;
  std::size_t commas = 0, numbers = 0;
  for (const SampleRow& row : sample) {
    for (const std::string_view cell : row) {
      if (!read_number(cell, true)) continue;
      ++numbers;
      commas += cell.find(',') != std::string_view::npos ? 1 : 0;
    }
  }
  return commas * 4 > numbers;
}

// One text that stands in the same column of every row.
std::string constant_text(const Sample& sample, std::size_t column) {
  std::string_view text;
  for (const SampleRow& row : sample) {
    if (column >= row.size() || is_null(row[column])) continue;
    if (!text.empty() && row[column] != text) return "";
    text = row[column];
  }
  return std::string(text);
}

void find_symbol(Draft& draft, const Sample& sample, const std::string& above) {
  BarFormat& format = draft.format();
  if (!draft.named.symbol.empty()) {
    format.symbol = draft.named.symbol;
    draft.note("symbol", format.symbol, "", How::named);
    return;
  }
  if (format.columns.has(Role::symbol)) {
    format.symbol = constant_text(sample, format.columns.of(Role::symbol).front());
    if (!format.symbol.empty() && Symbol::parse(format.symbol)) {
      draft.note("symbol", format.symbol, "the same in every row of its column");
      return;
    }
    draft.ask("symbol", "?", "the rows are of several symbols; split the file and name each",
              "--symbol NAME");
    return;
  }
  const bool small = draft.family == "Lean";
  format.symbol = !above.empty() ? above : symbol_in_name(format.member, small);
  std::string why = !above.empty() ? "stands above the rows" : "from the name of the file in the zip";
  if (format.symbol.empty()) {
    format.symbol = symbol_in_name(draft.file_name, small);
    why = "from the file's name";
  }
  if (!format.symbol.empty() && Symbol::parse(format.symbol)) {
    draft.note("symbol", format.symbol, why);
    return;
  }
  format.symbol.clear();
  draft.ask("symbol", "?", "neither the rows nor the file's name say whose bars these are", "--symbol NAME");
}

// A volume that is zero throughout says nothing where another one does; of two that speak, the traded one is
// taken before the number of ticks.
void choose_volume(Draft& draft, const Sample& sample, const SampleRow& header) {
  Columns& columns = draft.format().columns;
  std::vector<std::pair<std::size_t, std::size_t>> speaking;  // rows in which it says something, column
  for (const std::size_t column : columns.of(Role::volume)) {
    const auto rows = std::count_if(sample.begin(), sample.end(), [&](const SampleRow& row) {
      return column < row.size() && read_number(row[column], draft.format().decimal_comma).value_or(0) > 0;
    });
    if (rows > 0) speaking.emplace_back(static_cast<std::size_t>(rows), column);
  }
  // One that speaks now and then only would make a series of two units.
  const std::size_t most = speaking.empty() ? 0 : std::max_element(speaking.begin(), speaking.end())->first;
  const bool one_set = columns.of(Role::close).size() == 1;
  std::vector<std::size_t> chosen;
  for (const auto& [rows, column] : speaking) {
    if (!one_set || rows * 10 >= most * 9) chosen.push_back(column);
  }
  if (chosen.empty()) return;
  const auto counts_ticks = [&](std::size_t column) {
    return column < header.size() && (header[column].find("tick") != std::string_view::npos ||
                                      header[column].find("TICK") != std::string_view::npos);
  };
  if (!std::all_of(chosen.begin(), chosen.end(), counts_ticks)) std::erase_if(chosen, counts_ticks);
  columns.set(Role::volume, chosen);
}

std::string_view separator_name(char separator) {
  switch (separator) {
    case ',':
      return "comma";
    case ';':
      return "semicolon";
    case '\t':
      return "tab";
    default:
      return "|";
  }
}

// Programs and services that leave their mark on a header or on the way they write a time.
std::string family_of(const SampleRow& header, const Sample& sample, const BarFormat& format) {
  const auto named = [&](std::string_view name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  const std::string_view first = sample.front().front();
  if (named("<CLOSE>") || named("<TICKVOL>") || named("tick_volume")) return "MetaTrader";
  if (format.kind == TextKind::json && format.stamp.kind == StampKind::epoch) return "an exchange's API";
  if (header.empty()) {
    const bool dots = first.size() == 10 && first[4] == '.' && first[7] == '.';
    if (dots && format.columns.has(Role::clock)) return "MetaTrader";
    if (first.size() == 15 && first[8] == ' ' && format.separator == ';') return "HistData";
    if (first.size() == 14 && first[8] == ' ' && first[11] == ':' && format.separator == ',') return "Lean";
    if (format.stamp.kind == StampKind::ms_of_day) return "Lean";
    if (format.stamp.kind == StampKind::epoch && sample.front().size() == 12) return "Binance";
    return "";
  }
  if (named("open_time") && named("close_time") && format.stamp.kind == StampKind::epoch) return "Binance";
  if (named("time") && named("open") && named("volume") && header.size() == 6 && first.ends_with('Z'))
    return "pawl";
  if (named("Gmt time")) return "Dukascopy";
  if (named("Adj Close") || named("Datetime")) return named("Symbol") ? "" : "Yahoo";
  return "";
}

}  // namespace

void Draft::ask(std::string_view field, std::string value, std::string question, std::string flag) {
  found.findings.push_back({std::string(field), std::move(value), How::asked, question});
  found.questions.push_back({std::string(field), std::move(question), std::move(flag)});
}

Status find_layout(Draft& draft) {
  BarFormat& format = draft.format();
  if (format.separator == '\0') {
    return fail(ErrorCode::bad_data,
                "holds no rows of at least five cells parted by a comma, semicolon, tab or |; "
                "it begins {}. Give a file of bars",
                shown(draft.text));
  }
  const Start start = find_start(draft, format.separator);
  format.first_row = start.first_row;
  const SampleRow header(start.header.begin(), start.header.end());
  const Sample sample = take_sample(draft.text, format.separator, format.first_row);
  if (sample.empty()) return fail(ErrorCode::bad_data, "has a header and no rows; give a file with bars");
  format.decimal_comma = has_decimal_commas(sample, format.separator);
  draft.note("text",
             format.kind == TextKind::json ? std::string("JSON")
                                           : fmt::format("{}-separated{}", separator_name(format.separator),
                                                         format.decimal_comma ? ", decimal comma" : ""),
             start.skipped == 0 ? "" : fmt::format("{} lines before the header are left out", start.skipped));
  draft.note(
      "header", header.empty() ? "none" : fmt::format("{}", fmt::join(header, " ")),
      header.empty() ? "the first line is a row" : fmt::format("rows begin at line {}", format.first_row));

  if (!draft.named.columns.empty()) {
    auto columns = parse_columns(draft.named.columns);
    if (!columns) return propagate(columns);
    format.columns = std::move(*columns);
  } else if (!header.empty()) {
    columns_of_header(header, format.columns);
  }
  if (Status found = find_time_columns(draft, sample, header); !found) return found;
  if (!draft.named.columns.empty()) {
    draft.note("columns", format.columns.text(), "", How::named);
  } else if (!header.empty()) {
    choose_volume(draft, sample, header);
    draft.note("columns", format.columns.text(), "by their names in the header");
  } else {
    std::size_t after = format.columns.of(Role::time).front();
    if (format.columns.has(Role::clock)) after = std::max(after, format.columns.of(Role::clock).front());
    if (Status found = columns_by_content(draft, sample, after + 1); !found) return found;
  }
  draft.family = family_of(header, sample, format);
  const std::size_t time = format.columns.of(Role::time).front();
  if (time < header.size()) draft.time_header = header[time];
  find_symbol(draft, sample, format.symbol.empty() ? start.symbol : format.symbol);
  return {};
}

}  // namespace pawl::market::formats
