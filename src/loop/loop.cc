#include "loop/loop.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "models/model_kind.h"

namespace pawl::loop {

namespace {

Result<std::vector<std::unique_ptr<triggers::Trigger>>> make_triggers(const recipe::Recipe& recipe) {
  std::vector<std::unique_ptr<triggers::Trigger>> made;
  for (const recipe::KindSettings& wanted : recipe.triggers) {
    const triggers::TriggerKind* kind = triggers::find_trigger_kind(wanted.kind);
    assert(kind != nullptr && "the recipe was validated");
    auto trigger = kind->make(wanted.settings);
    if (!trigger) return propagate(trigger);
    made.push_back(std::move(*trigger));
  }
  return made;
}

// Version 0: the rules, as a bundle like any other. Nothing was trained, so nothing was read.
Result<VersionBundle> baseline_bundle(const recipe::Recipe& recipe, const LineId& line, int classes,
                                      TimeMs now) {
  const models::ModelKind* rules = models::find_model_kind("rules");
  const std::vector<std::string> specs = models::rules_features(recipe.baseline.settings);
  auto list = features::FeatureList::parse(specs, recipe.base, recipe.calendar);
  if (!list) return propagate(list);
  models::TrainRequest request;
  request.classes = classes;
  request.columns = list->specs();
  request.rows.columns = list->size();
  auto trained = rules->train(recipe.baseline.settings, request);
  if (!trained) return propagate(trained);
  auto model = rules->load(trained->bytes);
  if (!model) return propagate(model);
  VersionBundle bundle;
  bundle.line = line;
  bundle.number = {0};
  bundle.known_at = now;
  bundle.trained_because = "the rules baseline, always there";
  bundle.features = list->specs();
  bundle.features_hash = list->hash();
  bundle.classes = classes;
  bundle.settings = {{"model", {{"kind", "rules"}, {"settings", recipe.baseline.settings.to_json()}}}};
  bundle.judged.model_kind = "rules";
  bundle.judged.model_bytes = std::move(trained->bytes);
  bundle.judged.data_cut = std::numeric_limits<TimeMs>::min() / 2;
  for (const double value : {0.5, 0.99, 1.0, 1.01, 2.0}) {
    SelfTestVector vector;
    vector.row.assign(list->size(), value);
    vector.probabilities.resize(static_cast<std::size_t>(classes));
    (*model)->predict({vector.row, 1, list->size()}, vector.probabilities);
    bundle.judged.self_test.push_back(std::move(vector));
  }
  return bundle;
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::open(const recipe::Recipe& recipe, const Rooms& rooms,
                                         DecisionLog& decisions, EventObserver observer) {
  auto kinds = make_kinds(recipe);
  if (!kinds) return propagate(kinds);
  auto triggers = make_triggers(recipe);
  if (!triggers) return propagate(triggers);
  std::unique_ptr<Loop> loop(new Loop(recipe, rooms, std::move(*kinds), decisions, std::move(observer)));
  loop->triggers_ = std::move(*triggers);
  for (const Symbol& symbol : recipe.symbols) {
    loop->lines_.push_back(std::make_unique<Line>(recipe, symbol, loop->kinds_.labeller->horizon_bars()));
    if (Status opened = loop->open_line(*loop->lines_.back()); !opened) return propagate(opened);
  }
  return loop;
}

Loop::Loop(const recipe::Recipe& recipe, const Rooms& rooms, RunKinds kinds, DecisionLog& decisions,
           EventObserver observer)
    : recipe_(recipe),
      rooms_(rooms),
      kinds_(std::move(kinds)),
      journal_(rooms.store, decisions, std::move(observer)),
      run_maker_(recipe, kinds_, rooms.registry, rooms.executor, journal_) {}

Status Loop::open_line(Line& line) {
  auto champion = rooms_.registry.champion(line.id());
  if (!champion) return propagate(champion);
  if (!*champion) {
    auto baseline = baseline_bundle(recipe_, line.id(), kinds_.labeller->classes(), now());
    if (!baseline) return propagate(baseline);
    if (Status added = rooms_.registry.add(*baseline); !added) return added;
    if (Status promoted = rooms_.registry.promote({{.line = line.id(),
                                                    .expected = std::nullopt,
                                                    .to = {0},
                                                    .action = "baseline",
                                                    .reason = baseline->trained_because}},
                                                  now(), "pawl");
        !promoted) {
      return promoted;
    }
    champion = VersionNumber{0};
  }
  auto loaded = rooms_.registry.load(line.id(), **champion);
  if (!loaded) return propagate(loaded);
  // Made now, so that they follow every bar from here on and hold a checkpoint for every later window.
  if (auto history = line.history(recipe_.features); !history) return propagate(history);
  if (const auto scale = kinds_.labeller->scale_spec()) {
    if (auto history = line.history({*scale}); !history) return propagate(history);
  }
  return line.serve(std::move(*loaded));
}

Status Loop::step(const BarBatch& batch) {
  // What was due before this instant is announced first, at its own time: a swap at 10:30 serves the bar
  // that closes at 11:00.
  if (Status ended = end_due_runs(batch.close_time); !ended) return ended;
  rooms_.clock.advance_to(batch.close_time);
  double returns = 0;
  int returned = 0;
  for (const BarBatch::Item& item : batch.items) {
    Line& line = *lines_[item.line];
    if (Status taken = take_bar(line, item.bar); !taken) return taken;
    if (const auto value = line.newest_strategy_return()) {
      returns += *value;
      ++returned;
    }
    if (Status settled = settle_outcomes(line); !settled) return settled;
    if (Status predicted = predict(line); !predicted) return predicted;
  }
  if (returned > 0) portfolio_returns_.push(returns / returned);
  return check_triggers(batch.close_time);
}

Status Loop::take_bar(Line& line, const Bar& bar) {
  if (!line.bars().empty()) {
    const TimeMs last_close = line.bars().back().close_time;
    if (bar.open_time < last_close) {
      return fail(ErrorCode::bad_data,
                  "{}: a bar opens at {}, before the last one's close at {}; bars must come in order",
                  line.symbol().given(), format_time(bar.open_time), format_time(last_close));
    }
    if (bar.open_time > last_close && recipe_.calendar.trades_within(last_close, bar.open_time)) {
      if (Status told = journal_.gap(line.symbol().canonical(), {last_close, bar.open_time}, bar.known_at());
          !told) {
        return told;
      }
    }
  }
  if (Status stored = journal_.bar(line.symbol().canonical(), recipe_.base, bar); !stored) return stored;
  line.append(bar);
  return {};
}

Status Loop::settle_outcomes(Line& line) {
  for (const Outcome& outcome : line.open_predictions.settle(line.bars())) {
    if (Status stored = journal_.outcome(outcome); !stored) return stored;
    line.performance.add(outcome);
    if (outcome.side != Side::hold) line.signal_since_check = true;
  }
  return {};
}

Status Loop::predict(Line& line) {
  const datasets::FeatureHistory& features = line.live_features();
  if (!features.last_ready()) return {};
  const serving::LiveModel::Handle version = line.live();
  Prediction prediction = serving::predict(*version, features.last_row(), recipe_.signal);
  const Bar bar = line.bars().back();
  prediction.symbol = line.symbol().canonical();
  prediction.bar_open_time = bar.open_time;
  prediction.known_at = bar.known_at();
  if (Status stored = journal_.prediction(prediction); !stored) return stored;
  line.open_predictions.add(prediction, line.bars().size() - 1);
  line.remember_side(prediction.side);
  return {};
}

Result<bool> Loop::may_trigger(const Line& line, TimeMs now) {
  if (line.busy || line.bars().empty()) return false;
  if (line.retry_after && now < *line.retry_after) return false;
  if (line.deferral && now < line.deferral->retry_at) return false;
  // After a failure the back-off says when, so that it may be sooner than the next cool run.
  const bool cooling = line.failures == 0 && line.last_attempt_at &&
                       now - *line.last_attempt_at < recipe_.training.cooldown_ms;
  if (cooling) return false;
  const auto held = rooms_.registry.holds(line.id(), now);
  if (!held) return propagate(held);
  return !*held;
}

Status Loop::check_triggers(TimeMs now) {
  if (recipe_.group) return check_group(now);
  for (const std::unique_ptr<Line>& line : lines_) {
    if (Status checked = check_line(*line, now); !checked) return checked;
  }
  return {};
}

Status Loop::check_line(Line& line, TimeMs now) {
  const auto may = may_trigger(line, now);
  if (!may) return propagate(may);
  if (!*may) return {};
  const triggers::LineSnapshot snapshot = line.snapshot();
  line.last_checked_at = now;
  line.signal_since_check = false;
  for (const std::unique_ptr<triggers::Trigger>& trigger : triggers_) {
    if (const auto reason = trigger->check(snapshot, now)) return try_run({&line}, *reason, now);
  }
  // What the state of the line said is asked again above; what a moment said (a schedule, a person) is not
  // there any more, so the deferral carries it.
  if (line.deferral) {
    const Deferral deferral = *line.deferral;
    line.deferral.reset();
    if (triggers::is_momentary(deferral.reason.trigger)) {
      return try_run({&line}, deferral.reason, now);
    }
  }
  return {};
}

Status Loop::check_group(TimeMs now) {
  std::vector<Line*> group;
  for (const std::unique_ptr<Line>& line : lines_) {
    if (line->busy) return {};  // one run of the group at a time
    const auto may = may_trigger(*line, now);
    if (!may) return propagate(may);
    if (!*may) continue;
    group.push_back(line.get());
  }
  if (group.empty()) return {};
  std::optional<triggers::TriggerReason> reason;
  for (Line* line : group) {
    const triggers::LineSnapshot snapshot = line->snapshot();
    line->last_checked_at = now;
    line->signal_since_check = false;
    for (const std::unique_ptr<triggers::Trigger>& trigger : triggers_) {
      if (!reason) reason = trigger->check(snapshot, now);
    }
    if (!reason && line->deferral) reason = line->deferral->reason;
  }
  if (!reason) return {};
  return try_run(group, *reason, now);
}

Status Loop::try_run(const std::vector<Line*>& lines, const triggers::TriggerReason& reason, TimeMs now) {
  auto windows = run_maker_.plan(lines, now);
  if (!windows) {
    if (windows.error().code != ErrorCode::insufficient_data) return propagate(windows);
    std::vector<LineId> ids;
    for (Line* line : lines) {
      line->deferral = Deferral{reason, now + recipe_.training.defer_ms};
      ids.push_back(line->id());
    }
    return journal_.event("deferred", lines.size() == 1 ? ids.front() : LineId{}, now,
                          {{"lines", ids},
                           {"trigger", reason.trigger},
                           {"reason", reason.reason},
                           {"why", windows.error().message},
                           {"retry_at", format_time(now + recipe_.training.defer_ms)}});
  }
  for (Line* line : lines) {
    line->deferral.reset();
    line->manual_reason.clear();
    line->busy = true;
    line->last_attempt_at = now;
    line->forget_before(windows->front().rows_from);
  }
  auto run = run_maker_.make(lines, *windows, reason, now, recipe_.training.latency_ms);
  if (!run) return propagate(run);
  pending_.push_back(std::move(*run));
  std::stable_sort(pending_.begin(), pending_.end(),
                   [](const PendingRun& a, const PendingRun& b) { return a.due < b.due; });
  return {};
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
