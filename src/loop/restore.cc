// A data folder's past, read back: what a new process must know before the next bar comes.
#include <algorithm>
#include <limits>
#include <map>

#include "loop/loop.h"

namespace pawl::loop {

namespace {
constexpr std::size_t kPage = 10'000;
constexpr TimeMs kBeginning = std::numeric_limits<TimeMs>::min();
constexpr TimeMs kEnd = std::numeric_limits<TimeMs>::max();
}  // namespace

Status Loop::restore(const ProgressSink& progress) {
  for (const std::unique_ptr<Line>& line : lines_) {
    if (Status restored = restore_line(*line, progress); !restored)
      return within(line->id(), restored.error());
    if (!line->bars().empty()) rooms_.clock.advance_to(line->bars().back().close_time);
  }
  return {};
}

Status Loop::restore_line(Line& line, const ProgressSink& progress) {
  auto bars = rooms_.store.bars().read(line.symbol().canonical(), recipe_.base, kBeginning, kEnd,
                                       store::BarStore::Revision::first);
  if (!bars) return propagate(bars);
  for (std::size_t i = 0; i < bars->size(); ++i) {
    line.append((*bars)[i]);
    if (progress && i % kPage == 0) progress({i, bars->size(), line.symbol().given()});
  }

  auto runs = rooms_.store.runs().list(line.id());
  if (!runs) return propagate(runs);
  TimeMs counted_after = kBeginning;
  for (const store::RunRecord& run : *runs) {
    line.last_attempt_at = run.started_at;
    if (run.state != store::RunState::completed || !run.known_at) continue;
    line.last_retrain_at = run.known_at;
    // A run ends before the outcomes of its last instant are taken in, unless it began at that instant too.
    counted_after = run.started_at < *run.known_at ? *run.known_at - 1 : *run.known_at;
  }

  std::map<std::int64_t, Prediction> unsettled;
  for (std::int64_t cursor = 0;;) {
    auto page = rooms_.store.predictions().read_after(cursor, kPage, line.id());
    if (!page) return propagate(page);
    if (page->empty()) break;
    cursor = page->back().id;
    for (Prediction& prediction : *page) {
      const std::size_t bar = line.bars().count_opened_before(prediction.bar_open_time);
      line.restore_side(bar, prediction.side);
      unsettled.emplace(prediction.id, std::move(prediction));
    }
    auto outcomes = rooms_.store.outcomes().read_after(unsettled.begin()->first - 1, kPage, line.id());
    if (!outcomes) return propagate(outcomes);
    for (const Outcome& outcome : *outcomes) {
      if (unsettled.erase(outcome.prediction_id) == 0) continue;
      line.performance.add(outcome, counted_after);
    }
  }
  for (const auto& [id, prediction] : unsettled) {
    line.open_predictions.add(prediction, line.bars().count_opened_before(prediction.bar_open_time));
  }

  auto history = rooms_.registry.history(line.id());
  if (!history) return propagate(history);
  for (auto row = history->rbegin();
       row != history->rend() && line.champion_scores.size() < kRememberedChampions; ++row) {
    if (row->action != "promote") continue;
    auto version = rooms_.registry.load(line.id(), row->to);
    if (version) line.champion_scores.push_back((*version)->bundle.scores);
  }
  return {};
}

Status Loop::refit_kept(std::size_t index, VersionNumber number) {
  Line& line = *lines_[index];
  if (line.bars().empty())
    return fail(ErrorCode::insufficient_data, "{}: there are no bars to fit to", line.id());
  auto version = rooms_.registry.load(line.id(), number);
  if (!version) return propagate(version);
  if ((*version)->serving) return {};
  auto artifact = run_maker_.refit_kept(line, (*version)->bundle, line.bars().back().close_time);
  if (!artifact) return propagate(artifact);
  return rooms_.registry.add_serving(line.id(), number, *artifact);
}

Result<RunReport> Loop::train_now(const std::vector<std::size_t>& indices, std::string_view reason) {
  std::vector<Line*> lines;
  TimeMs at = kBeginning;
  for (const std::size_t index : indices) {
    lines.push_back(lines_[index].get());
    if (lines_[index]->bars().empty()) {
      return fail(ErrorCode::insufficient_data,
                  "{}: there are no bars; import some first: pawl import bars {}:{}=FILE",
                  lines_[index]->id(), lines_[index]->symbol().given(), recipe_.base.name());
    }
    at = std::max(at, lines_[index]->bars().back().close_time);
  }
  auto windows = run_maker_.plan(lines, at);
  if (!windows) return propagate(windows);
  for (Line* line : lines) line->last_attempt_at = at;
  auto run = run_maker_.make(lines, *windows, {"manual", fmt::format("manual: {}", reason)}, at, 0);
  if (!run) return propagate(run);
  if (Status ended = end_run(std::move(*run)); !ended) return propagate(ended);
  if (Status flushed = rooms_.store.flush(); !flushed) return propagate(flushed);
  return finished_.back();
}

}  // namespace pawl::loop
