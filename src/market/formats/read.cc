#include <algorithm>
#include <cmath>

#include "market/formats/scan.h"
#include "market/formats/table.h"

namespace pawl::market::formats {

namespace {

constexpr std::size_t kNotesMax = 5;
constexpr std::string_view kLeaveOut = "fix the row, or leave bad rows out (--bad-rows skip)";

struct TimedBar {
  Bar bar;
  std::int64_t line = 0;
};

bool same_values(const Bar& a, const Bar& b) {
  return a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close && a.volume == b.volume;
}

class Reader {
 public:
  Reader(std::string_view file_name, const BarFormat& format, const Request& request, BadRows bad_rows)
      : file_name_(file_name),
        format_(format),
        request_(request),
        bad_rows_(bad_rows),
        clock_(format.clock.value_or(Clock(TimeZone::utc(), 0))),
        cursor_(request.calendar) {}

  Result<Imported> run(Scan scan);

 private:
  // The instant of a row, or why there is none; `before` is that of the row before it.
  std::string find_instant(const ScannedRow& row, std::optional<TimeMs> before, TimeMs& instant);
  std::string find_span(const ScannedRow& row, TimeMs instant, TimeSpan& span);
  TimeSpan span_of_date(LocalMs date) const;
  std::string make_bar(const ScannedRow& row, const TimeSpan& span, Bar& bar) const;
  Status refuse_or_count(const BadRow& bad);
  Status merge();
  void drop_unfinished(const ScannedRow* newest_off_grid);

  std::string_view file_name_;
  const BarFormat& format_;
  const Request& request_;
  BadRows bad_rows_;
  ClockReader clock_;
  CalendarCursor cursor_;
  std::vector<TimedBar> bars_;
  Imported imported_;
};

std::string Reader::find_instant(const ScannedRow& row, std::optional<TimeMs> before, TimeMs& instant) {
  if (row.stamp.utc) {
    instant = *row.stamp.utc;
    return "";
  }
  const ClockReader::Instants instants = clock_.read(row.stamp.local);
  if (!instants.first) {
    return fmt::format(
        "field \"time\": {} never showed on the clock {}, which was put forward then; check --zone",
        format_time(row.stamp.local).substr(0, 19), format_.clock ? format_.clock->name() : "UTC");
  }
  // Of an hour that the clock showed twice, the second one follows the first.
  instant = *instants.first;
  if (instants.second && before && *before >= instant && *before < *instants.second)
    instant = *instants.second;
  return "";
}

TimeSpan Reader::span_of_date(LocalMs date) const {
  const MarketCalendar& calendar = request_.calendar;
  if (request_.timeframe == kD1) return calendar.day_of_date(date);
  // A week that is dated with its Saturday or Sunday is that of the Monday after, or, where the date is its
  // last day, of the one before.
  const int weekday = civil_from_time(date).weekday;
  if (format_.time_is != TimeIs::close && (weekday == 0 || weekday == 6)) {
    date += weekday == 0 ? kDayMs : 2 * kDayMs;
  } else if (format_.time_is == TimeIs::close && weekday == 0) {
    date -= 2 * kDayMs;
  } else if (format_.time_is == TimeIs::close && weekday == 6) {
    date -= kDayMs;
  }
  return calendar.bucket(kW1, calendar.day_of_date(date).from);
}

std::string Reader::find_span(const ScannedRow& row, TimeMs instant, TimeSpan& span) {
  const Timeframe timeframe = request_.timeframe;
  if (timeframe >= kD1) {
    const LocalMs midnight = row.stamp.local - ((row.stamp.local % kDayMs) + kDayMs) % kDayMs;
    if (!row.stamp.utc || format_.time_is == TimeIs::session) {
      span = span_of_date(midnight);
      return "";
    }
    span = cursor_.bucket(timeframe, instant);
    // A day stamped with its session's opening (05:00Z, 14:30Z) carries a date; one stamped in the evening is
    // the next day's, and only the calendar can say which.
    constexpr DurationMs kEvening = 20 * kHourMs;
    if (span.from != instant && row.stamp.local - midnight < kEvening) span = span_of_date(midnight);
    if (span.from != instant && row.stamp.local - midnight >= kEvening) {
      return fmt::format(
          "field \"time\": {} is no opening time of a {} bar; the market's day_anchor is \"{}\"",
          format_time(instant), timeframe.name(), request_.calendar.day_anchor());
    }
    return "";
  }
  const TimeMs opens = format_.time_is == TimeIs::close ? instant - timeframe.duration_ms() : instant;
  span = cursor_.bucket(timeframe, opens);
  if (span.from == opens) return "";
  return fmt::format(
      "field \"time\": {} is no opening time of a {} bar: one opens at {}; check the timeframe, and "
      "the market's day_anchor (\"{}\")",
      format_time(opens), timeframe.name(), format_time(span.from), request_.calendar.day_anchor());
}

std::string Reader::make_bar(const ScannedRow& row, const TimeSpan& span, Bar& bar) const {
  const double factor = (format_.adjusted && row.close != 0 ? row.adjusted / row.close : 1.0);
  const auto price = [&](double written) {
    // 103428.00000000001 is what a program made of a whole number.
    const double rounded = std::round(written);
    const bool meant_whole = format_.scale != 1 && std::abs(written - rounded) <= 1e-9 * std::abs(written);
    const double unscaled = (meant_whole ? rounded : written) / format_.scale;
    return factor == 1.0 ? unscaled : unscaled * factor;
  };
  bar = {.open_time = span.from,
         .close_time = span.to,
         .open = price(row.open),
         .high = price(row.high),
         .low = price(row.low),
         .close = price(row.close),
         .volume = row.volume};
  const BarFault fault = find_fault(bar);
  return fault.any() ? fmt::format("field \"{}\": {}", fault.field, fault.reason) : "";
}

Status Reader::refuse_or_count(const BadRow& bad) {
  std::string message = fmt::format("{}: {}", place(file_name_, format_, bad.line), bad.message);
  if (bad_rows_ == BadRows::error) return fail(ErrorCode::bad_data, "{}; {}", message, kLeaveOut);
  ++imported_.delivery.bad_rows;
  if (imported_.delivery.notes.size() < kNotesMax) imported_.delivery.notes.push_back(std::move(message));
  return {};
}

// Brings the bars into time order; what is said twice counts once, and may not be said differently.
Status Reader::merge() {
  std::stable_sort(bars_.begin(), bars_.end(),
                   [](const TimedBar& a, const TimedBar& b) { return a.bar.open_time < b.bar.open_time; });
  std::vector<TimedBar> merged;
  merged.reserve(bars_.size());
  for (TimedBar& next : bars_) {
    if (merged.empty() || merged.back().bar.close_time <= next.bar.open_time) {
      merged.push_back(std::move(next));
      continue;
    }
    const TimedBar& kept = merged.back();
    if (!same_values(kept.bar, next.bar)) {
      return fail(
          ErrorCode::bad_data,
          "{} and {}: two different bars at {}: close {} and {}, volume {} and {}. Keep the right one of "
          "the two rows; if the times are the mistake, check --zone and --timeframe",
          place(file_name_, format_, kept.line), place(file_name_, format_, next.line),
          format_time(kept.bar.open_time), kept.bar.close, next.bar.close, kept.bar.volume, next.bar.volume);
    }
    ++imported_.merged;
  }
  bars_ = std::move(merged);
  return {};
}

// The newest bar is unfinished where nothing has traded in it yet although something does in all others.
void Reader::drop_unfinished(const ScannedRow* newest_off_grid) {
  if (newest_off_grid != nullptr) {
    imported_.unfinished = true;
    imported_.delivery.notes.push_back(
        fmt::format("{}: the newest row is off the grid of {} bars: it was still being made and is left out",
                    place(file_name_, format_, newest_off_grid->line), request_.timeframe.name()));
    return;
  }
  constexpr std::size_t kEnough = 20;
  if (bars_.size() < kEnough || bars_.back().bar.volume > 0) return;
  const auto silent =
      std::count_if(bars_.begin(), bars_.end(), [](const TimedBar& one) { return one.bar.volume <= 0; });
  if (static_cast<std::size_t>(silent) * 50 > bars_.size()) return;
  imported_.unfinished = true;
  imported_.delivery.notes.push_back(fmt::format(
      "{}: the newest bar ({}) has no volume, as one has that was still being made; it is left out",
      place(file_name_, format_, bars_.back().line), format_time(bars_.back().bar.open_time)));
  bars_.pop_back();
}

Result<Imported> Reader::run(Scan scan) {
  if (format_.order == RowOrder::descending) std::reverse(scan.rows.begin(), scan.rows.end());
  for (const BadRow& bad : scan.bad) {
    if (Status counted = refuse_or_count(bad); !counted) return propagate(counted);
  }
  bars_.reserve(scan.rows.size());
  std::optional<TimeMs> before;
  const ScannedRow* newest_off_grid = nullptr;
  for (const ScannedRow& row : scan.rows) {
    TimeMs instant = 0;
    TimeSpan span;
    TimedBar one{.line = row.line};
    std::string fault = find_instant(row, before, instant);
    const bool newest = &row == &scan.rows.back();
    if (fault.empty()) {
      before = instant;
      fault = find_span(row, instant, span);
      if (!fault.empty() && newest && scan.rows.size() > 2) {
        newest_off_grid = &row;
        continue;
      }
    }
    if (fault.empty() && !row.complete) {
      imported_.unfinished = true;
      continue;
    }
    if (fault.empty()) fault = make_bar(row, span, one.bar);
    if (!fault.empty()) {
      if (Status counted = refuse_or_count({row.line, std::move(fault)}); !counted) return propagate(counted);
      continue;
    }
    bars_.push_back(std::move(one));
  }
  if (Status merged = merge(); !merged) return propagate(merged);
  drop_unfinished(newest_off_grid);
  if (bars_.empty()) {
    return fail(ErrorCode::bad_data, "{}: no row is a bar; the first: {}", file_name_,
                imported_.delivery.notes.empty() ? "there are none" : imported_.delivery.notes.front());
  }
  Delivery& delivery = imported_.delivery;
  imported_.null_rows = scan.null_rows;
  if (scan.null_rows > 0)
    delivery.notes.push_back(fmt::format("{} rows without prices are left out", scan.null_rows));
  if (imported_.merged > 0) {
    delivery.notes.push_back(fmt::format("{} rows repeat another and count once", imported_.merged));
  }
  delivery.bars.reserve(bars_.size());
  delivery.has_volume = false;
  for (const TimedBar& one : bars_) {
    delivery.bars.append(one.bar);
    delivery.has_volume = delivery.has_volume || one.bar.volume > 0;
  }
  delivery.gaps = find_gaps(delivery.bars, request_.calendar);
  imported_.quality = check_quality(delivery.bars, request_.symbol, request_.timeframe);
  const auto bad = static_cast<std::size_t>(delivery.bad_rows);
  if (bad * 50 > bars_.size()) {
    imported_.quality.push_back(
        {"bad_rows", delivery.bad_rows,
         fmt::format(
             "{} of {} rows are no possible bars; whoever wrote this file did not take it from a market", bad,
             bad + bars_.size())});
  }
  return std::move(imported_);
}

}  // namespace

Result<Imported> read_bars(std::string_view bytes, std::string_view file_name, const BarFormat& format,
                           const Request& request, BadRows bad_rows) {
  auto unpacked = unpack(bytes, format.member);
  if (!unpacked) return within(file_name, unpacked.error());
  std::string text = std::move(unpacked->text);
  if (format.kind == TextKind::json) {
    auto rows = rows_of_json(text);
    if (!rows) return within(file_name, rows.error());
    text = std::move(rows->text);
  }
  return Reader(file_name, format, request, bad_rows).run(scan_rows(text, format));
}

MarketCalendar own_calendar(const BarFormat& format) {
  if (format.clock && format.timeframe > kH1 && format.timeframe < kD1) {
    if (const auto own = MarketCalendar::make(format.clock->day_anchor(), "always")) return *own;
  }
  return MarketCalendar::utc_always();
}

}  // namespace pawl::market::formats
