#include "loop/live/live.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace pawl::loop {

namespace {

constexpr double kLongestWaitS = 1;
// A tick that is due but cannot be looked at yet (there is not one bar) is not asked for all the time.
constexpr double kShortestTickWaitS = 0.02;
// A schedule that is handled later than this was missed, and is caught up at the present instant.
constexpr DurationMs kOnTimeMs = kMinuteMs;

Error closing() {
  return {ErrorCode::conflict, "pawl is stopping; try again when it runs"};
}

}  // namespace

Live::Live(const recipe::Recipe& recipe, serving::Board& board, EventHub& hub, LiveTime& time,
           Settings settings)
    : recipe_(recipe),
      board_(board),
      hub_(hub),
      time_(time),
      settings_(settings),
      heartbeat_at_s_(monotonic_seconds()),
      failed_(fail(ErrorCode::conflict, "pawl is starting; try again in a moment")) {}

void Live::post(LiveWork work) {
  {
    const std::scoped_lock lock(mutex_);
    if (!closed_) {
      waiting_.push_back(std::move(work));
      work = {};
    }
  }
  if (work.settled) {
    work.settled(std::unexpected(closing()));
    return;
  }
  wake_.notify_one();
}

void Live::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void Live::close() {
  std::deque<LiveWork> left;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    left.swap(waiting_);
  }
  wake_.notify_one();
  for (const LiveWork& work : left) work.settled(std::unexpected(closing()));
}

void Live::wait(double seconds) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::duration<double>(seconds),
                 [&] { return woken_ || closed_ || !waiting_.empty(); });
  woken_ = false;
}

void Live::attach(Loop& loop, store::Store& store, registry::Registry& registry) {
  loop_ = &loop;
  store_ = &store;
  registry_ = &registry;
  failed_ = {};
  // Schedules go on from where the store ends: what came due since is caught up, once.
  ticked_to_ = loop.now();
  if (Status restored = restore_quotes(); !restored) fail_step(restored.error());
  publish();
}

void Live::detach() {
  fail_step({ErrorCode::io, "pawl is reading its store again after a failure; try again in a moment"});
  loop_ = nullptr;
  store_ = nullptr;
  registry_ = nullptr;
  pacer_.reset();
  fresh_.clear();
}

void Live::show_rest() {
  hub_.publish(std::exchange(fresh_, {}));
}

TimeMs Live::now() {
  return loop_ == nullptr ? time_.now() : std::max(time_.now(), loop_->now());
}

void Live::fail_step(const Error& error) {
  if (failed_) failed_ = std::unexpected(error);
}

void Live::take_work() {
  std::deque<LiveWork> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(waiting_);
    woken_ = false;
  }
  for (LiveWork& work : taken) {
    if (failed_) work.run(*this);
    done_.push_back(std::move(work));
  }
}

Live::Step Live::step() {
  take_work();
  Step step;
  const std::size_t before = fresh_.size();
  if (failed_) {
    // Between two inputs, never at the instant of either: that is the order in which replay has it too.
    TimeMs end = now();
    if (pacer_) {
      if (const auto next = pacer_->next(*loop_)) end = std::min(end, *next);
    }
    if (Status advanced = loop_->advance(std::max(end, loop_->now() + 1)); !advanced) {
      fail_step(advanced.error());
    }
  }
  if (failed_) {
    if (Status fed = feed_due(); !fed) fail_step(fed.error());
  }
  if (failed_) {
    if (Status fed = feed_quotes(); !fed) fail_step(fed.error());
  }
  if (failed_) {
    if (Status told = heartbeat(); !told) fail_step(told.error());
  }
  step.fed = !done_.empty() || fresh_.size() != before;
  if (failed_ && step.fed) {
    if (Status flushed = store_->flush(); !flushed) fail_step(flushed.error());
  }
  const bool durable = failed_.has_value();
  if (durable && step.fed) publish();
  settle(failed_);
  if (durable && step.fed && on_durable_) on_durable_();
  step.status = failed_;
  if (!failed_) {
    fresh_.clear();
    return step;
  }
  if (step.fed) hub_.publish(std::exchange(fresh_, {}));
  step.wait_seconds = kLongestWaitS;
  if (const auto end = quotes_->next_end()) {
    step.wait_seconds = std::clamp(time_.seconds_until(*end + settings_.tick_grace_ms), kShortestTickWaitS,
                                   step.wait_seconds);
  }
  if (pacer_) {
    if (const auto next = pacer_->next(*loop_)) {
      step.wait_seconds = std::min(step.wait_seconds, time_.seconds_until(*next));
    }
  } else if (const auto tick = loop_->next_tick(*ticked_to_)) {
    const double until = time_.seconds_until(*tick + settings_.tick_grace_ms);
    step.wait_seconds = std::clamp(until, kShortestTickWaitS, step.wait_seconds);
  }
  return step;
}

void Live::settle(const Status& durable) {
  std::vector<LiveWork> done;
  done.swap(done_);
  for (const LiveWork& work : done) work.settled(durable);
}

void Live::publish() {
  for (std::size_t i = 0; i < board_.size(); ++i) {
    swapped_ = board_.publish(i, loop_->lines()[i]->live()) || swapped_;
  }
}

Status Live::feed_due() {
  if (!pacer_) return tick_due();
  const double began = monotonic_seconds();
  for (;;) {
    const auto next = pacer_->next(*loop_);
    if (!next || *next > time_.now()) return {};
    if (Status fed = pacer_->feed(*loop_); !fed) return fed;
    if (monotonic_seconds() - began > settings_.feed_seconds_max) return {};
    // A run that has ended meanwhile comes before the next input.
    if (Status advanced = loop_->advance(loop_->now() + 1); !advanced) return advanced;
  }
}

Status Live::tick_due() {
  // Before the first bar there is nothing to look at, and no time either: bars may be of the past.
  const bool any = std::any_of(loop_->lines().begin(), loop_->lines().end(),
                               [](const std::unique_ptr<Line>& line) { return line->data_count() > 0; });
  if (!any) return {};
  const TimeMs present = time_.now();
  ticked_to_ = std::max(*ticked_to_, loop_->now());
  const auto due = loop_->next_tick(*ticked_to_);
  if (!due || *due + settings_.tick_grace_ms > present) return {};
  // However many were missed (a stopped process, a clock that jumped), they are caught up by one look; a
  // clock that is set back does not come to them again, because ticked_to_ only grows.
  const TimeMs at = present - *due < kOnTimeMs ? *due : present;
  ticked_to_ = at;
  return loop_->tick(std::max(at, loop_->now()));
}

Status Live::heartbeat() {
  const double now_s = monotonic_seconds();
  if (settings_.heartbeat_ms == 0 || now_s < heartbeat_at_s_) return {};
  heartbeat_at_s_ = now_s + static_cast<double>(settings_.heartbeat_ms) / 1000;
  return loop_->heartbeat();
}

}  // namespace pawl::loop
