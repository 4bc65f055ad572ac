#include "studies/contests.h"

namespace pawl::studies {

namespace {

Evidence weigh(const contest::ContestRequest& request, const AskedModel& champion,
               const AskedModel& challenger, TimeMs after) {
  std::vector<std::size_t> bars;
  datasets::ScoringColumns columns =
      champion.market().judged_rows(champion.rows(), challenger.rows(), after, request.as_of, bars);
  if (bars.empty()) return contest::weigh(request, {});
  const contest::Answers answers{.champion = {champion.probabilities(bars), columns},
                                 .challenger = {challenger.probabilities(bars), columns}};
  return contest::weigh(request, std::span(&answers, 1));
}

}  // namespace

Evidence Contests::hold(const Side& champion, const Side& challenger, const loop::Windows& windows) {
  const Market& market = challenger.judged->market();
  const recipe::Recipe& recipe = market.recipe();
  const contest::ContestRequest request{
      .line = market.line(),
      .symbol = market.name(),
      .champion = {champion.version, nullptr, champion.judged->data_cut()},
      .challenger = {challenger.version, nullptr, challenger.judged->data_cut()},
      .grounds = {},
      .pooled = false,
      .labeller = &market.labeller(),
      .calendar = &recipe.calendar,
      .judged_from = windows.judged_from,
      .as_of = windows.now,
      .embargo_ms = windows.embargo_ms,
      .signal = recipe.signal,
      .scoring = {.costs = market.costs(),
                  .horizon_bars = market.labeller().horizon_bars(),
                  .bars_per_year = recipe.bars_per_year},
      .first_model = champion.version.value == 0};
  const TimeMs after = contest::judged_after(request);
  std::shared_ptr<Slot> slot;
  {
    const std::scoped_lock lock(mutex_);
    std::shared_ptr<Slot>& found = slots_[{champion.judged, challenger.judged, after, windows.now}];
    if (!found) found = std::make_shared<Slot>();
    slot = found;
  }
  // Numbers are a policy's own: the same model may be the third of one and the fifth of another.
  Evidence evidence;
  {
    const std::scoped_lock lock(slot->mutex);
    if (!slot->evidence) {
      slot->evidence = weigh(request, *champion.judged, *challenger.judged, after);
      keep(slot, slot->evidence->paired.challenger_losses.size());
    }
    evidence = *slot->evidence;
  }
  evidence.champion = champion.version;
  evidence.challenger = challenger.version;
  evidence.first_model = request.first_model;
  return evidence;
}

void Contests::keep(const std::shared_ptr<Slot>& slot, std::size_t rows) {
  std::vector<std::shared_ptr<Slot>> let_go;
  {
    const std::scoped_lock lock(mutex_);
    kept_.emplace_back(slot, rows);
    kept_rows_ += rows;
    while (kept_rows_ > kKeptRows && kept_.size() > 1) {
      kept_rows_ -= kept_.front().second;
      let_go.push_back(std::move(kept_.front().first));
      kept_.pop_front();
    }
  }
  for (const std::shared_ptr<Slot>& one : let_go) {
    // Somebody may be weighing it anew: then it is his, and stays.
    if (const std::unique_lock lock(one->mutex, std::try_to_lock); lock.owns_lock()) one->evidence.reset();
  }
}

std::int64_t Contests::held() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::int64_t>(slots_.size());
}

}  // namespace pawl::studies
