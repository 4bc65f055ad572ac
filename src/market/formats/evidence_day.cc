#include <algorithm>
#include <map>
#include <numeric>

#include "market/formats/evidence.h"

namespace pawl::market::formats {

namespace {

std::string clock_text(DurationMs of_day) {
  return fmt::format("{:02}:{:02}", of_day / kHourMs, of_day % kHourMs / kMinuteMs);
}

LocalMs day_of(LocalMs local) {
  return local >= 0 ? local / kDayMs : (local - kDayMs + 1) / kDayMs;
}

// The value that most have; of two, the earlier.
DurationMs most_common(const std::map<DurationMs, std::size_t>& counts) {
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

struct Session {
  DurationMs from, to;
};
constexpr std::array<Session, 2> kNewYork = {
    {{9 * kHourMs + 30 * kMinuteMs, 16 * kHourMs}, {4 * kHourMs, 20 * kHourMs}}};

}  // namespace

SpacingEvidence find_spacing(std::span<const ScannedRow> rows) {
  SpacingEvidence evidence;
  std::map<DurationMs, std::size_t> steps;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const DurationMs step = rows[i].stamp.local - rows[i - 1].stamp.local;
    if (step > 0) ++steps[step];
  }
  if (steps.empty()) {
    evidence.why = "there are too few rows to see how far apart bars are";
    return evidence;
  }
  const DurationMs usual = most_common(steps);
  std::size_t total = 0, multiples = 0;
  for (const auto& [step, count] : steps) {
    total += count;
    multiples += step % usual == 0 ? count : 0;
  }
  evidence.why =
      fmt::format("{} of {} steps from row to row are {}", steps[usual], total, format_duration(usual));
  if (usual % kMinuteMs != 0 || usual > 7 * kDayMs) return evidence;
  const auto timeframe = Timeframe::parse(fmt::format("{}m", usual / kMinuteMs));
  // One or two steps could be gaps as well as bars.
  const bool enough = steps[usual] >= 3 || (total == steps[usual] && total >= 2);
  // A summer's hour moves days and H4 bars on a clock of their own.
  const bool regular = multiples * 20 >= total * 19 || (usual > kHourMs && steps[usual] * 4 >= total * 3);
  if (timeframe && enough && regular) evidence.timeframe = *timeframe;
  return evidence;
}

DayEvidence find_days(std::span<const ScannedRow> rows, Timeframe timeframe) {
  DayEvidence evidence;
  if (rows.empty() || timeframe >= kD1) return evidence;
  std::map<DurationMs, std::size_t> firsts, lasts;
  std::map<DurationMs, double> busy;  // by half hour
  std::size_t weekend_rows = 0;
  double traded = 0;
  for (const ScannedRow& row : rows) traded += row.volume;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const LocalMs local = rows[i].stamp.local, day = day_of(local);
    const DurationMs of_day = local - day * kDayMs;
    if (i == 0 || day_of(rows[i - 1].stamp.local) != day) ++firsts[of_day];
    if (i + 1 == rows.size() || day_of(rows[i + 1].stamp.local) != day) ++lasts[of_day];
    busy[of_day / (30 * kMinuteMs)] +=
        traded > 0 ? rows[i].volume : (rows[i].high - rows[i].low) / rows[i].close;
    const int weekday = civil_from_time(local).weekday;
    weekend_rows += weekday == 0 || weekday == 6 ? 1 : 0;
  }
  const DurationMs first = most_common(firsts), last = most_common(lasts), length = timeframe.duration_ms();
  std::vector<std::pair<double, DurationMs>> by_trade;
  for (const auto& [half_hour, amount] : busy) by_trade.emplace_back(-amount, half_hour * 30 * kMinuteMs);
  std::sort(by_trade.begin(), by_trade.end());
  by_trade.resize(std::min<std::size_t>(by_trade.size(), 3));
  std::string busiest;
  bool rings = false;  // the bell of the morning, which no other hour is as loud as
  for (const auto& [amount, half_hour] : by_trade) {
    busiest += (busiest.empty() ? "" : ", ") + clock_text(half_hour);
    rings = rings || half_hour == kNewYork[0].from;
  }
  evidence.around_the_clock = weekend_rows * 10 > rows.size() * 2;
  evidence.text = fmt::format("days begin at {} and end at {}; the busiest half hours begin at {}",
                              clock_text(first), clock_text(last), busiest);
  for (const Session& session : kNewYork) {
    const bool extended = session.from != kNewYork[0].from;
    if (evidence.new_york_session || (extended && !rings) || weekend_rows > 0) continue;
    const bool opens = first == session.from && last + length == session.to;
    const bool closes = first == session.from + length && last == session.to;
    if (!opens && !closes) continue;
    evidence.new_york_session = true;
    evidence.time_is = opens ? TimeIs::open : TimeIs::close;
  }
  return evidence;
}

}  // namespace pawl::market::formats
