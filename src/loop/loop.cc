#include "loop/loop.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

#include "datasets/scoring_columns.h"

namespace pawl::loop {

Result<std::unique_ptr<Loop>> Loop::open(const recipe::Recipe& recipe, const Rooms& rooms,
                                         DecisionLog& decisions, EventObserver observer,
                                         OutsidePoints outside) {
  auto kinds = make_kinds(recipe);
  if (!kinds) return propagate(kinds);
  auto trigger_clock = TriggerClock::make(recipe);
  if (!trigger_clock) return propagate(trigger_clock);
  std::unique_ptr<Loop> loop(new Loop(recipe, rooms, std::move(*kinds), std::move(*trigger_clock), decisions,
                                      std::move(observer), std::move(outside)));
  const auto add_line = [&](const std::vector<Symbol>& symbols) {
    auto line = std::make_unique<BarLine>(recipe, *loop->kinds_.labeller, symbols);
    for (std::size_t i = 0; i < symbols.size(); ++i)
      loop->feeds_.push_back({line.get(), i, loop->lines_.size()});
    loop->lines_.push_back(std::move(line));
  };
  if (recipe.trades.present) {
    auto line = std::make_unique<TradeLine>(recipe);
    loop->trade_line_ = line.get();
    loop->lines_.push_back(std::move(line));
  } else if (recipe.pool) {
    add_line(recipe.symbols);
  } else {
    for (const Symbol& symbol : recipe.symbols) add_line({symbol});
  }
  for (const std::unique_ptr<Line>& line : loop->lines_) {
    loop->triggered_.push_back(line.get());
    if (Status opened = loop->open_line(*line); !opened) return propagate(opened);
  }
  // Made now, so that they follow every bar from here on and hold a checkpoint for every later window.
  for (const Feed& feed : loop->feeds_) {
    if (feed.index != 0) continue;
    if (Status made = feed.line->open_histories(); !made) return propagate(made);
  }
  return loop;
}

Loop::Loop(const recipe::Recipe& recipe, const Rooms& rooms, RunKinds kinds, TriggerClock trigger_clock,
           DecisionLog& decisions, EventObserver observer, OutsidePoints outside)
    : recipe_(recipe),
      rooms_(rooms),
      kinds_(std::move(kinds)),
      trigger_clock_(std::move(trigger_clock)),
      journal_(rooms.store, decisions, std::move(observer)),
      run_maker_(recipe, kinds_, rooms.registry, rooms.executor, journal_),
      joiner_(recipe, std::move(outside)) {}

Status Loop::open_line(Line& line) {
  auto champion = rooms_.registry.champion(line.id());
  if (!champion) return propagate(champion);
  if (!*champion) {
    const TimeMs begun_at = rooms_.opened_at.value_or(now());
    auto baseline = line.baseline(begun_at);
    if (!baseline) return propagate(baseline);
    if (Status added = rooms_.registry.add(*baseline); !added) return added;
    if (Status promoted = rooms_.registry.promote({{.line = line.id(),
                                                    .expected = std::nullopt,
                                                    .to = {0},
                                                    .action = "baseline",
                                                    .reason = baseline->trained_because}},
                                                  begun_at, "pawl");
        !promoted) {
      return promoted;
    }
    champion = VersionNumber{0};
  }
  auto loaded = rooms_.registry.load(line.id(), **champion);
  if (!loaded) return propagate(loaded);
  return line.serve(std::move(*loaded));
}

Status Loop::step(const BarBatch& batch) {
  // What was due before this instant is announced first, at its own time: a swap at 10:30 serves the bar
  // that closes at 11:00.
  if (Status ended = end_due_runs(batch.close_time); !ended) return ended;
  rooms_.clock.advance_to(batch.close_time);
  return as_one([&] { return trade_line_ != nullptr ? step_trades(batch) : step_bars(batch); });
}

Status Loop::as_one(const std::function<Status()>& work) {
  return rooms_.background ? rooms_.store.transaction(work) : work();
}

Status Loop::step_bars(const BarBatch& batch) {
  const std::vector<std::vector<double>> joined = joiner_.join(batch.items);
  const bool history_only = batch.close_time < begin_at_;
  double returns = 0;
  int returned = 0;
  std::vector<std::size_t> lines;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    const Feed& feed = feeds_[batch.items[i].symbol];
    Series& series = feed.line->series(feed.index);
    if (Status taken = take_bar(feed, batch.items[i].bar, joined[i]); !taken) return taken;
    if (const auto value = series.newest_strategy_return()) {
      returns += *value;
      ++returned;
    }
    if (Status settled = settle_outcomes(feed); !settled) return settled;
    for (Shadow* shadow : feed.line->shadows()) {
      if (Status judged = judge_shadow(*feed.line, *shadow, batch.close_time); !judged) return judged;
    }
    if (history_only) continue;
    if (recipe_.quotes.polling_interval_ms == 0) {
      if (Status predicted = predict(feed, batch.close_time); !predicted) return predicted;
    }
    if (lines.empty() || lines.back() != feed.number) lines.push_back(feed.number);
  }
  if (returned > 0) portfolio_returns_.push(returns / returned);
  return check_triggers(lines, batch.close_time, true);
}

Status Loop::expect_next(const Symbol& symbol, TimeMs last_close, const Bar& bar) {
  if (bar.open_time < last_close) {
    return fail(ErrorCode::bad_data,
                "{}: a bar opens at {}, before the last one's close at {}; bars must come in order",
                symbol.given(), format_time(bar.open_time), format_time(last_close));
  }
  if (bar.open_time == last_close || !recipe_.calendar.trades_within(last_close, bar.open_time)) return {};
  return journal_.gap(symbol.canonical(), {last_close, bar.open_time}, bar.known_at());
}

Status Loop::take_bar(const Feed& feed, const Bar& bar, std::span<const double> joined) {
  const Series& series = feed.line->series(feed.index);
  const Symbol& symbol = series.symbol();
  if (!series.bars().empty()) {
    if (Status next = expect_next(symbol, series.bars().back().close_time, bar); !next) return next;
  }
  if (Status stored = journal_.bar(symbol.canonical(), recipe_.base, bar, joined); !stored) return stored;
  feed.line->append(feed.index, bar, joined);
  return {};
}

Status Loop::settle_outcomes(const Feed& feed) {
  BarLine& line = *feed.line;
  Series& series = feed.line->series(feed.index);
  for (const Outcome& outcome : series.open_predictions.settle(series.bars())) {
    if (Status stored = journal_.outcome(outcome); !stored) return stored;
    line.performance.add(outcome);
    for (Shadow* shadow : line.shadows()) {
      shadow->watch.settle(outcome, line.costs().round_trip(outcome.entry_price));
    }
    series.tally.add(outcome, line.costs());
    line.drift.settle(outcome);
    if (outcome.side != Side::hold) line.signal_since_check = true;
  }
  return {};
}

Status Loop::predict(const Feed& feed, TimeMs now) {
  Series& series = feed.line->series(feed.index);
  const datasets::FeatureHistory& features = series.live_features();
  if (!features.last_ready()) return {};
  const BarSeries& bars = series.bars();
  if (!datasets::predictable(recipe_.calendar, bars, bars.size() - 1, kinds_.labeller->within_session()))
    return {};
  const Bar bar = bars.back();
  const serving::LiveModel::Handle version = feed.line->live();
  Prediction prediction = serving::predict(*version, features.last_row(), recipe_.signal);
  if (!series.signal_allowed()) prediction.side = Side::hold;
  prediction.symbol = series.symbol().canonical();
  prediction.bar_open_time = bar.open_time;
  prediction.known_at = now;
  if (Status stored = journal_.prediction(prediction); !stored) return stored;
  series.open_predictions.add(prediction, series.bars().size() - 1);
  series.remember_side(prediction.side);
  ask_shadows(feed, prediction);
  return watch_drift(*feed.line, prediction, features.last_row());
}

Status Loop::tick(TimeMs now) {
  if (Status ended = end_due_runs(now); !ended) return ended;
  rooms_.clock.advance_to(now);
  return as_one([&] { return look(now); });
}

Status Loop::look(TimeMs now) {
  if (trade_line_ != nullptr) {
    if (Status settled = settle_late(now); !settled) return settled;
  }
  if (now < begin_at_) return {};
  if (recipe_.quotes.polling_interval_ms > 0) {
    if (Status polled = poll_quotes(now); !polled) return polled;
  }
  std::vector<std::size_t> lines(lines_.size());
  std::iota(lines.begin(), lines.end(), std::size_t{0});
  return check_triggers(lines, now, false);
}

// A quote is the newest close, as old as its bar. One that is older than the recipe allows is no quote, and
// outside the market's sessions nobody asks.
Status Loop::poll_quotes(TimeMs now) {
  const recipe::QuoteSettings& quotes = recipe_.quotes;
  for (const Feed& feed : feeds_) {
    Series& series = feed.line->series(feed.index);
    if (now % quotes.polling_interval_ms != 0 || series.bars().empty()) continue;
    const TimeMs quoted_at = series.bars().back().close_time;
    if (!recipe_.calendar.trades_within(now - 1, now)) continue;
    if (now - quoted_at > quotes.stale_after_ms) {
      if (std::exchange(series.stale_quote_told, true)) continue;
      const Status told =
          journal_.event("stale_quote", feed.line->id(), now,
                         {{"symbol", series.symbol().canonical()}, {"quoted_at", format_time(quoted_at)}});
      if (!told) return told;
      continue;
    }
    series.stale_quote_told = false;
    if (series.sides().back()) continue;  // predicted from that bar already
    if (Status predicted = predict(feed, now); !predicted) return predicted;
  }
  return {};
}

std::optional<TimeMs> Loop::next_tick(TimeMs after) const {
  std::optional<TimeMs> next = next_schedule(after);
  const recipe::QuoteSettings& quotes = recipe_.quotes;
  if (quotes.polling_interval_ms > 0) {
    // Past the last bar's age limit a quote can only be stale once more: then nothing until a bar comes.
    TimeMs newest = std::numeric_limits<TimeMs>::min();
    for (const Feed& feed : feeds_) {
      const BarSeries& bars = feed.line->series(feed.index).bars();
      if (!bars.empty()) newest = std::max(newest, bars.back().close_time);
    }
    const TimeMs poll = (after / quotes.polling_interval_ms + 1) * quotes.polling_interval_ms;
    if (newest != std::numeric_limits<TimeMs>::min() &&
        poll <= newest + quotes.stale_after_ms + quotes.polling_interval_ms && (!next || poll < *next)) {
      next = poll;
    }
  }
  return next;
}

Status Loop::end_due_runs(TimeMs now) {
  while (!pending_.empty() && pending_.front().due <= now) {
    PendingRun run = std::move(pending_.front());
    pending_.erase(pending_.begin());
    rooms_.clock.advance_to(run.due);
    if (Status ended = end_run(std::move(run)); !ended) return ended;
  }
  return {};
}

Status Loop::drain() {
  if (Status ended = end_due_runs(std::numeric_limits<TimeMs>::max()); !ended) return ended;
  return rooms_.store.flush();
}

}  // namespace pawl::loop
