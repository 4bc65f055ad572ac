#include "features/levels/market_day.h"

#include <algorithm>

#include "features/kinds/step.h"

namespace pawl::features {

MarketDay::MarketDay(MarketCalendar calendar)
    : calendar_(std::move(calendar)),
      today_{kMissing, kMissing, kMissing},
      prior_{kMissing, kMissing, kMissing} {}

void MarketDay::update(const BarBlock& bars, std::size_t i) {
  const TimeMs open_time = bars.open_time[i];
  const bool is_first_bar = from_ == to_;
  just_begun_ = is_first_bar || open_time >= to_;
  if (just_begun_) {
    prior_ = whole_ ? today_ : DayRange{kMissing, kMissing, kMissing};
    const TimeSpan day = calendar_.day(open_time);
    from_ = day.from;
    to_ = day.to;
    // Nothing of the day is missing before the first bar where the market was closed until then.
    whole_ = !is_first_bar || !calendar_.trades_within(from_, open_time);
    today_ = {.high = bars.high[i], .low = bars.low[i], .close = bars.close[i]};
    traded_ = volume_ = 0;
  }
  today_.high = larger(today_.high, bars.high[i]);
  today_.low = -larger(-today_.low, -bars.low[i]);
  today_.close = bars.close[i];
  traded_ += (bars.high[i] + bars.low[i] + bars.close[i]) / 3 * bars.volume[i];
  volume_ += bars.volume[i];
}

double MarketDay::high() const {
  return whole_ ? today_.high : kMissing;
}
double MarketDay::low() const {
  return whole_ ? today_.low : kMissing;
}
double MarketDay::vwap() const {
  return whole_ ? quotient(traded_, volume_) : kMissing;
}

void MarketDay::save(ByteWriter& out) const {
  out.i64(from_);
  out.i64(to_);
  out.u8(just_begun_ ? 1 : 0);
  out.u8(whole_ ? 1 : 0);
  for (const DayRange* day : {&today_, &prior_}) {
    for (const double value : {day->high, day->low, day->close}) out.f64(value);
  }
  out.f64(traded_);
  out.f64(volume_);
}

bool MarketDay::load(ByteReader& in) {
  from_ = in.i64();
  to_ = in.i64();
  just_begun_ = in.u8() != 0;
  whole_ = in.u8() != 0;
  for (DayRange* day : {&today_, &prior_}) {
    for (double* value : {&day->high, &day->low, &day->close}) *value = in.f64();
  }
  traded_ = in.f64();
  volume_ = in.f64();
  return from_ <= to_;
}

FloorPivots floor_pivots(const DayRange& day) {
  const double p = (day.high + day.low + day.close) / 3, range = day.high - day.low;
  return {.p = p, .r1 = 2 * p - day.low, .s1 = 2 * p - day.high, .r2 = p + range, .s2 = p - range};
}

std::size_t most_bars_a_day(const Market& market) {
  if (market.timeframe >= kD1) return 1;
  constexpr TimeMs kSomeWednesday = 1704888000000;  // 2024-01-10T12:00Z, far from any change of clocks
  CalendarCursor cursor(market.calendar);
  const TimeSpan day = cursor.bucket(kD1, kSomeWednesday);
  std::size_t count = 0;
  for (TimeMs time = day.from; time < day.to;) {
    const TimeMs end = cursor.bucket(market.timeframe, time).to;
    count += market.calendar.trades_within(time, end) ? 1 : 0;
    time = end;
  }
  // A day on which the clock is put back has an hour more, where the market trades through the night.
  const bool around_the_clock =
      market.calendar.session() == "always" || market.calendar.session() == "weekdays";
  if (around_the_clock && market.calendar.zone().name() != "UTC") {
    count += static_cast<std::size_t>((59 + market.timeframe.minutes()) / market.timeframe.minutes());
  }
  return std::max<std::size_t>(count, 1);
}

}  // namespace pawl::features
