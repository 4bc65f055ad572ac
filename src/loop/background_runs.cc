// Runs that are trained beside the loop: put to work, taken back, given up.
#include <algorithm>
#include <utility>

#include "loop/loop.h"

namespace pawl::loop {

namespace {
constexpr std::string_view stage_name(bool refitting) {
  return refitting ? "refit" : "fit";
}
}  // namespace

void Loop::put_to_work(const std::shared_ptr<Working>& working) {
  const RunReport& report = working->run.run.report;
  ProgressSink sink;
  if (rooms_.on_progress) {
    sink = [tell = rooms_.on_progress, id = report.id, lines = report.lines,
            stage = stage_name(working->refitting)](const ProgressUpdate& update) {
      tell({.run = id, .lines = lines, .stage = stage, .update = update});
    };
  }
  rooms_.background(report.priority(), [working, sink, &executor = rooms_.executor] {
    working->results = executor.run_all(working->run.jobs, sink);
    working->done.store(true, std::memory_order_release);
  });
}

Status Loop::advance(TimeMs now) {
  for (std::size_t i = 0; i < working_.size();) {
    const std::shared_ptr<Working> working = working_[i];
    if (!working->done.load(std::memory_order_acquire)) {
      ++i;
      continue;
    }
    if (!std::exchange(working->refitting, true)) {
      run_maker_.judge(working->run, std::move(working->results));
      working->results.clear();
      if (!working->run.jobs.empty()) {
        working->done.store(false, std::memory_order_relaxed);
        put_to_work(working);
        ++i;
        continue;
      }
    }
    working_.erase(working_.begin() + static_cast<std::ptrdiff_t>(i));
    rooms_.clock.advance_to(now);
    if (Status ended = end_run(
            run_maker_.finish(std::move(working->run), std::move(working->results), rooms_.clock.now()));
        !ended) {
      return ended;
    }
  }
  return {};
}

Status Loop::note_quote(const Symbol& symbol, TimeMs at, double mid) {
  return journal_.event("quote", symbol.canonical(), std::max(at, now()),
                        {{"at", format_time(at)}, {"mid", json_number(mid)}});
}

Status Loop::heartbeat() {
  for (const std::unique_ptr<Line>& line : lines_) {
    if (line->data_count() == 0) continue;  // nothing to tell yet, and no time to tell it at
    const outcomes::SignalTally& since = line->performance.since_retrain();
    const auto rate = since.win_rate();
    if (Status told = journal_.event("heartbeat", line->id(), now(),
                                     {{"champion", line->live()->bundle.number.text()},
                                      {"signals", since.signals},
                                      {"win_rate", rate ? json_number(*rate) : Json()}});
        !told) {
      return told;
    }
  }
  return {};
}

std::vector<Loop::UnderWay> Loop::under_way() const {
  std::vector<UnderWay> runs;
  for (const std::shared_ptr<Working>& working : working_) {
    const RunReport& report = working->run.run.report;
    runs.push_back({.run = report.id,
                    .lines = report.lines,
                    .trigger = report.trigger,
                    .reason = report.reason,
                    .stage = stage_name(working->refitting),
                    .started_at = report.started_at});
  }
  return runs;
}

Status Loop::mark_interrupted(TimeMs now) {
  working_.clear();
  auto runs = rooms_.store.runs().list();
  if (!runs) return propagate(runs);
  for (store::RunRecord& run : *runs) {
    if (run.state != store::RunState::running) continue;
    run.state = store::RunState::interrupted;
    run.known_at = std::max(now, run.started_at);
    const Status marked = rooms_.store.transaction([&]() -> Status {
      if (Status updated = rooms_.store.runs().update(run); !updated) return updated;
      return journal_.event("run_interrupted", run.lines.size() == 1 ? run.lines.front() : LineId{},
                            *run.known_at,
                            {{"run", run.id}, {"why", "the process ended while it was under way"}});
    });
    if (!marked) return marked;
    for (const std::unique_ptr<Line>& line : lines_) {
      if (std::find(run.lines.begin(), run.lines.end(), line->id()) == run.lines.end()) continue;
      line->busy = false;
      line->data_at_last_attempt = -1;
      // As if it had never begun, so that nobody waits for it to cool down.
      if (Status clocks = restore_clocks(*line); !clocks) return within(line->id(), clocks.error());
      line->signal_since_check = true;
      if (!triggers::is_momentary(run.trigger)) continue;
      line->deferral = Deferral{{.trigger = run.trigger, .reason = run.reason}, now};
    }
  }
  return {};
}

}  // namespace pawl::loop
