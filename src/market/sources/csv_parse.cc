#include <array>
#include <charconv>
#include <optional>

#include "base/gzip.h"
#include "base/shown.h"
#include "market/sources/csv.h"

namespace pawl::market {

namespace {

constexpr std::string_view kHeader = "time,open,high,low,close,volume";
constexpr std::size_t kColumns = 6;
constexpr std::size_t kLineLengthMax = 512;
constexpr std::size_t kNotesMax = 5;
// Beyond these the times are surely in another unit or form, and calendars know nothing.
constexpr TimeMs kTimeMin = -25567 * kDayMs;  // 1900-01-01
constexpr TimeMs kTimeMax = 84006 * kDayMs;   // 2200-01-01
constexpr std::string_view kFixRow = "fix the row, or set bad_rows: skip";

struct RowFault {
  std::string message;  // what follows "file:line: "
};

RowFault field_fault(std::string_view field, std::string_view value, std::string_view reason,
                     std::string_view remedy = kFixRow) {
  return {fmt::format("field \"{}\": {} {}; {}", field, shown(value), reason, remedy)};
}

int two_digits(const char* text) {
  const int tens = text[0] - '0', ones = text[1] - '0';
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

// Reads times of rows in order. Most rows share the date of the row before, so that only the clock is read.
class TimeReader {
 public:
  Result<TimeMs> read(std::string_view text) {
    constexpr std::size_t kDateLength = 10;
    const bool usual_form =
        text.size() == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z';
    if (usual_form && text.substr(0, kDateLength) == std::string_view(date_.data(), date_.size())) {
      const int hour = two_digits(&text[11]), minute = two_digits(&text[14]), second = two_digits(&text[17]);
      if (hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60) {
        return date_start_ + hour * kHourMs + minute * kMinuteMs + second * kSecondMs;
      }
    }
    const Result<TimeMs> time = parse_time(text);
    if (time && usual_form) {
      const CivilTime civil = civil_from_time(*time);
      text.copy(date_.data(), kDateLength);
      date_start_ = time_from_civil({.year = civil.year, .month = civil.month, .day = civil.day});
    }
    return time;
  }

 private:
  std::array<char, 10> date_{};  // a date that no text has, until the first row
  TimeMs date_start_ = 0;
};

std::optional<RowFault> read_number(std::string_view field, std::string_view text, double& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) return field_fault(field, text, "is out of a number's range");
  if (error != std::errc{} || stop != end) return field_fault(field, text, "is not a number");
  return {};
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view file_name, const Request& request, BadRows bad_rows)
      : text_(text),
        file_name_(file_name),
        request_(request),
        bad_rows_(bad_rows),
        cursor_(request.calendar) {}

  Result<Delivery> run();

 private:
  Status check_header();
  // The next line without its line end; false at the end of the text.
  bool next_line(std::string_view& line);
  std::optional<RowFault> read_row(std::string_view line);
  std::optional<RowFault> set_times(std::string_view text, Bar& bar);
  std::string at_line(std::string_view message) const {
    return fmt::format("{}:{}: {}", file_name_, line_number_, message);
  }

  std::string_view text_, file_name_;
  const Request& request_;
  BadRows bad_rows_;
  CalendarCursor cursor_;
  TimeReader times_;
  std::size_t position_ = 0;
  std::int64_t line_number_ = 0;
  Delivery delivery_;
};

bool Parser::next_line(std::string_view& line) {
  if (position_ >= text_.size()) return false;
  const std::size_t end = text_.find('\n', position_);
  line = text_.substr(position_, end == std::string_view::npos ? end : end - position_);
  position_ = end == std::string_view::npos ? text_.size() : end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  ++line_number_;
  return true;
}

Status Parser::check_header() {
  if (text_.starts_with("\xff\xfe") || text_.starts_with("\xfe\xff")) {
    return fail(ErrorCode::bad_data, "{}: is UTF-16 text; save it as UTF-8", file_name_);
  }
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  std::string_view header;
  if (!next_line(header)) {
    return fail(ErrorCode::bad_data, "{}: is empty; its first line must be {}", file_name_, kHeader);
  }
  if (header != kHeader) {
    return fail(ErrorCode::bad_data, "{}",
                at_line(fmt::format("the header is {}; it must be exactly {}", shown(header), kHeader)));
  }
  return {};
}

std::optional<RowFault> Parser::set_times(std::string_view text, Bar& bar) {
  const Result<TimeMs> time = times_.read(text);
  if (!time) {
    return field_fault("time", text, "is not a UTC time",
                       "write it like 2023-01-02T00:05:00Z, or set bad_rows: skip");
  }
  if (*time < kTimeMin || *time >= kTimeMax) {
    return field_fault("time", text, "is not between the years 1900 and 2200");
  }
  TimeSpan span = cursor_.bucket(request_.timeframe, *time);
  if (span.from != *time && request_.timeframe == kD1 && *time % kDayMs == 0) {
    span = request_.calendar.day_of_date(*time);
  } else if (span.from != *time) {
    return field_fault("time", text, fmt::format("is no opening time of a {} bar", request_.timeframe.name()),
                       fmt::format("one opens at {}: check the file's timeframe and the market's day_anchor "
                                   "(\"{}\"), or set bad_rows: skip",
                                   format_time(span.from), request_.calendar.day_anchor()));
  }
  if (!delivery_.bars.empty()) {
    const TimeMs last = delivery_.bars.open_time(delivery_.bars.size() - 1);
    if (span.from == last) {
      return field_fault("time", text, "is the time of the row before",
                         "keep one of the two, or set bad_rows: skip");
    }
    if (span.from < last) {
      return field_fault("time", text, fmt::format("is earlier than the row before ({})", format_time(last)),
                         "sort the file by time, or set bad_rows: skip");
    }
  }
  bar.open_time = span.from;
  bar.close_time = span.to;
  return {};
}

std::optional<RowFault> Parser::read_row(std::string_view line) {
  if (line.size() > kLineLengthMax) {
    return RowFault{fmt::format("the line has {} bytes, over {}; {}", line.size(), kLineLengthMax, kFixRow)};
  }
  std::array<std::string_view, kColumns> columns;
  std::size_t count = 0, from = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] != ',') continue;
    if (count < kColumns) columns[count] = line.substr(from, i - from);
    ++count;
    from = i + 1;
  }
  if (count != kColumns) {
    return RowFault{fmt::format("{} has {} column{}, not the {} of {}; {}", shown(line), count,
                                count == 1 ? "" : "s", kColumns, kHeader, kFixRow)};
  }
  Bar bar;
  if (auto fault = set_times(columns[0], bar)) return fault;
  if (auto fault = read_number("open", columns[1], bar.open)) return fault;
  if (auto fault = read_number("high", columns[2], bar.high)) return fault;
  if (auto fault = read_number("low", columns[3], bar.low)) return fault;
  if (auto fault = read_number("close", columns[4], bar.close)) return fault;
  if (auto fault = read_number("volume", columns[5], bar.volume)) return fault;
  if (const BarFault fault = find_fault(bar); fault.any()) {
    constexpr std::array<std::string_view, kColumns> kNames = {"time", "open",  "high",
                                                               "low",  "close", "volume"};
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (kNames[i] == fault.field) return field_fault(fault.field, columns[i], fault.reason);
    }
  }
  delivery_.bars.append(bar);
  return {};
}

Result<Delivery> Parser::run() {
  if (const Status header = check_header(); !header) return propagate(header);
  delivery_.bars.reserve(text_.size() / 48);
  std::string_view line;
  while (next_line(line)) {
    if (line.empty() && text_.find_first_not_of("\r\n", position_) == std::string_view::npos) break;
    const std::optional<RowFault> fault = read_row(line);
    if (!fault) continue;
    if (bad_rows_ == BadRows::error) return fail(ErrorCode::bad_data, "{}", at_line(fault->message));
    if (++delivery_.bad_rows <= static_cast<std::int64_t>(kNotesMax)) {
      delivery_.notes.push_back(at_line(fault->message));
    }
  }
  if (delivery_.bars.empty()) {
    if (delivery_.bad_rows == 0) {
      return fail(ErrorCode::bad_data, "{}: has a header and no rows; give a file with bars", file_name_);
    }
    return fail(ErrorCode::bad_data, "{}: all {} rows are bad; the first: {}", file_name_, delivery_.bad_rows,
                delivery_.notes.front());
  }
  delivery_.gaps = find_gaps(delivery_.bars, request_.calendar);
  const BarBlock all = delivery_.bars.all();
  delivery_.has_volume = false;
  for (const double volume : all.volume) delivery_.has_volume = delivery_.has_volume || volume > 0;
  return std::move(delivery_);
}

}  // namespace

Result<Delivery> parse_csv(std::string_view bytes, std::string_view file_name, const Request& request,
                           BadRows bad_rows) {
  if (!looks_like_gzip(bytes)) return Parser(bytes, file_name, request, bad_rows).run();
  const Result<std::string> text = gunzip(bytes);
  if (!text) {
    return fail(ErrorCode::bad_data, "{}: {}; copy or download the file again", file_name,
                text.error().message);
  }
  return Parser(*text, file_name, request, bad_rows).run();
}

}  // namespace pawl::market
