#include "studies/market.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "base/format.h"
#include "datasets/scoring_columns.h"
#include "loop/run.h"

namespace pawl::studies {

namespace {

std::string key_of(const std::vector<std::string>& specs) {
  return fmt::format("{}", fmt::join(specs, "\n"));
}

}  // namespace

Market::Market(const recipe::Recipe& recipe, const labels::Labeller& labeller, const Symbol& symbol)
    : recipe_(recipe), labeller_(labeller), line_(recipe, labeller, {symbol}) {}

Result<std::unique_ptr<Market>> Market::make(const recipe::Recipe& recipe, const labels::Labeller& labeller,
                                             const Symbol& symbol, const BarSeries& bars,
                                             const std::vector<std::vector<std::string>>& lists) {
  std::unique_ptr<Market> market(new Market(recipe, labeller, symbol));
  if (Status followed = market->follow(bars, lists); !followed) return propagate(followed);
  market->settle_moves();
  return market;
}

Status Market::follow(const BarSeries& bars, const std::vector<std::vector<std::string>>& lists) {
  std::vector<double> joined(bars.joined_columns());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (std::size_t column = 0; column < joined.size(); ++column) joined[column] = bars.joined(column, i);
    line_.append(0, bars[i], joined);
    closes_.push_back(bars.close_time(i));
  }
  const std::size_t count = bars.size();
  loop::Series& series = line_.series(0);
  const BarSeries& own = series.bars();
  const auto history_of = [&](const std::string& spec) { return series.history({spec}); };
  const datasets::FeatureHistory* scale = nullptr;
  const datasets::FeatureHistory* where = nullptr;
  if (const auto spec = labeller_.scale_spec()) {
    auto history = history_of(*spec);
    if (!history) return propagate(history);
    scale = *history;
  }
  if (!recipe_.signal_where.empty()) {
    auto history = history_of(recipe_.signal_where);
    if (!history) return propagate(history);
    where = *history;
  }
  for (const std::vector<std::string>& specs : lists) {
    if (rows_.contains(key_of(specs))) continue;
    auto history = series.history(specs);
    if (!history) return propagate(history);
    const features::FeatureList& list = (*history)->list();
    rows_[key_of(specs)] = {list.specs(), list.hash(), list.warm_up_bars(), (*history)->rows(own, 0, count)};
  }
  assert(!lists.empty());
  auto first = series.history(lists.front());
  if (!first) return propagate(first);
  datasets::Dataset dataset =
      datasets::assemble(**first, labeller_, scale, own, 0, count, std::numeric_limits<TimeMs>::max(), where);
  labels_ = std::move(dataset.labels);
  allowed_ = std::move(dataset.signal_allowed);
  return {};
}

void Market::settle_moves() {
  const BarSeries& bars = this->bars();
  const std::size_t count = bars.size();
  const MarketCalendar& calendar = recipe_.calendar;
  const bool sessions = labeller_.within_session();
  moves_.resize(count);
  predictable_.resize(count);
  same_session_.resize(count);
  // Through the tracker that the loop asks, bar by bar, so that a move is known when it was.
  outcomes::OutcomeTracker tracker(labeller_.horizon_bars(), costs(),
                                   sessions ? std::optional(calendar) : std::nullopt);
  BarSeries seen(bars.joined_columns());
  std::vector<double> joined(bars.joined_columns());
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t column = 0; column < joined.size(); ++column) joined[column] = bars.joined(column, i);
    seen.append(bars[i], joined);
    same_session_[i] = i > 0 && datasets::carried(calendar, bars, i - 1, i) ? 1 : 0;
    predictable_[i] = datasets::predictable(calendar, bars, i, sessions) ? 1 : 0;
    for (const Outcome& outcome : tracker.settle(seen)) {
      Move& move = moves_[next++];
      const double cost = costs().round_trip(outcome.entry_price);
      move = {i, outcome.entry_price, outcome.gross_return, 100 * (outcome.gross_return - cost) > 0,
              100 * (-outcome.gross_return - cost) > 0};
    }
    Prediction everywhere;
    everywhere.side = Side::buy;
    tracker.add(everywhere, i);
  }
}

const Market::Rows& Market::rows(const std::vector<std::string>& specs) const {
  const auto found = rows_.find(key_of(specs));
  assert(found != rows_.end() && "all lists are named when the market is made");
  return found->second;
}

double Market::strategy_return(judging::StrategyTracker& strategy, std::size_t bar, Side side,
                               bool carried) const {
  assert(bar >= 2);
  const BarSeries& bars = this->bars();
  const bool same_session = same_session_[bar] != 0;
  const double exit = same_session ? bars.open(bar) : bars.close(bar - 1);
  return strategy.push(side, bars.open(bar - 1), exit, same_session && carried);
}

datasets::ScoringColumns Market::judged_rows(const Rows& champion, const Rows& challenger, TimeMs after,
                                             TimeMs as_of, std::vector<std::size_t>& bars) const {
  const BarSeries& all = this->bars();
  const std::size_t first = all.count_known_at(after);
  const std::size_t last = std::max(first, all.count_known_at(as_of));
  datasets::Dataset dataset;  // without values: nobody reads them
  std::vector<std::size_t> rows;
  for (std::size_t i = first; i < last; ++i) {
    dataset.bar_index.push_back(i);
    dataset.frame.known_at.push_back(all.close_time(i));
    dataset.labels.push_back(labels_[i]);
    if (!allowed_.empty()) dataset.signal_allowed.push_back(allowed_[i]);
    const bool ready = champion.frame.ready[i] != 0 && challenger.frame.ready[i] != 0;
    if (!ready || !labels_[i].known() || labels_[i].known_at > as_of) continue;
    rows.push_back(i - first);
    bars.push_back(i);
  }
  return datasets::scoring_columns(dataset, rows, all, recipe_.calendar);
}

Result<training::Job> Market::make_job(const recipe::Recipe& policy, const loop::Windows& windows,
                                       training::JobKind kind,
                                       const std::vector<std::string>& features) const {
  const std::scoped_lock lock(mutex_);
  auto job = loop::make_job(policy, line_, windows, kind, 0, features, false);
  if (job) job->reference = false;
  return job;
}

Result<VersionBundle> Market::baseline() const {
  const std::scoped_lock lock(mutex_);
  return line_.baseline(0);
}

}  // namespace pawl::studies
