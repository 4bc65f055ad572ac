// What others may ask of a live loop: bars, retrains, pointers moved by hand.
#include <algorithm>
#include <map>
#include <utility>

#include "loop/live/live.h"

namespace pawl::loop {

namespace {

// Which bar of a series opens then; nothing where none does.
std::optional<Bar> find_bar(const BarSeries& bars, TimeMs open_time) {
  const std::size_t index = bars.count_opened_before(open_time);
  if (index == bars.size() || bars.open_time(index) != open_time) return std::nullopt;
  return bars[index];
}

}  // namespace

std::optional<TimeMs> Live::last_close(std::size_t symbol) const {
  if (const TradeLine* filter = loop_->trade_line()) return filter->last_bar_close(symbol);
  const BarSeries& bars = loop_->series(symbol).bars();
  return bars.empty() ? std::nullopt : std::optional(bars.back().close_time);
}

Result<std::optional<Bar>> Live::known_bar(std::size_t symbol, TimeMs open_time) {
  if (loop_->trade_line() == nullptr) return find_bar(loop_->series(symbol).bars(), open_time);
  // A trade filter keeps no bars: they only end the signals that are followed on paper.
  const auto stored = store_->bars().read(recipe_.symbols[symbol].canonical(), recipe_.base, open_time,
                                          open_time + 1, store::BarStore::Revision::first);
  if (!stored) return propagate(stored);
  return stored->empty() ? std::nullopt : std::optional(stored->back());
}

Status Live::revise(const PushedBar& pushed, PushReport& report) {
  const std::string& symbol = recipe_.symbols[pushed.symbol].canonical();
  const auto asked = known_bar(pushed.symbol, pushed.bar.open_time);
  if (!asked) {
    fail_step(asked.error());
    return propagate(asked);
  }
  const std::optional<Bar>& known = *asked;
  if (!known) {
    return fail(ErrorCode::conflict,
                "{}: {} has bars that close at {} and none that opens at {}; what lies before the newest one "
                "can no longer be put in between",
                pushed.place, recipe_.symbols[pushed.symbol].given(),
                format_time(last_close(pushed.symbol).value_or(0)), format_time(pushed.bar.open_time));
  }
  if (*known == pushed.bar) {
    ++report.duplicates;
    return {};
  }
  // Kept beside the first, which is what was predicted from. Joined values cannot be told again here.
  if (recipe_.outside.empty()) {
    auto appended = store_->bars().append(symbol, recipe_.base, std::span(&pushed.bar, 1), now());
    if (!appended) {
      fail_step(appended.error());
      return propagate(appended);
    }
  }
  ++report.revised;
  return {};
}

// Everything that can be wrong with bars is found before the first of them is taken. Leaves those that are
// new, in time order.
Status Live::check_pushed(std::vector<PushedBar>& bars, const PushOptions& options, PushReport& report) {
  for (PushedBar& pushed : bars) {
    Bar& bar = pushed.bar;
    const TimeSpan bucket = recipe_.calendar.bucket(recipe_.base, bar.open_time);
    if (bucket.from != bar.open_time) {
      return fail(ErrorCode::bad_data,
                  "{}: {} is not where a {} bar opens; the one around it opens at {} (bars.day_anchor is {})",
                  pushed.place, format_time(bar.open_time), recipe_.base.name(), format_time(bucket.from),
                  recipe_.calendar.day_anchor());
    }
    bar.close_time = bucket.to;
    if (const BarFault fault = find_fault(bar); fault.any()) {
      return fail(ErrorCode::bad_data, "{}: {}: {}", pushed.place, fault.field, fault.reason);
    }
    constexpr DurationMs kClockTolerance = 5'000;
    if (bar.close_time > time_.newest_close() + kClockTolerance) {
      return fail(ErrorCode::bad_data,
                  "{}: this bar closes at {}, which has not come yet; send bars once they have closed",
                  pushed.place, format_time(bar.close_time));
    }
  }
  std::stable_sort(bars.begin(), bars.end(), [](const PushedBar& a, const PushedBar& b) {
    return std::pair(a.bar.close_time, a.symbol) < std::pair(b.bar.close_time, b.symbol);
  });
  std::map<std::size_t, TimeMs> reached;
  std::vector<PushedBar> fresh;
  for (PushedBar& pushed : bars) {
    const std::optional<TimeMs> known = last_close(pushed.symbol);
    if (known && pushed.bar.open_time < *known) {
      if (Status revised = revise(pushed, report); !revised) return revised;
      continue;
    }
    const auto [last, first_of_symbol] =
        reached.try_emplace(pushed.symbol, known.value_or(pushed.bar.open_time));
    if (pushed.bar.open_time < last->second) {
      return fail(ErrorCode::bad_data, "{}: another bar of {} opens at {} too", pushed.place,
                  recipe_.symbols[pushed.symbol].given(), format_time(pushed.bar.open_time));
    }
    if (pushed.bar.open_time > last->second &&
        recipe_.calendar.trades_within(last->second, pushed.bar.open_time)) {
      std::string gap =
          fmt::format("{}: bars from {} to {} are missing", recipe_.symbols[pushed.symbol].given(),
                      format_time(last->second), format_time(pushed.bar.open_time));
      if (!options.accept_gap) {
        return fail(ErrorCode::conflict,
                    "{}: {}; send them with this one, oldest first, or say \"accept_gap\":true where there "
                    "are none",
                    pushed.place, gap);
      }
      report.gaps.push_back(std::move(gap));
    }
    last->second = pushed.bar.close_time;
    fresh.push_back(std::move(pushed));
  }
  bars = std::move(fresh);
  return {};
}

Result<PushReport> Live::push_bars(std::vector<PushedBar> bars, const PushOptions& options) {
  if (pacer_ && pacer_->bars_left() > 0) {
    return fail(ErrorCode::conflict,
                "recorded bars are being played ({} are left), so none are taken from outside; start pawl "
                "with --source push for that",
                pacer_->bars_left());
  }
  PushReport report;
  if (Status fine = check_pushed(bars, options, report); !fine) return propagate(fine);
  if (bars.empty()) return report;
  const TimeMs newest = bars.back().bar.close_time;
  time_.bar_came(newest);
  const std::size_t first_event = fresh_.size();
  for (std::size_t i = 0; i < bars.size();) {
    BarBatch batch;
    batch.close_time = bars[i].bar.close_time;
    for (; i < bars.size() && bars[i].bar.close_time == batch.close_time; ++i) {
      batch.items.push_back({bars[i].symbol, bars[i].bar});
    }
    if (!options.predict_all) loop_->begin_at(newest);
    if (Status stepped = loop_->step(batch); !stepped) {
      fail_step(stepped.error());
      return propagate(stepped);
    }
    report.added += static_cast<std::int64_t>(batch.items.size());
  }
  // What was predicted stands in the events of this very call.
  for (std::size_t i = first_event; i < fresh_.size(); ++i) {
    if (fresh_[i].kind != "prediction") continue;
    const auto payload = parse_json(fresh_[i].payload);
    if (!payload) continue;
    const auto id = json_int(*payload, "id");
    auto found = store_->predictions().read_after(id.value_or(0) - 1, 1);
    if (!found || found->empty()) continue;
    report.predictions.push_back(std::move(found->front()));
  }
  return report;
}

Result<std::vector<std::int64_t>> Live::request(const std::vector<std::size_t>& wanted,
                                                std::string_view reason, bool full, bool force) {
  const std::vector<std::unique_ptr<Line>>& lines = loop_->lines();
  const auto of_ours = [&](std::size_t line) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), line) != wanted.end();
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!of_ours(i)) continue;
    if (lines[i]->busy) {
      return fail(ErrorCode::conflict, "{} is being trained already; wait for that run to end",
                  lines[i]->id());
    }
    if (lines[i]->data_count() == 0 && !recipe_.group) {
      return fail(ErrorCode::insufficient_data, "{}: nothing is known yet to learn from", lines[i]->id());
    }
    const auto held = registry_->holds(lines[i]->id(), now());
    if (!held) return propagate(held);
    if (*held && !recipe_.group) {
      return fail(ErrorCode::conflict, "{} holds after a rollback; release it first", lines[i]->id());
    }
  }
  // Said before anything is asked for: a wish that cannot be granted now is not kept for later.
  std::string why;
  bool any = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!of_ours(i)) continue;
    const std::string own = loop_->why_ineligible(i, now());
    any = any || own.empty();
    if (!own.empty()) why += fmt::format("{}{}: {}", why.empty() ? "" : "; ", lines[i]->name(), own);
  }
  if (!any) return fail(ErrorCode::insufficient_data, "{}", why);
  const std::size_t before = fresh_.size();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!of_ours(i)) continue;
    if (Status asked = loop_->request(lines[i]->id(), reason, full, force); !asked) {
      fail_step(asked.error());
      return propagate(asked);
    }
  }
  if (Status looked = loop_->tick(std::max(loop_->now(), pacer_ ? loop_->now() : now())); !looked) {
    fail_step(looked.error());
    return propagate(looked);
  }
  std::vector<std::int64_t> runs;
  for (std::size_t i = before; i < fresh_.size(); ++i) {
    const auto payload = parse_json(fresh_[i].payload);
    if (!payload) continue;
    if (fresh_[i].kind == "deferred") {
      return fail(ErrorCode::insufficient_data, "{}", payload->value("why", std::string("too few rows")));
    }
    if (fresh_[i].kind != "trigger") continue;
    if (const auto run = json_int(*payload, "run")) runs.push_back(*run);
  }
  return runs;
}

Result<VersionNumber> Live::promote(const HandMove& move) {
  auto moved = loop_->promote_by_hand(move.line, *move.to, move.force, move.reason, move.actor, now());
  if (!moved && (moved.error().code == ErrorCode::io || moved.error().code == ErrorCode::internal)) {
    fail_step(moved.error());
  }
  if (!moved) return propagate(moved);
  return *move.to;
}

Result<VersionNumber> Live::roll_back(const HandMove& move) {
  auto moved = loop_->roll_back_by_hand(move.line, move.to, move.hold_until, move.reason, move.actor, now());
  if (!moved && (moved.error().code == ErrorCode::io || moved.error().code == ErrorCode::internal)) {
    fail_step(moved.error());
  }
  return moved;
}

Status Live::release(std::size_t line, std::string_view actor) {
  return loop_->release_by_hand(line, actor, now());
}

}  // namespace pawl::loop
