// Quotes that are sent one by one, and the bars that they become.
#include "loop/live/live.h"

namespace pawl::loop {

namespace {
// A forming bar is made again from so many of the newest events at most: days of quotes.
constexpr std::int64_t kLookBack = 50'000;
constexpr std::size_t kPage = 10'000;
}  // namespace

Status Live::restore_quotes() {
  quotes_.emplace(recipe_);
  if (loop_->trade_line() != nullptr) return {};
  const auto last = store_->events().last_seq();
  if (!last) return propagate(last);
  for (std::int64_t cursor = std::max<std::int64_t>(0, *last - kLookBack);;) {
    const auto page = store_->events().read_after(cursor, kPage, "quote");
    if (!page) return propagate(page);
    if (page->empty()) return {};
    cursor = page->back().ingest_seq;
    for (const Event& event : *page) {
      const auto payload = parse_json(event.payload);
      if (!payload) return propagate(payload);
      const auto mid = json_double(*payload, "mid");
      const auto at = json_string(*payload, "at");
      if (!mid || !at) continue;
      const auto time = parse_time(*at);
      for (std::size_t i = 0; time && i < recipe_.symbols.size(); ++i) {
        if (recipe_.symbols[i].canonical() != event.line) continue;
        const BarSeries& bars = loop_->series(i).bars();
        if (bars.empty() || *time >= bars.back().close_time) {
          // A bar that ended while nobody ran was never handed over: it is, with the next step.
          if (const auto ended = quotes_->take({i, *time, *mid})) late_.push_back({i, *ended, "quotes"});
        }
      }
    }
  }
}

Result<PushReport> Live::push_quote(const Quote& quote) {
  if (loop_->trade_line() != nullptr || (pacer_ && pacer_->bars_left() > 0)) {
    return fail(ErrorCode::conflict,
                "quotes are taken where a recipe predicts markets and no recorded bars are played");
  }
  constexpr DurationMs kClockTolerance = 5'000;
  if (quote.at > time_.newest_close() + kClockTolerance) {
    return fail(ErrorCode::bad_data, "time: {} has not come yet", format_time(quote.at));
  }
  const BarSeries& bars = loop_->series(quote.symbol).bars();
  if (!bars.empty() && quote.at < bars.back().close_time) {
    return fail(ErrorCode::conflict, "time: {} lies before the close of the newest bar, {}",
                format_time(quote.at), format_time(bars.back().close_time));
  }
  time_.bar_came(quote.at);
  if (const std::string why = quotes_->refuse(quote, now()); !why.empty()) {
    return fail(ErrorCode::bad_data, "{}", why);
  }
  if (Status told = loop_->note_quote(recipe_.symbols[quote.symbol], quote.at, quote.mid); !told) {
    fail_step(told.error());
    return propagate(told);
  }
  const auto ended = quotes_->take(quote);
  if (!ended) return PushReport{};
  return push_bars({{quote.symbol, *ended, "quotes"}}, {.accept_gap = true});
}

Status Live::feed_quotes() {
  std::vector<PushedBar> ended;
  ended.swap(late_);
  for (const auto& [symbol, bar] : quotes_->take_ended(now() - settings_.tick_grace_ms)) {
    ended.push_back({symbol, bar, "quotes"});
  }
  if (ended.empty()) return {};
  const auto pushed = push_bars(std::move(ended), {.accept_gap = true});
  return pushed ? Status() : propagate(pushed);
}

}  // namespace pawl::loop
