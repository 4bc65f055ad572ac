#include "market/formats/detect_time.h"

#include <algorithm>

namespace pawl::market::formats {

namespace {

// A day is known by its date, whichever hour of it its bar is stamped with. In the evening the next one
// begins on some markets' clocks; and a week's hour would be no date.
bool stands_for_a_date(const ScannedRow& row, Timeframe timeframe) {
  const DurationMs of_day = ((row.stamp.local % kDayMs) + kDayMs) % kDayMs;
  return of_day == 0 || (timeframe == kD1 && of_day < 20 * kHourMs);
}

bool says_utc(std::string_view name) {
  for (const std::string_view word : {"UTC", "utc", "GMT", "Gmt", "gmt"}) {
    if (name.find(word) != std::string_view::npos) return true;
  }
  return false;
}

std::string first_line_of(std::span<const ScannedRow> rows, bool with_offset) {
  for (const ScannedRow& row : rows) {
    if (row.stamp.utc.has_value() == with_offset) return fmt::format("{}", row.line);
  }
  return "?";
}

// What the evidence suggests for a clock that it does not settle.
struct Suggestion {
  std::string zone, why;
  std::string instead;  // another clock that is as likely
};

Suggestion suggest_clock(const Draft& draft, std::span<const ScannedRow> rows, const WeekEvidence& week,
                         const DayEvidence& days) {
  const bool mixed =
      std::any_of(rows.begin(), rows.end(), [](const ScannedRow& row) { return row.stamp.utc.has_value(); });
  if (mixed) {
    const bool utc = std::all_of(rows.begin(), rows.end(), [](const ScannedRow& row) {
      return !row.stamp.utc || *row.stamp.utc == row.stamp.local;
    });
    return {utc ? "UTC" : "",
            fmt::format("rows from line {} on say their offset from UTC{}, rows from line {} on "
                        "do not",
                        first_line_of(rows, true), utc ? ", which is zero" : "", first_line_of(rows, false))};
  }
  if (week.clocks.size() == 1) {
    // A broker that leaves out Sunday's one hour before midnight looks like one whose clock follows New York.
    const auto other = Clock::parse("Athens");
    std::int64_t line = 0;
    const bool differ = other && !same_readings(rows, week.clocks.front(), *other, line);
    return {week.clocks.front().name(),
            fmt::format(
                "its {} weekends fit {}, but bars this long do not tell an hour{}", week.weekends,
                week.clocks.front().name(),
                differ ? fmt::format(": Europe/Athens, the other usual clock of brokers, differs from line "
                                     "{} on",
                                     line)
                       : std::string()),
            differ ? "Europe/Athens" : ""};
  }
  if (week.clocks.size() > 1) {
    std::vector<std::string> names;
    const bool usual = draft.family == "MetaTrader";
    for (const Clock& clock : week.clocks) {
      if (!usual || clock.name() == "New York+7h" || clock.name() == "Europe/Athens")
        names.push_back(clock.name());
    }
    if (names.empty()) names.push_back(week.clocks.front().name());
    names.resize(std::min<std::size_t>(names.size(), 4));
    return {names.front(), fmt::format("its {} weekends fit {} clocks, among them {}; {}", week.weekends,
                                       week.clocks.size(), fmt::join(names, " and "), week.difference)};
  }
  if (days.new_york_session) return {"America/New_York", days.text + ", which looks like America/New_York"};
  if (draft.family == "MetaTrader") {
    std::int64_t line = 0;
    const auto one = Clock::parse("New York+7h"), other = Clock::parse("Athens");
    const bool same = one && other && same_readings(rows, *one, *other, line);
    return {"New York+7h",
            fmt::format(
                "a MetaTrader server's own clock, mostly New York+7h or Europe/Athens, which {} here; {}",
                same ? "say the same" : fmt::format("differ from line {} on", line),
                week.weekends == 0 ? std::string("the file spans no weekend to tell")
                                   : fmt::format("its {} weekends fit no clock throughout", week.weekends)),
            same ? "" : "Europe/Athens"};
  }
  if (days.around_the_clock) {
    return {"UTC", "it trades around the clock, as crypto does, whose exchanges write UTC"};
  }
  return {"", days.text.empty() ? "nothing in it tells" : days.text};
}

std::string clock_names(const std::vector<Clock>& clocks) {
  std::vector<std::string> names;
  for (const Clock& clock : clocks) names.push_back(clock.name());
  names.resize(std::min<std::size_t>(names.size(), 4));
  return fmt::format("{}", fmt::join(names, ", "));
}

// Programs and services that are known to stamp the open.
std::optional<std::string> open_by_convention(const Draft& draft) {
  if (!draft.family.empty()) return fmt::format("{} stamps a bar's open", draft.family);
  if (draft.found.format.stamp.kind == StampKind::epoch)
    return "epoch stamps are a bar's open in every known export";
  for (const std::string_view word : {"open", "Open", "start", "Start", "begin"}) {
    if (draft.time_header.find(word) != std::string::npos) {
      return fmt::format("the column is named {}", shown(draft.time_header));
    }
  }
  return std::nullopt;
}

Status find_time_is(Draft& draft, const WeekEvidence& week, const DayEvidence& days) {
  BarFormat& format = draft.format();
  const std::string& named = draft.named.time_is;
  if (!named.empty()) {
    if (named != "open" && named != "close") {
      return fail(ErrorCode::invalid_argument, "--time-is: {} is neither open nor close", shown(named));
    }
    format.time_is = named == "open" ? TimeIs::open : TimeIs::close;
    draft.note("time is", named, "", How::named);
    return {};
  }
  const auto word = [](TimeIs is) { return is == TimeIs::open ? "a bar's open" : "a bar's close"; };
  if (const auto convention = open_by_convention(draft)) {
    format.time_is = TimeIs::open;
    draft.note("time is", word(format.time_is), *convention);
  } else if (days.time_is) {
    format.time_is = *days.time_is;
    draft.note("time is", word(format.time_is), days.text);
  } else if (week.time_is) {
    format.time_is = *week.time_is;
    draft.note("time is", word(format.time_is), "the weekends begin and end with such bars");
  } else {
    format.time_is = TimeIs::open;
    draft.ask("time is", "a bar's open",
              "whether a time is a bar's open or its close shows nowhere; most files say "
              "the open",
              "--time-is open or --time-is close");
  }
  return {};
}

}  // namespace

Status find_timeframe(Draft& draft, std::span<const ScannedRow> rows) {
  const SpacingEvidence spacing = find_spacing(rows);
  if (!draft.named.timeframe.empty()) {
    const auto named = Timeframe::parse(draft.named.timeframe);
    if (!named) return fail(ErrorCode::invalid_argument, "--timeframe: {}", named.error().message);
    draft.format().timeframe = *named;
    draft.note("timeframe", named->name(), spacing.why, How::named);
    if (spacing.timeframe && *spacing.timeframe != *named) {
      return fail(ErrorCode::bad_data, "holds {} bars, not {}: {}; say --timeframe {}",
                  spacing.timeframe->name(), named->name(), spacing.why, spacing.timeframe->name());
    }
    return {};
  }
  if (spacing.timeframe) {
    draft.format().timeframe = *spacing.timeframe;
    draft.note("timeframe", spacing.timeframe->name(), spacing.why);
    return {};
  }
  draft.format().timeframe = draft.format().stamp.kind == StampKind::date ? kD1 : kM1;
  draft.ask("timeframe", "?", spacing.why, "--timeframe M5");
  return {};
}

Status find_clock(Draft& draft, std::span<const ScannedRow> rows) {
  BarFormat& format = draft.format();
  const bool naive =
      std::any_of(rows.begin(), rows.end(), [](const ScannedRow& row) { return !row.stamp.utc; });
  const bool dates =
      format.timeframe >= kD1 && std::all_of(rows.begin(), rows.end(), [&](const ScannedRow& row) {
        return stands_for_a_date(row, format.timeframe);
      });
  const Named& named = draft.named;
  if (dates) {
    format.time_is = TimeIs::session;
    draft.note("zone", "none needed", "a bar of a day or a week is known by its date");
    const int weekday = civil_from_time(rows.front().stamp.local).weekday;
    if (format.timeframe == kW1 && (weekday == 0 || weekday >= 5) && named.time_is.empty() &&
        draft.family != "MetaTrader") {
      draft.ask("time is", "the week's first day",
                "weeks are dated with a Friday, Saturday or Sunday, which may be "
                "their first day or their last",
                "--time-is open or --time-is close");
    } else if (named.time_is == "close") {
      format.time_is = TimeIs::close;
      draft.note("time is", "the last day of a bar", "", How::named);
    } else {
      draft.note("time is", format.timeframe == kD1 ? "a session's date" : "the week's first day",
                 "dates only");
    }
    return {};
  }
  std::optional<TimeIs> known;
  if (named.time_is == "open" || (named.time_is.empty() && open_by_convention(draft))) known = TimeIs::open;
  if (named.time_is == "close") known = TimeIs::close;
  const WeekEvidence week = find_week(rows, format.timeframe, known);
  DayEvidence days = find_days(rows, format.timeframe);
  if (!naive) {
    draft.note("zone", format.stamp.kind == StampKind::epoch ? "UTC" : "an offset from UTC in every row",
               format.stamp.kind == StampKind::epoch ? "epoch stamps" : "");
    // A stock's session shows on New York's clock.
    if (const auto new_york = TimeZone::find("America/New_York")) {
      std::vector<ScannedRow> local(rows.begin(), rows.end());
      for (ScannedRow& row : local) row.stamp.local = *row.stamp.utc + new_york->offset_at(*row.stamp.utc);
      days = find_days(local, format.timeframe);
    }
    return find_time_is(draft, week, days);
  }
  if (!named.zone.empty()) {
    auto clock = Clock::parse(named.zone);
    if (!clock) return fail(ErrorCode::invalid_argument, "--zone: {}", clock.error().message);
    std::string doubt;
    std::int64_t line = 0;
    const bool fits = std::any_of(week.clocks.begin(), week.clocks.end(),
                                  [&](const Clock& one) { return same_readings(rows, one, *clock, line); });
    if (!week.clocks.empty() && !fits) {
      doubt =
          fmt::format("but on it the weekends do not begin and end at 17:00 in New York, as they do on {}",
                      clock_names(week.clocks));
    }
    draft.note("zone", clock->name(), doubt, How::named);
    if (clock->name() != "America/New_York") days.time_is.reset();
    format.clock = std::move(*clock);
    return find_time_is(draft, week, days);
  }
  if (says_utc(draft.time_header)) {
    format.clock = Clock(TimeZone::utc(), 0);
    draft.note("zone", "UTC", fmt::format("the column is named {}", shown(draft.time_header)));
    return find_time_is(draft, week, days);
  }
  if (week.clocks.size() == 1 && format.timeframe <= kH1) {
    format.clock = week.clocks.front();
    draft.note(
        "zone", format.clock->name(),
        fmt::format("on this clock alone its weekends begin and end at 17:00 in New York ({} of {} do)",
                    week.exact, 2 * week.weekends));
    return find_time_is(draft, week, {});
  }
  const Suggestion suggestion = suggest_clock(draft, rows, week, days);
  auto clock = Clock::parse(suggestion.zone);
  format.clock = clock ? std::move(*clock) : Clock(TimeZone::utc(), 0);
  draft.ask("zone", clock ? format.clock->name() : "?", "times carry no zone: " + suggestion.why,
            clock ? fmt::format("--zone \"{}\"{}", format.clock->name(),
                                suggestion.instead.empty() ? "" : " or --zone " + suggestion.instead)
                  : "--zone ZONE, like UTC or \"New York+7h\"");
  return find_time_is(draft, week, days);
}

}  // namespace pawl::market::formats
