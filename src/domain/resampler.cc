#include "domain/resampler.h"

#include <algorithm>
#include <cassert>

namespace pawl {

Resampler::Resampler(Timeframe to, MarketCalendar calendar) : to_(to), calendar_(std::move(calendar)) {}

Resampler::Closed Resampler::push(const Bar& bar) {
  Closed closed;
  if (forming_ && bar.open_time >= forming_->close_time) {
    closed.first = forming_;
    forming_.reset();
  }
  if (!forming_) {
    const TimeSpan span = calendar_.bucket(to_, bar.open_time);
    forming_ = bar;
    forming_->open_time = span.from;
    forming_->close_time = span.to;
  } else {
    forming_->high = std::max(forming_->high, bar.high);
    forming_->low = std::min(forming_->low, bar.low);
    forming_->close = bar.close;
    forming_->volume += bar.volume;
  }
  assert(bar.close_time <= forming_->close_time);
  if (bar.close_time >= forming_->close_time) {
    closed.second = forming_;
    forming_.reset();
  }
  return closed;
}

void Resampler::save(ByteWriter& out) const {
  out.u8(forming_ ? 1 : 0);
  if (!forming_) return;
  out.i64(forming_->open_time);
  out.i64(forming_->close_time);
  for (const double value :
       {forming_->open, forming_->high, forming_->low, forming_->close, forming_->volume}) {
    out.f64(value);
  }
}

Status Resampler::load(ByteReader& in) {
  const std::uint8_t has_bar = in.u8();
  if (!in.ok() || has_bar > 1) return fail(ErrorCode::corrupt, "a resampler's state is cut short or damaged");
  if (has_bar == 0) {
    forming_.reset();
    return {};
  }
  Bar bar;
  bar.open_time = in.i64();
  bar.close_time = in.i64();
  for (double* value : {&bar.open, &bar.high, &bar.low, &bar.close, &bar.volume}) *value = in.f64();
  if (!in.ok() || find_fault(bar).any()) {
    return fail(ErrorCode::corrupt, "a resampler's state is cut short or damaged");
  }
  const TimeSpan span = calendar_.bucket(to_, bar.open_time);
  if (span.from != bar.open_time || span.to != bar.close_time) {
    return fail(ErrorCode::corrupt, "a resampler's state is of another timeframe or calendar than {} at {}",
                to_.name(), calendar_.calendar().day_anchor());
  }
  forming_ = bar;
  return {};
}

BarSeries resample(const BarSeries& bars, Timeframe to, const MarketCalendar& calendar) {
  Resampler resampler(to, calendar);
  BarSeries higher;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Resampler::Closed closed = resampler.push(bars[i]);
    if (closed.first) higher.append(*closed.first);
    if (closed.second) higher.append(*closed.second);
  }
  return higher;
}

}  // namespace pawl
