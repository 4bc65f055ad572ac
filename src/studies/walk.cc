#include "studies/walk.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <queue>

#include "studies/thread_time.h"

namespace pawl::studies {

Timeline timeline_of(const std::vector<std::unique_ptr<Market>>& markets) {
  // As loop::for_each_batch feeds them.
  Timeline timeline;
  using Next = std::pair<TimeMs, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> waiting;
  for (std::size_t i = 0; i < markets.size(); ++i) {
    if (!markets[i]->closes().empty()) waiting.emplace(markets[i]->closes().front(), i);
  }
  std::vector<std::size_t> next(markets.size(), 0);
  while (!waiting.empty()) {
    const TimeMs close = waiting.top().first;
    timeline.closes.push_back(close);
    timeline.begins.push_back(timeline.items.size());
    while (!waiting.empty() && waiting.top().first == close) {
      const std::size_t market = waiting.top().second;
      waiting.pop();
      timeline.items.push_back({market, next[market]++});
      const std::vector<TimeMs>& closes = markets[market]->closes();
      if (next[market] < closes.size()) waiting.emplace(closes[next[market]], market);
    }
  }
  timeline.begins.push_back(timeline.items.size());
  return timeline;
}

std::size_t LineHistory::version_index_at(std::size_t bar) const {
  const auto after = std::upper_bound(swaps.begin(), swaps.end(), bar,
                                      [](std::size_t wanted, const Swap& swap) { return wanted < swap.bar; });
  return static_cast<std::size_t>(after - swaps.begin());
}

const Version& LineHistory::version_at(std::size_t bar) const {
  const std::size_t index = version_index_at(bar);
  return index == 0 ? first : swaps[index - 1].to;
}

Walk::WalkLine::WalkLine(const Market& given, const Version& baseline)
    : TriggeredLine(given.line(), given.name(), given.costs()), market(&given), serving(baseline) {
  outcome.line = given.line();
}

Walk::Walk(const Shared& shared, const recipe::Recipe& recipe, loop::RunKinds kinds, loop::TriggerClock clock,
           std::string name)
    : shared_(shared), recipe_(recipe), kinds_(std::move(kinds)), clock_(std::move(clock)) {
  history_.name = std::move(name);
}

Result<std::unique_ptr<Walk>> Walk::make(const Shared& shared, const recipe::Recipe& recipe,
                                         std::string name) {
  auto kinds = loop::make_kinds(recipe);
  if (!kinds) return propagate(kinds);
  auto clock = loop::TriggerClock::make(recipe);
  if (!clock) return propagate(clock);
  std::unique_ptr<Walk> walk(new Walk(shared, recipe, std::move(*kinds), std::move(*clock), std::move(name)));
  for (std::size_t i = 0; i < shared.markets.size(); ++i) {
    const Market& market = *shared.markets[i];
    const Version baseline{.number = {0}, .judged = shared.baselines[i], .serving = shared.baselines[i]};
    walk->lines_.push_back(std::make_unique<WalkLine>(market, baseline));
    walk->triggered_.push_back(walk->lines_.back().get());
    walk->history_.lines.push_back(
        {.sides = {},
         .first = baseline,
         .swaps = {},
         .tally = {},
         .strategy = judging::StrategyTracker(market.costs(), market.labeller().horizon_bars())});
    walk->history_.lines.back().sides.reserve(market.bars().size());
  }
  walk->history_.returns.reserve(shared.timeline.batches());
  return walk;
}

bool Walk::ready() const {
  return std::ranges::all_of(making_, [](const Run& run) {
    const std::vector<TrainingHandle>& wanted = run.judged ? run.refits : run.fits;
    return std::ranges::all_of(wanted, [](const TrainingHandle& training) {
      return training == nullptr || training->done.load(std::memory_order_acquire);
    });
  });
}

Result<bool> Walk::advance() {
  const double begun = thread_cpu_seconds();
  const auto gone = [&]() -> Result<bool> {
    for (;;) {
      if (!make_runs()) return false;
      if (batch_ == shared_.timeline.batches() && !tick_with_bars_) break;
      if (Status done = next_event(); !done) return propagate(done);
    }
    end_due_runs(std::numeric_limits<TimeMs>::max());
    return true;
  }();
  history_.seconds += thread_cpu_seconds() - begun;
  return gone;
}

// The instant after `after` at which a schedule comes due. Asked for times that only go on, so that a later
// question has the earlier one's answer as long as that is ahead.
std::optional<TimeMs> Walk::next_tick(TimeMs after) {
  const bool holds =
      schedule_asked_ && after >= *schedule_asked_ && (!schedule_next_ || *schedule_next_ > after);
  if (!holds) {
    schedule_next_ = clock_.next_schedule(after);
    schedule_asked_ = after;
  }
  return schedule_next_;
}

// The order is that of loop::replay: schedules on the way, bars, then what is due with the bars.
Status Walk::next_event() {
  if (tick_with_bars_) {
    tick_with_bars_ = false;
    return tick(*newest_);
  }
  const TimeMs close = shared_.timeline.closes[batch_];
  if (newest_) {
    const auto due = next_tick(*newest_);
    if (due && *due < close) {
      newest_ = due;
      return tick(*due);
    }
  }
  tick_with_bars_ = next_tick(close - 1) == close;
  newest_ = close;
  return step();
}

Status Walk::step() {
  const TimeMs close = shared_.timeline.closes[batch_];
  end_due_runs(close);
  const bool history_only = close < shared_.begin_at;
  double returns = 0;
  int returned = 0;
  due_.clear();
  for (const Timeline::Item& item : shared_.timeline.batch(batch_)) {
    if (const auto value = take_bar(item.market, item.bar)) {
      returns += *value;
      ++returned;
    }
    settle(*lines_[item.market], history_.lines[item.market]);
    judge_former(item.market, close);
    if (history_only) continue;
    predict(item.market);
    due_.push_back(item.market);
  }
  if (returned > 0) history_.portfolio.push(returns / returned);
  history_.returns.push_back(returned > 0 ? returns / returned : std::numeric_limits<double>::quiet_NaN());
  ++batch_;
  return clock_.check(triggered_, due_, close, true, *this);
}

Status Walk::tick(TimeMs now) {
  end_due_runs(now);
  if (now < shared_.begin_at) return {};
  due_.resize(lines_.size());
  std::iota(due_.begin(), due_.end(), std::size_t{0});
  return clock_.check(triggered_, due_, now, false, *this);
}

std::optional<double> Walk::take_bar(std::size_t number, std::size_t bar) {
  WalkLine& line = *lines_[number];
  LineHistory& history = history_.lines[number];
  assert(bar == line.seen);
  if (line.seen++ == 0) line.started_at = line.market->closes()[bar];
  std::vector<signed char>& sides = history.sides;
  sides.push_back(LineHistory::kNoPrediction);
  if (bar < 2 || sides[bar - 2] == LineHistory::kNoPrediction) return std::nullopt;
  return line.market->strategy_return(history.strategy, bar, static_cast<Side>(sides[bar - 2]),
                                      sides[bar - 1] != LineHistory::kNoPrediction);
}

void Walk::settle(WalkLine& line, LineHistory& history) {
  for (; line.unsettled < line.seen; ++line.unsettled) {
    const Move& move = line.market->move(line.unsettled);
    if (move.settled >= line.seen) break;
    const signed char said = history.sides[line.unsettled];
    if (said == LineHistory::kNoPrediction) continue;
    const Side side = static_cast<Side>(said);
    Outcome& outcome = line.outcome;
    outcome.prediction_id = static_cast<std::int64_t>(line.unsettled);
    outcome.predicted_at = line.market->closes()[line.unsettled];
    outcome.entry_price = move.entry_price;
    outcome.gross_return = move.gross_return;
    outcome.side = side;
    outcome.correct = side != Side::hold && static_cast<double>(side) * move.gross_return > 0;
    outcome.correct_net = side == Side::buy ? move.buy_net : side == Side::sell && move.sell_net;
    line.performance.add(outcome);
    line.watch.settle(outcome, line.costs().round_trip(outcome.entry_price));
    history.tally.add(outcome, line.costs());
    if (side != Side::hold) line.signal_since_check = true;
  }
}

void Walk::predict(std::size_t number) {
  WalkLine& line = *lines_[number];
  const std::size_t bar = line.seen - 1;
  const AskedModel& model = *line.serving.serving;
  if (model.rows().frame.ready[bar] == 0 || !line.market->predictable(bar)) return;
  const Side side = model.side(bar, line.block);
  history_.lines[number].sides[bar] = static_cast<signed char>(side);
  const TimeMs now = line.market->closes()[bar];
  if (line.former.serving == nullptr || !line.watch.wants(now)) return;
  const AskedModel& former = *line.former.serving;
  const bool may = former.rows().frame.ready[bar] != 0;
  line.watch.ask({.id = static_cast<std::int64_t>(bar), .known_at = now},
                 may ? former.side(bar, line.former_block) : Side::hold);
}

void Walk::serve(WalkLine& line, const Version& version) {
  line.serving = version;
  line.block = {};
}

void Walk::judge_former(std::size_t number, TimeMs now) {
  WalkLine& line = *lines_[number];
  if (line.former.serving == nullptr) return;
  if (line.watch.e_value() >= recipe_.shadow.rollback_e_value) {
    history_.lines[number].swaps.push_back(
        {.at = now, .bar = line.seen - 1, .from = line.serving, .to = line.former, .back = true});
    ++history_.rollbacks;
    serve(line, line.former);
    line.former = {};
  } else if (now - line.watched_since >= recipe_.shadow.follow_ms) {
    line.former = {};
  }
}

}  // namespace pawl::studies
