// When a market's day begins, and when it trades. Higher timeframes are cut on this grid, and labels that
// must not cross a session ask it where sessions end.
#pragma once

#include <string>
#include <vector>

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
  // daylight-saving change is 23 or 25 hours long); intraday frames count from the day's anchor.
  TimeSpan bucket(Timeframe timeframe, TimeMs time) const;
  // The close of the bar of `timeframe` that opens at `open_time`: the end of its bucket.
  TimeMs close_time(Timeframe timeframe, TimeMs open_time) const;
  // A number that is the same for two instants of one session and grows with time; for "always" it is 0.
  std::int64_t session_of(TimeMs time) const;
  // True where the market is open for any part of [from, to): a hole there is a gap, elsewhere it is not.
  bool trades_within(TimeMs from, TimeMs to) const;

  const TimeZone& zone() const { return zone_; }
  std::string day_anchor() const;      // canonical text, part of what is hashed
  const std::string& session() const { return session_; }

 private:
  MarketCalendar(TimeZone zone, int anchor_minutes, std::string session);
  TimeZone zone_;
  int anchor_minutes_ = 0;
  std::string session_;
  int session_from_minutes_ = 0, session_to_minutes_ = 0;
};

}  // namespace pawl
