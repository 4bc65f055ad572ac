// A data folder's past, read back: what a new process must know before the next bar comes.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "loop/loop.h"
#include "loop/outside_columns.h"
#include "loop/remembered_contest.h"

namespace pawl::loop {

namespace {
constexpr std::size_t kPage = 10'000;
constexpr TimeMs kBeginning = std::numeric_limits<TimeMs>::min();
constexpr TimeMs kEnd = std::numeric_limits<TimeMs>::max();
}  // namespace

Status Loop::restore(const ProgressSink& progress) {
  if (Status same = expect_outside_columns(recipe_, rooms_.store); !same) return same;
  for (const std::unique_ptr<Line>& line : lines_) {
    if (Status clocks = restore_clocks(*line); !clocks) return within(line->id(), clocks.error());
    if (Status deferral = restore_deferral(*line); !deferral) return within(line->id(), deferral.error());
    // What was told since the last look is not known; looking once more does no harm.
    line->signal_since_check = true;
    if (line->last_retrain_at) line->performance.mark_retrain(*line->last_retrain_at);
  }
  for (std::size_t symbol = 0; symbol < feeds_.size(); ++symbol) {
    const Feed& feed = feeds_[symbol];
    if (Status restored = restore_series(*feed.line, feed.index, progress); !restored) {
      return within(feed.line->id(), restored.error());
    }
    // What is joined to the next bars follows these ones too: breadth, and what is read of other markets.
    const BarSeries& bars = series(symbol).bars();
    for (std::size_t i = 0; i < bars.size() && !recipe_.outside.empty(); ++i) {
      joiner_.remember({symbol, bars[i]});
    }
  }
  if (trade_line_ != nullptr) {
    if (Status restored = restore_trades(progress); !restored) {
      return within(trade_line_->id(), restored.error());
    }
  }
  for (const std::unique_ptr<Line>& line : lines_) {
    // A schedule that came due since then is caught up once, at the first event.
    if (line->data_count() > 0) {
      // One that came due with the very last bar may not have been looked at any more.
      const bool looked = line->last_attempt_at && *line->last_attempt_at >= line->newest_known_at();
      line->last_checked_at = line->newest_known_at() - (looked ? 0 : 1);
      rooms_.clock.advance_to(line->newest_known_at());
    }
    if (Status versions = restore_versions(*line); !versions) return within(line->id(), versions.error());
    if (trade_line_ != nullptr || line->data_count() == 0) continue;
    // Other lines than a trade filter's learn from bars.
    if (Status shadow = restore_shadows(static_cast<BarLine&>(*line)); !shadow)
      return within(line->id(), shadow.error());
  }
  // Triggers of a trade filter look when a bar closes or the clock ticks, not when a trade is reported.
  if (trade_line_ != nullptr && trade_line_->data_count() > 0) {
    if (const auto newest = trade_line_->newest_bar_close()) trade_line_->last_checked_at = newest;
  }
  return restore_drift();
}

namespace {

// A line's predictions by the bar they were made at, each with its outcome where it has one.
struct Logged {
  Prediction prediction;
  std::optional<Outcome> outcome;
};

Result<std::map<TimeMs, Logged>> read_logged(store::Store& store, const LineId& line,
                                             const std::string& symbol) {
  std::map<TimeMs, Logged> logged;
  std::map<std::int64_t, TimeMs> bar_of;
  for (std::int64_t cursor = 0;;) {
    auto page = store.predictions().read_after(cursor, kPage, line);
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().id;
    for (Prediction& prediction : *page) {
      if (prediction.symbol != symbol) continue;  // of another market of a pooled line
      const TimeMs bar = prediction.bar_open_time;
      bar_of[prediction.id] = bar;
      logged[bar].prediction = std::move(prediction);
    }
  }
  for (std::int64_t cursor = 0;;) {
    auto page = store.outcomes().read_after(cursor, kPage, line);
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().prediction_id;
    for (Outcome& outcome : *page) {
      const auto bar = bar_of.find(outcome.prediction_id);
      if (bar == bar_of.end()) continue;
      Logged& entry = logged[bar->second];
      outcome.predicted_at = entry.prediction.known_at;
      entry.outcome = std::move(outcome);
    }
  }
  return logged;
}

}  // namespace

Status Loop::restore_series(BarLine& line, std::size_t index, const ProgressSink& progress) {
  Series& series = line.series(index);
  const std::string& symbol = series.symbol().canonical();
  auto bars =
      rooms_.store.bars().read(symbol, recipe_.base, kBeginning, kEnd, store::BarStore::Revision::first);
  if (!bars) return propagate(bars);
  if (!bars->empty() && bars->joined_columns() != recipe_.outside.size()) {
    return fail(
        ErrorCode::conflict,
        "the stored bars of {} were joined with {} outside series and the recipe has {}; go back to the "
        "recipe that they came with, or begin anew with another data folder",
        symbol, bars->joined_columns(), recipe_.outside.size());
  }
  auto logged = read_logged(rooms_.store, line.id(), symbol);
  if (!logged) return propagate(logged);
  std::vector<double> joined(bars->joined_columns());
  for (std::size_t i = 0; i < bars->size(); ++i) {
    for (std::size_t k = 0; k < joined.size(); ++k) joined[k] = bars->joined(k, i);
    line.append(index, (*bars)[i], joined);
    series.newest_strategy_return();
    if (progress && i % kPage == 0) progress({i, bars->size(), series.symbol().given()});
    const auto entry = logged->find(bars->open_time(i));
    if (entry == logged->end()) continue;
    series.remember_side(entry->second.prediction.side);
    line.remember(index, entry->second.prediction, entry->second.outcome);
    if (entry->second.outcome) {
      line.performance.add(*entry->second.outcome);
      series.tally.add(*entry->second.outcome, line.costs());
    } else {
      series.open_predictions.add(entry->second.prediction, i);
    }
  }
  return {};
}

Status Loop::restore_versions(Line& line) {
  auto history = rooms_.registry.history(line.id());
  if (!history) return propagate(history);
  for (auto row = history->rbegin();
       row != history->rend() && line.champion_scores.size() < kRememberedChampions; ++row) {
    if (row->action != "promote") continue;
    auto version = rooms_.registry.load(line.id(), row->to);
    if (version) line.champion_scores.push_back((*version)->bundle.scores);
  }
  if (recipe_.search.trials == 0) return {};
  auto versions = rooms_.registry.list(line.id());
  if (!versions) return propagate(versions);
  for (auto version = versions->rbegin(); version != versions->rend(); ++version) {
    auto loaded = rooms_.registry.load(line.id(), version->number);
    if (!loaded) continue;
    const Json& settings = (*loaded)->bundle.settings;
    if (!settings.contains("training") || !settings["training"].contains("search")) continue;
    line.found_settings = settings["model"]["settings"];
    break;
  }
  return {};
}

namespace {

Status restore_contest(Line& line, const store::RunRecord& run) {
  const auto contest = remembered_contest(run, line.id());
  if (!contest) return propagate(contest);
  if (*contest) {
    const RememberedContest& held = **contest;
    line.contests.take(held.answered, held.difference, held.trials, run.started_at);
  }
  return {};
}

}  // namespace

Status Loop::restore_clocks(Line& line) {
  auto runs = rooms_.store.runs().list(line.id());
  if (!runs) return propagate(runs);
  line.last_attempt_at.reset();
  line.retry_after.reset();
  line.failures = 0;
  line.contests = {};
  for (const store::RunRecord& run : *runs) {
    // An interrupted run counts for nothing: it is begun again as soon as something asks for it.
    if (run.state == store::RunState::interrupted) continue;
    line.last_attempt_at = run.started_at;
    if (run.state == store::RunState::completed && run.known_at) {
      line.last_retrain_at = run.known_at;
      line.last_trained_to = run.started_at;
      if (Status taken = restore_contest(line, run); !taken) return taken;
      line.failures = 0;
      line.retry_after.reset();
    } else if (run.state == store::RunState::failed) {
      line.back_off(run.known_at.value_or(run.started_at), recipe_.training.backoff_ms);
    }
  }
  // A model that was brought in counts as trained when it was.
  auto versions = rooms_.registry.list(line.id());
  if (!versions) return propagate(versions);
  for (const VersionSummary& version : *versions) {
    if (version.run_id != 0 || version.number.value == 0) continue;
    line.last_retrain_at = std::max(line.last_retrain_at.value_or(kBeginning), version.known_at);
    line.last_trained_to = std::max(line.last_trained_to.value_or(kBeginning), version.known_at);
  }
  return {};
}

// A retrain that was put off is not asked for sooner because the process was started anew.
Status Loop::restore_deferral(Line& line) {
  const auto is_about = [&](const Event& event, const Json& payload) {
    const auto lines = payload.value("lines", std::vector<LineId>());
    return event.line == line.id() || std::find(lines.begin(), lines.end(), line.id()) != lines.end();
  };
  std::int64_t deferred_by = 0;
  std::optional<Deferral> deferral;
  // The newest word on the line counts: put off, or since then begun, dropped or asked for by a person.
  for (const char* kind : {"deferred", "trigger", "skipped", "request"}) {
    for (std::int64_t cursor = 0;;) {
      const auto page = rooms_.store.events().read_after(cursor, kPage, kind);
      if (!page) return propagate(page);
      if (page->empty()) break;
      cursor = page->back().ingest_seq;
      for (const Event& event : *page) {
        if (event.ingest_seq < deferred_by) continue;
        const auto payload = parse_json(event.payload);
        if (!payload) return propagate(payload);
        if (!is_about(event, *payload)) continue;
        if (event.kind != "deferred") {
          deferral.reset();
          continue;
        }
        const auto retry_at = parse_time(payload->value("retry_at", std::string()));
        if (!retry_at) return within(fmt::format("event {}: retry_at", event.ingest_seq), retry_at.error());
        deferred_by = event.ingest_seq;
        deferral = Deferral{{.trigger = payload->value("trigger", std::string()),
                             .reason = payload->value("reason", std::string())},
                            *retry_at};
      }
    }
  }
  line.deferral = std::move(deferral);
  return {};
}

Status Loop::refit_kept(std::size_t index, VersionNumber number) {
  Line& line = *lines_[index];
  if (line.data_count() == 0)
    return fail(ErrorCode::insufficient_data, "{}: there are no bars to fit to", line.id());
  auto version = rooms_.registry.load(line.id(), number);
  if (!version) return propagate(version);
  if ((*version)->serving) return {};
  auto artifact = run_maker_.refit_kept(line, (*version)->bundle, line.newest_known_at());
  if (!artifact) return propagate(artifact);
  return rooms_.registry.add_serving(line.id(), number, *artifact);
}

Result<RunReport> Loop::train_now(const std::vector<std::size_t>& indices, std::string_view reason,
                                  TimeMs now, bool full) {
  TimeMs at = kBeginning;
  for (const std::size_t index : indices) {
    const Line& line = *lines_[index];
    if (line.data_count() == 0 && &line != trade_line_) {
      if (recipe_.group) continue;
      return fail(ErrorCode::insufficient_data,
                  "{}: there are no bars; import some first: pawl import bars {}:{}=FILE", line.id(),
                  line.name(), recipe_.base.name());
    }
    at = std::max(at, line.newest_known_at());
  }
  std::vector<LinePlan> plans;
  bool any = false;
  for (const std::size_t index : indices) {
    Line& line = *lines_[index];
    const auto held = rooms_.registry.holds(line.id(), now);
    if (!held) return propagate(held);
    if (*held && !recipe_.group) {
      return fail(ErrorCode::conflict,
                  "{} holds after a rollback, so nothing would move; end that first: pawl release {}",
                  line.id(), line.id());
    }
    plans.push_back(plan_line(line, at));
    any = any || plans.back().windows.has_value();
  }
  if (!any && trade_line_ != nullptr) {
    return fail(ErrorCode::insufficient_data, "{}", plans.front().why_ineligible);
  }
  if (!any) {
    return fail(ErrorCode::insufficient_data, "{}: {}", plans.front().line->name(),
                plans.front().why_ineligible);
  }
  for (const LinePlan& plan : plans) plan.line->last_attempt_at = at;
  auto run = run_maker_.begin(
      plans, {.trigger = "manual", .reason = fmt::format("manual: {}", reason), .full = full}, at, true);
  if (!run) return propagate(run);
  if (Status ended = end_run(run_maker_.make(std::move(*run), std::max(at, now))); !ended) {
    return propagate(ended);
  }
  if (Status flushed = rooms_.store.flush(); !flushed) return propagate(flushed);
  return finished_.back();
}

}  // namespace pawl::loop
