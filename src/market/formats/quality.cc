#include "market/formats/quality.h"

#include <algorithm>
#include <cmath>

#include "market/formats/nyse_days.h"

namespace pawl::market::formats {

namespace {

std::string date_text(TimeMs time) {
  return format_time(time).substr(0, 10);
}

bool same_prices(const BarSeries& bars, std::size_t a, std::size_t b) {
  return bars.open(a) == bars.open(b) && bars.high(a) == bars.high(b) && bars.low(a) == bars.low(b) &&
         bars.close(a) == bars.close(b);
}

// The dates, at midnight UTC, on which there are bars: in New York for intraday ones.
std::vector<TimeMs> dates_of(const BarSeries& bars, Timeframe timeframe) {
  const auto new_york = TimeZone::find("America/New_York");
  std::vector<TimeMs> dates;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    // A day's middle has its date, wherever on the clock the day begins.
    TimeMs at = timeframe >= kD1 ? bars.open_time(i) + (bars.close_time(i) - bars.open_time(i)) / 2
                                 : bars.open_time(i);
    if (timeframe < kD1 && new_york) at += new_york->offset_at(at);
    at -= ((at % kDayMs) + kDayMs) % kDayMs;
    if (dates.empty() || dates.back() != at) dates.push_back(at);
  }
  return dates;
}

// Whether bars keep the hours of New York's shares: none outside 04:00 to 20:00, and none at weekends.
bool keeps_share_hours(const BarSeries& bars) {
  const auto new_york = TimeZone::find("America/New_York");
  if (!new_york) return false;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const CivilTime local = new_york->to_local(bars.open_time(i));
    if (local.hour < 4 || local.hour >= 20 || local.weekday == 0 || local.weekday == 6) return false;
  }
  return true;
}

}  // namespace

std::optional<QualityFlag> closed_days(const BarSeries& bars, const Symbol& symbol, Timeframe timeframe) {
  if (timeframe > kD1 || bars.empty()) return std::nullopt;
  if (symbol.canonical().find('_') != std::string::npos) return std::nullopt;  // currencies and crypto
  const std::vector<TimeMs> dates = dates_of(bars, timeframe);
  std::int64_t kept = 0;
  std::string traded;
  std::int64_t count = 0;
  for (TimeMs day = dates.front(); day <= dates.back(); day += kDayMs) {
    const std::string_view holiday = nyse_holiday(day);
    if (holiday.empty()) continue;
    if (!std::binary_search(dates.begin(), dates.end(), day)) {
      ++kept;
      continue;
    }
    if (++count <= 4) traded += fmt::format("{}{} ({})", traded.empty() ? "" : ", ", date_text(day), holiday);
  }
  if (count == 0) return std::nullopt;
  // A market that keeps other holidays is another market.
  const bool shares = timeframe < kD1 ? keeps_share_hours(bars) && kept * 3 >= count - 1 : kept > count;
  if (!shares) return std::nullopt;
  return QualityFlag{
      "closed_days", count,
      fmt::format("bars on {} day{} on which the New York Stock Exchange was closed: {}{}; nobody "
                  "traded then, so they are made up",
                  count, count == 1 ? "" : "s", traded, count > 4 ? " …" : "")};
}

std::optional<QualityFlag> copied_bars(const BarSeries& bars, Timeframe timeframe) {
  std::int64_t count = 0;
  std::string where;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const bool moves = bars.high(i) > bars.low(i);
    if (!moves || bars.volume(i) != bars.volume(i - 1) || !same_prices(bars, i, i - 1)) continue;
    // Without volume, quiet markets repeat a small bar now and then.
    if (timeframe < kD1 && bars.volume(i) <= 0) continue;
    if (++count <= 4) {
      where += (where.empty() ? "" : ", ") +
               (timeframe >= kD1 ? date_text(bars.open_time(i)) : format_time(bars.open_time(i)));
    }
  }
  if (count == 0) return std::nullopt;
  return QualityFlag{"copied_bars", count,
                     fmt::format("{} bar{} the bar before to the last digit: {}{}", count,
                                 count == 1 ? " repeats" : "s repeat", where, count > 4 ? " …" : "")};
}

std::optional<QualityFlag> frozen_bars(const BarSeries& bars) {
  constexpr std::size_t kRunMin = 10;
  std::int64_t count = 0;
  std::string where;
  double traded = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) traded += bars.volume(i);
  if (traded <= 0) return std::nullopt;
  for (std::size_t from = 0; from < bars.size();) {
    std::size_t to = from;
    while (to < bars.size() && bars.volume(to) <= 0 && bars.high(to) == bars.low(to) &&
           bars.close(to) == bars.close(from)) {
      ++to;
    }
    if (to - from >= kRunMin) {
      count += static_cast<std::int64_t>(to - from);
      if (where.empty()) {
        where = fmt::format("{} from {} on", to - from, format_time(bars.open_time(from)));
      }
    }
    from = std::max(to, from + 1);
  }
  if (count == 0) return std::nullopt;
  return QualityFlag{"frozen_bars", count,
                     fmt::format("{} bars in runs of {} and more without a trade: {}; the market stood still",
                                 count, kRunMin, where)};
}

std::optional<QualityFlag> flat_bars(const BarSeries& bars) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) count += bars.high(i) == bars.low(i) ? 1 : 0;
  if (count * 5 < static_cast<std::int64_t>(bars.size())) return std::nullopt;
  return QualityFlag{
      "flat_bars", count,
      fmt::format("{} of {} bars have no range: their high is their low, as with few trades a bar", count,
                  bars.size())};
}

std::optional<QualityFlag> price_jumps(const BarSeries& bars, Timeframe timeframe) {
  std::vector<double> moves;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    moves.push_back(std::abs(std::log(bars.close(i) / bars.close(i - 1))));
  }
  if (moves.size() < 30) return std::nullopt;
  std::vector<double> sorted = moves;
  std::sort(sorted.begin(), sorted.end());
  // The upper quartile: with few trades the median move is nothing.
  const double usual = sorted[sorted.size() * 3 / 4];
  const double limit = std::max(25 * usual, timeframe < kD1 ? 0.03 : 0.2);
  std::int64_t count = 0;
  std::string where;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    if (moves[i] <= limit) continue;
    if (++count <= 3) {
      where += fmt::format("{}{} ({:+.1f} %)", where.empty() ? "" : ", ", format_time(bars.open_time(i + 1)),
                           100 * (bars.close(i + 1) / bars.close(i) - 1));
    }
  }
  if (count == 0) return std::nullopt;
  return QualityFlag{
      "price_jumps", count,
      fmt::format("{} close{} over {:.1f} % from the one before, {} times what is usual here: {}{}; a "
                  "split, a wrong print or another unit?",
                  count, count == 1 ? " is" : "s are", 100 * limit,
                  usual > 0 ? fmt::format("{:.0f}", limit / usual) : "many", where, count > 3 ? " …" : "")};
}

std::vector<QualityFlag> check_quality(const BarSeries& bars, const Symbol& symbol, Timeframe timeframe) {
  std::vector<QualityFlag> flags;
  const auto add = [&](std::optional<QualityFlag> flag) {
    if (flag) flags.push_back(std::move(*flag));
  };
  add(closed_days(bars, symbol, timeframe));
  add(copied_bars(bars, timeframe));
  add(generated_bars(bars));
  add(frozen_bars(bars));
  add(flat_bars(bars));
  add(price_jumps(bars, timeframe));
  return flags;
}

}  // namespace pawl::market::formats
