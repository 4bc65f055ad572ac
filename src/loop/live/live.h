// The loop on the wall clock: takes what comes from outside, one piece of work at a time, feeds what is due,
// makes it durable, and only then tells anybody. Everything but post(), wake() and close() belongs to the
// loop's thread; a test is that thread and calls step() itself.
//
// One step, in this order:
//   1. work that others have posted (bars, a bot's trades, a person's wishes) is done;
//   2. what the trainer has finished is taken;
//   3. inputs that are due are fed: recorded bars, ticks of schedules;
//   4. all of it is made durable, in one commit;
//   5. whoever posted work is told, events are shown, a swapped version is published.
// A failure of the store leaves the loop unusable, never the answers: work is refused until somebody has
// rebuilt the loop from what is durable (attach()).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "loop/live/event_hub.h"
#include "loop/live/live_time.h"
#include "loop/live/pacer.h"
#include "loop/live/quote_bars.h"
#include "loop/loop.h"
#include "serving/board.h"

namespace pawl::loop {

// Work for the loop's thread. `settled` is called exactly once, from that thread or from close(): with
// success when what `run` did is durable, else with the reason, whether `run` was called or not.
struct LiveWork {
  std::function<void(class Live&)> run;
  std::function<void(const Status&)> settled;
};

// What became of bars that were pushed.
struct PushReport {
  std::int64_t added = 0, duplicates = 0, revised = 0;
  std::vector<Prediction> predictions;
  std::vector<std::string> gaps;  // in words
};

// A bar from outside, with the place it came from for messages ("bars[3]").
struct PushedBar {
  std::size_t symbol = 0;  // index in the recipe's symbols
  Bar bar;
  std::string place;
};

struct PushOptions {
  bool accept_gap = false;  // bars that are missing in between will never come
  // Predict at every bar, rather than at the newest instant only: what came late is history by then.
  bool predict_all = false;
};

class Live {
 public:
  struct Settings {
    DurationMs heartbeat_ms = 300'000;  // of the monotonic clock
    DurationMs tick_grace_ms = 2'000;   // a schedule waits so long for bars that close with it
    double feed_seconds_max = 0.05;     // one step feeds no longer than this before it commits
  };

  Live(const recipe::Recipe& recipe, serving::Board& board, EventHub& hub, LiveTime& time, Settings settings);

  // --- any thread
  void post(LiveWork work);
  void wake();
  // Nothing is taken from now on; what waits is settled as refused.
  void close();

  // --- the loop's thread
  // A loop to drive, and whose store is to be flushed; it was made with an observer that calls observe(), and
  // was restored. In place of one that failed.
  void attach(Loop& loop, store::Store& store, registry::Registry& registry);
  // The loop is about to go; work is refused until the next one is attached.
  void detach();
  // True once after versions were published to the board.
  bool take_swapped() { return std::exchange(swapped_, false); }
  // Shows what has been made durable beside step(), as a process does that is about to end.
  void show_rest();
  void observe(const Event& event) { fresh_.push_back(event); }
  void set_pacer(Pacer pacer) { pacer_ = std::move(pacer); }
  const std::optional<Pacer>& pacer() const { return pacer_; }

  struct Step {
    // What stopped it, where the loop has to be rebuilt; work is refused until then.
    Status status;
    bool fed = false;         // something happened
    double wait_seconds = 0;  // until something is due; capped at a second
  };
  Step step();
  // Sleeps until there is work, or the time has passed.
  void wait(double seconds);
  // Called at the end of each step that has done something, when all is durable.
  void on_durable(std::function<void()> then) { on_durable_ = std::move(then); }

  // What posted work may do.
  Loop& loop() { return *loop_; }
  store::Store& store() { return *store_; }
  registry::Registry& registry() { return *registry_; }
  const recipe::Recipe& recipe() const { return recipe_; }
  TimeMs now();
  // bad_data names the bar and what is wrong, before anything is taken; conflict where bars are missing in
  // between and nobody said that they will never come.
  Result<PushReport> push_bars(std::vector<PushedBar> bars, const PushOptions& options);
  // A quote becomes part of the bar that it falls into, which is taken once it has ended: with the next
  // quote, or with the clock. bad_data where it is stale or out of order, and so no quote.
  Result<PushReport> push_quote(const Quote& quote);
  // The bar that a symbol's quotes are forming; null where there is none.
  const Bar* forming(std::size_t symbol) const { return quotes_->forming(symbol); }
  // A retrain of these lines (indices; empty: all), looked at now. Gives the ids of the runs that began; none
  // where the lines are short of rows, or train already.
  Result<std::vector<std::int64_t>> request(const std::vector<std::size_t>& lines, std::string_view reason,
                                            bool full, bool force);
  // The pointer by hand; `actor` stands in the promotion log.
  struct HandMove {
    std::size_t line = 0;
    std::optional<VersionNumber> to;  // nothing: the version that served before
    std::string reason, actor;
    bool force = false;
    std::optional<TimeMs> hold_until;
  };
  Result<VersionNumber> promote(const HandMove& move);
  Result<VersionNumber> roll_back(const HandMove& move);
  Status release(std::size_t line, std::string_view actor);
  // A failure in the middle of posted work that leaves loop and store apart.
  void fail_step(const Error& error);

 private:
  void take_work();
  Status feed_due();
  Status feed_quotes();
  Status restore_quotes();
  Status tick_due();
  Status heartbeat();
  void settle(const Status& durable);
  void publish();
  Status check_pushed(std::vector<PushedBar>& bars, const PushOptions& options, PushReport& report);
  Status revise(const PushedBar& pushed, PushReport& report);
  // Of a symbol: when its newest bar closed, and the bar that opens then.
  std::optional<TimeMs> last_close(std::size_t symbol) const;
  Result<std::optional<Bar>> known_bar(std::size_t symbol, TimeMs open_time);

  const recipe::Recipe& recipe_;
  serving::Board& board_;
  EventHub& hub_;
  LiveTime& time_;
  Settings settings_;
  Loop* loop_ = nullptr;
  store::Store* store_ = nullptr;
  registry::Registry* registry_ = nullptr;
  std::optional<Pacer> pacer_;
  std::optional<QuoteBars> quotes_;
  std::vector<PushedBar> late_;  // bars of quotes that ended while nobody ran
  std::optional<TimeMs> ticked_to_;
  double heartbeat_at_s_ = 0;
  bool swapped_ = false;
  std::vector<Event> fresh_;  // of this step, not durable yet
  std::vector<LiveWork> done_;
  std::function<void()> on_durable_;
  Status failed_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<LiveWork> waiting_;
  bool woken_ = false, closed_ = false;
};

}  // namespace pawl::loop
