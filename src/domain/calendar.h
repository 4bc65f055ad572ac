// When a market's day begins, and when it trades. Higher timeframes are cut on this grid, and labels that
// must not cross a session ask it where sessions end.
#pragma once

#include <string>
#include <utility>

#include "base/timezone.h"
#include "domain/timeframe.h"

namespace pawl {

struct TimeSpan {
  TimeMs from = 0, to = 0;  // [from, to)
};

class MarketCalendar {
 public:
  // `day_anchor` is "ZONE HH:MM" ("UTC 00:00", "America/New_York 17:00"): the local time at which the
  // market's day, and the grid of H4 and the other intraday frames, begins. `session` is "always",
  // "weekdays" (Sunday's anchor to Friday's anchor) or "HH:MM-HH:MM" on weekdays in the anchor's zone
  // ("09:30-16:00"). bad_config elsewhere.
  static Result<MarketCalendar> make(std::string_view day_anchor, std::string_view session);
  static MarketCalendar utc_always();

  // The bar of this timeframe that an instant falls into. Days and weeks follow the local clock (a day of
  // daylight-saving change is 23 or 25 hours long); weeks begin with Monday's market day; intraday frames
  // count from the day's anchor, and the last one of a day ends with it.
  TimeSpan bucket(Timeframe timeframe, TimeMs time) const;
  // The close of the bar of `timeframe` that opens at `open_time`: the end of its bucket.
  TimeMs close_time(Timeframe timeframe, TimeMs open_time) const;
  // The market's day at an instant, from anchor to anchor: the same as its D1 bucket.
  TimeSpan day(TimeMs time) const;
  // The market's day that has the date of `date` (any instant of that date in UTC): the one that holds that
  // date's local noon. A day that begins on Sunday at 17:00 is Monday's.
  TimeSpan day_of_date(TimeMs date) const;
  // A number that is the same for two instants of one session and grows with time; for "always" it is 0. A
  // session of "weekdays" is the whole week, one of "HH:MM-HH:MM" a day; the time between two sessions has a
  // number of its own.
  std::int64_t session_of(TimeMs time) const;
  // True where the market is open for any part of [from, to): a hole there is a gap, elsewhere it is not.
  bool trades_within(TimeMs from, TimeMs to) const;

  const TimeZone& zone() const { return zone_; }
  std::string day_anchor() const;  // canonical text, part of what is hashed
  const std::string& session() const { return session_; }

 private:
  enum class Sessions { always, weekdays, hours };
  MarketCalendar(TimeZone zone, int anchor_minutes);
  std::int64_t local_day(TimeMs time) const;       // days since 1970 on the local calendar
  TimeMs day_start(std::int64_t local_day) const;  // the anchor on that local day
  std::int64_t market_date(
      std::int64_t start) const;  // of the day that begins at the anchor on local day `start`
  TimeSpan week(TimeMs time) const;

  TimeZone zone_;
  bool utc_ = true;
  int anchor_minutes_ = 0;
  Sessions sessions_ = Sessions::always;
  std::string session_ = "always";
  int session_from_minutes_ = 0, session_to_minutes_ = 0;
};

// A calendar's buckets for instants that mostly come in order: remembers the day it is in, so that the time
// zone is asked once a day. One thread at a time.
class CalendarCursor {
 public:
  explicit CalendarCursor(MarketCalendar calendar) : calendar_(std::move(calendar)) {}
  // The same answer as MarketCalendar::bucket.
  TimeSpan bucket(Timeframe timeframe, TimeMs time);
  const MarketCalendar& calendar() const { return calendar_; }

 private:
  MarketCalendar calendar_;
  TimeSpan day_, week_;
};

}  // namespace pawl
