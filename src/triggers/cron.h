// Cron schedules on a local clock: "minute hour day-of-month month day-of-week".
//
//   auto schedule = CronSchedule::parse("0 2 * * SUN", "America/New_York");
//   TimeMs due = schedule->next_after(now);
//
// A field is `*`, a number, a range `a-b`, a step `*/n` or `a-b/n`, or a list of those with commas. Months
// and days of the week have names (JAN, SUN); 0 and 7 are Sunday. Where day of month and day of week are both
// restricted (neither begins with `*`), a day that fits either is due, as in every cron.
//
// Daylight saving: a local time that the clock skips is due at the first instant after the gap, together with
// whatever else is due then; one that the clock shows twice is due at the first of the two only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/timezone.h"

namespace pawl::triggers {

class CronSchedule {
 public:
  // bad_config where a field is malformed or out of range, the zone is unknown, or no date ever fits (30
  // February); the message names the field.
  static Result<CronSchedule> parse(std::string_view expression, std::string_view zone);

  // The first due instant strictly after `time`.
  TimeMs next_after(TimeMs time) const;

  const std::string& expression() const { return expression_; }
  const std::string& zone() const { return zone_.name(); }

 private:
  explicit CronSchedule(TimeZone zone) : zone_(std::move(zone)) {}
  bool fits(std::chrono::year_month_day date) const;
  bool ever_fits() const;

  std::string expression_;
  TimeZone zone_;
  // One bit per value.
  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  bool either_day_fits_ = false;
};

}  // namespace pawl::triggers
