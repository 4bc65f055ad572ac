#include <algorithm>

#include "market/formats/evidence.h"

namespace pawl::market::formats {

namespace {

// A weekend without a holiday next to it, give or take a quiet hour and a clock change in between.
constexpr DurationMs kWeekendMin = 46 * kHourMs, kWeekendMax = 51 * kHourMs;
constexpr DurationMs kClose = 17 * kHourMs;  // in New York

struct Weekend {
  const ScannedRow* last = nullptr;   // Friday's last bar
  const ScannedRow* first = nullptr;  // Sunday's first
};

struct Fit {
  Clock clock;
  TimeIs time_is;
  std::size_t exact = 0;  // edges that lie where the market's do, of two a weekend
};

TimeMs instant_of(const ScannedRow& row, ClockReader& reader) {
  return row.stamp.utc ? *row.stamp.utc : reader.read(row.stamp.local).first.value_or(0);
}

// The edges that fit, or nothing where a bar lies in the closed market.
std::optional<std::size_t> fitting_edges(std::span<const Weekend> weekends, const Clock& clock,
                                         TimeIs time_is, DurationMs length, const TimeZone& new_york) {
  ClockReader reader(clock);
  const DurationMs late = std::max<DurationMs>(length, 15 * kMinuteMs);
  std::size_t exact = 0, impossible = 0;
  for (const Weekend& weekend : weekends) {
    const DurationMs back = time_is == TimeIs::close ? length : 0;
    const auto week_time = [&](TimeMs time) {  // since Friday's midnight in New York
      const CivilTime local = new_york.to_local(time);
      return ((local.weekday + 2) % 7) * kDayMs + local.hour * kHourMs + local.minute * kMinuteMs +
             local.second * kSecondMs;
    };
    const DurationMs opens = week_time(instant_of(*weekend.last, reader) - back);
    const DurationMs reopens = week_time(instant_of(*weekend.first, reader) - back);
    constexpr DurationMs kOpen = 2 * kDayMs + kClose;
    if (opens >= kClose || reopens + length <= kOpen || reopens > kOpen + kDayMs) {
      ++impossible;
      continue;
    }
    // Bars of an hour and less end with the market; a longer one is cut off by it.
    const bool closes_on_time = length <= kHourMs ? opens + length <= kClose && opens + length > kClose - late
                                                  : opens + length >= kClose;
    const bool opens_on_time =
        length <= kHourMs ? reopens >= kOpen && reopens <= kOpen + 15 * kMinuteMs : reopens <= kOpen;
    exact += (closes_on_time ? 1 : 0) + (opens_on_time ? 1 : 0);
  }
  if (impossible * 20 > weekends.size()) return std::nullopt;
  return exact;
}

// Whole hours off the three clocks that the world's servers follow: none, New York's and London's summers.
// Well-known ones come first, and so give their name to those that say the same.
std::vector<Clock> candidates() {
  const TimeZone utc = TimeZone::utc();
  std::vector<Clock> clocks;
  for (const char* known : {"UTC", "New York", "New York+7h", "London", "Athens", "London-5h"}) {
    if (auto clock = Clock::parse(known)) clocks.push_back(std::move(*clock));
  }
  for (int hours = -12; hours <= 14; ++hours) clocks.emplace_back(utc, hours * kHourMs);
  for (const char* city : {"America/New_York", "Europe/London"}) {
    const auto zone = TimeZone::find(city);
    if (!zone) continue;
    const int west = std::string_view(city).starts_with("America") ? 5 : 0;
    for (int hours = west - 12; hours <= west + 14; ++hours) clocks.emplace_back(*zone, hours * kHourMs);
  }
  return clocks;
}

}  // namespace

bool same_readings(std::span<const ScannedRow> rows, const Clock& one, const Clock& other,
                   std::int64_t& first_line) {
  ClockReader a(one), b(other);
  for (const ScannedRow& row : rows) {
    if (row.stamp.utc || a.read(row.stamp.local).first == b.read(row.stamp.local).first) continue;
    first_line = row.line;
    return false;
  }
  return true;
}

WeekEvidence find_week(std::span<const ScannedRow> rows, Timeframe timeframe, std::optional<TimeIs> time_is) {
  WeekEvidence evidence;
  std::vector<Weekend> weekends;
  bool naive = false;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    naive = naive || !rows[i].stamp.utc;
    const DurationMs hole = rows[i].stamp.local - rows[i - 1].stamp.local - timeframe.duration_ms();
    const bool same_kind = rows[i].stamp.utc.has_value() == rows[i - 1].stamp.utc.has_value();
    if (hole >= kWeekendMin && hole <= kWeekendMax && same_kind) {
      weekends.push_back({&rows[i - 1], &rows[i]});
    }
  }
  evidence.weekends = weekends.size();
  const auto new_york = TimeZone::find("America/New_York");
  if (weekends.empty() || timeframe >= kD1 || !new_york) return evidence;
  std::vector<Fit> fits;
  std::size_t best = 0;
  const std::vector<Clock> clocks = naive ? candidates() : std::vector{Clock(TimeZone::utc(), 0)};
  for (const Clock& clock : clocks) {
    for (const TimeIs hypothesis : {TimeIs::open, TimeIs::close}) {
      if (time_is && *time_is != hypothesis) continue;
      const auto exact = fitting_edges(weekends, clock, hypothesis, timeframe.duration_ms(), *new_york);
      if (!exact) continue;
      fits.push_back({clock, hypothesis, *exact});
      best = std::max(best, *exact);
    }
  }
  const std::size_t edges = 2 * weekends.size();
  evidence.exact = best;
  if (best * 10 < edges * 9) return evidence;
  std::erase_if(fits, [&](const Fit& fit) { return fit.exact < best; });
  const bool one_side = std::all_of(fits.begin(), fits.end(),
                                    [&](const Fit& fit) { return fit.time_is == fits.front().time_is; });
  if (one_side) evidence.time_is = fits.front().time_is;
  for (const Fit& fit : fits) {
    std::int64_t line = 0;
    bool known = false;
    for (const Clock& clock : evidence.clocks) {
      known = known || same_readings(rows, clock, fit.clock, line);
      if (!known && evidence.difference.empty()) {
        evidence.difference =
            fmt::format("{} and {} differ from line {} on", clock.name(), fit.clock.name(), line);
      }
    }
    if (!known) evidence.clocks.push_back(fit.clock);
  }
  if (evidence.clocks.size() < 2) evidence.difference.clear();
  return evidence;
}

}  // namespace pawl::market::formats
