#include "loop/live/quote_bars.h"

#include <algorithm>

#include "base/format.h"

namespace pawl::loop {

std::string QuoteBars::refuse(const Quote& quote, TimeMs now) const {
  const DurationMs stale = recipe_.quotes.stale_after_ms;
  if (stale > 0 && now - quote.at > stale) {
    return fmt::format(
        "the quote is of {}, {} s old, and quotes.stale_after_s allows {}; a stale quote is no quote",
        format_time(quote.at), (now - quote.at) / 1000, stale / 1000);
  }
  const auto known = forming_.find(quote.symbol);
  if (known != forming_.end() && quote.at < known->second.quoted_at) {
    return fmt::format("the quote is of {}, before the last one at {}; send them in order",
                       format_time(quote.at), format_time(known->second.quoted_at));
  }
  if (!recipe_.calendar.trades_within(quote.at, quote.at + 1)) {
    return fmt::format("the market is closed at {} (bars.session is {})", format_time(quote.at),
                       recipe_.calendar.session());
  }
  return {};
}

std::optional<Bar> QuoteBars::take(const Quote& quote) {
  const TimeSpan bucket = recipe_.calendar.bucket(recipe_.base, quote.at);
  Forming fresh{.bar = {.open_time = bucket.from,
                        .close_time = bucket.to,
                        .open = quote.mid,
                        .high = quote.mid,
                        .low = quote.mid,
                        .close = quote.mid},
                .quoted_at = quote.at};
  const auto [at, first] = forming_.try_emplace(quote.symbol, fresh);
  if (first) return std::nullopt;
  Forming& forming = at->second;
  if (forming.bar.open_time == bucket.from) {
    forming.bar.high = std::max(forming.bar.high, quote.mid);
    forming.bar.low = std::min(forming.bar.low, quote.mid);
    forming.bar.close = quote.mid;
    forming.quoted_at = quote.at;
    return std::nullopt;
  }
  const Bar ended = forming.bar;
  forming = fresh;
  return ended;
}

std::vector<std::pair<std::size_t, Bar>> QuoteBars::take_ended(TimeMs now) {
  std::vector<std::pair<std::size_t, Bar>> ended;
  for (auto one = forming_.begin(); one != forming_.end();) {
    if (one->second.bar.close_time > now) {
      ++one;
      continue;
    }
    ended.emplace_back(one->first, one->second.bar);
    one = forming_.erase(one);
  }
  return ended;
}

std::optional<TimeMs> QuoteBars::next_end() const {
  std::optional<TimeMs> next;
  for (const auto& [symbol, forming] : forming_) {
    if (!next || forming.bar.close_time < *next) next = forming.bar.close_time;
  }
  return next;
}

const Bar* QuoteBars::forming(std::size_t symbol) const {
  const auto found = forming_.find(symbol);
  return found == forming_.end() ? nullptr : &found->second.bar;
}

}  // namespace pawl::loop
