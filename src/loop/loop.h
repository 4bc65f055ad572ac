// The only place that closes the circle: an event in, everything that follows from it, in order. Live it is
// fed by the wall clock, in replay by recorded bars; it cannot tell which. One thread at a time.
//
// At the close of a bar (or of a quote, a tick of the clock), in this order:
//   1. runs whose time has come end: verdict, swap (or keep);
//   2. the bar is stored, features follow it;
//   3. predictions whose horizon has passed become outcomes;
//   4. the champion predicts;
//   5. triggers are asked, and a run begins: fit, contest, verdict, refit. What it found is held back until
//      its time has passed, so that replay does not flatter retraining.
// A trade filter is asked by its bot instead (signal, close; loop/trades.cc): its bars only end the refused
// signals that are followed on paper. At one instant: trades that close, bars, then new signals.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "gates/gate_policy.h"
#include "loop/bar_line.h"
#include "loop/joiner.h"
#include "loop/journal.h"
#include "loop/run.h"
#include "loop/trade_line.h"
#include "loop/trigger_clock.h"
#include "registry/registry.h"
#include "training/executor.h"

namespace pawl::loop {

// Bars of one or more symbols that close together.
struct BarBatch {
  TimeMs close_time = 0;
  using Item = Joiner::Item;  // a bar and the index of its symbol in the recipe
  std::vector<Item> items;
};

// Two versions of a line that are to be compared.
struct Matchup {
  std::size_t line = 0;                     // index in Loop::lines()
  std::optional<VersionNumber> challenger;  // nothing: the line has no other version
  std::optional<VersionNumber> against;     // nothing: the version that serves
};

// How far the training of a run is.
struct RunProgress {
  std::int64_t run = 0;
  std::vector<LineId> lines;
  std::string_view stage;  // "fit", "refit"
  ProgressUpdate update;
};

// The latency of a run that its process did not see the end of.
inline constexpr DurationMs kNeverEnds = 1000LL * 365 * kDayMs;

// What the loop stands on; all outlive it.
struct Rooms {
  store::Store& store;
  registry::Registry& registry;
  training::Executor& executor;
  SimulatedClock& clock;
  const Log& log;
  // When lines begin that begin now, where the loop's own clock knows no time yet; else its clock says.
  std::optional<TimeMs> opened_at = {};
  // Live: does a piece of work in another thread, pieces of higher priority first, and tells the loop's
  // thread then, which calls advance(). Empty: runs are trained at once, and end after the recipe's latency.
  std::function<void(int priority, std::function<void()> work)> background = {};
  // Called from the background's thread.
  std::function<void(const RunProgress&)> on_progress = {};
  // Called by the loop's thread with "promote.begin" before the one transaction that adds versions, moves
  // pointers and ends a run, and with "promote.end" once it is durable and serves.
  std::function<void(std::string_view phase, std::int64_t run)> on_phase = {};
  // In place of the recipe's latency, by run: how long the runs of a live process took that is replayed.
  std::function<std::optional<DurationMs>(std::int64_t run)> latency_of = {};
};

class Loop : private RunHost {
 public:
  // Makes the recipe's kinds and lines, and version 0 of each line where it is not there yet.
  static Result<std::unique_ptr<Loop>> open(const recipe::Recipe& recipe, const Rooms& rooms,
                                            DecisionLog& decisions, EventObserver observer,
                                            OutsidePoints outside = {});

  // One step of the circle for bars that close now. Time must not go back.
  Status step(const BarBatch& batch);
  // The next instant after `after` at which the clock alone has something to do: a schedule, a quote. Nothing
  // where there is none.
  std::optional<TimeMs> next_tick(TimeMs after) const;
  // The next instant at which a schedule comes due.
  std::optional<TimeMs> next_schedule(TimeMs after) const { return trigger_clock_.next_schedule(after); }
  // The clock says `now`, and no bar has closed.
  Status tick(TimeMs now);
  // A bot's signal: stored, answered by the serving version, and followed on paper where it is refused. The
  // answer is known now, or at the signal's own time where that is later; a signal that is reported after
  // bars have closed over it counts from the newest of them on. conflict where the id is taken,
  // invalid_argument where the signal is none (a symbol that the recipe does not have, no number).
  Result<TradeAnswer> signal(const TradeSignal& signal);
  // A trade of the bot's has closed. not_found where it never asked, conflict where it has closed already or
  // was refused: what is followed on paper closes by itself.
  Status close(const TradeClose& close);
  // The line of a trade filter; null in other recipes.
  const TradeLine* trade_line() const { return trade_line_; }

  // Bars that close before this are history only: nothing is predicted or triggered by them.
  void begin_at(TimeMs from) { begin_at_ = from; }
  // Somebody asks for a retrain of a line (a person, a signed webhook): it is looked at with the next event.
  // `force` promotes what it makes whatever the gate says, and says so everywhere.
  Status request(const LineId& line, std::string_view reason, bool full, bool force = false);

  // Why a run of the line could not begin at `now`: too few rows, a hold, in words; empty where it could.
  std::string why_ineligible(std::size_t line, TimeMs now) {
    return plan_line(*lines_[line], now).why_ineligible;
  }

  // Takes what the background has done: what was fitted is judged, what was refitted ends its run, known at
  // `now`. Cheap where there is nothing.
  Status advance(TimeMs now);
  // Runs that are being trained, oldest first.
  struct UnderWay {
    std::int64_t run = 0;
    std::vector<LineId> lines;
    std::string trigger, reason;
    std::string_view stage;
    TimeMs started_at = 0;
  };
  std::vector<UnderWay> under_way() const;
  // Writes a quote into the event stream, from which a forming bar is made again after a stop.
  Status note_quote(const Symbol& symbol, TimeMs at, double mid);
  // Says in the event stream how each line stands: what an operator looks for in the log.
  Status heartbeat();
  // Runs that a process left unfinished (this one, where it is about to end; an earlier one, found in the
  // store) are marked so. What a moment had asked for is asked again when it can be.
  Status mark_interrupted(TimeMs now);
  // Ends every run that is under way, each at its own time.
  Status drain();

  // Takes what a data folder already holds, as it was when its last process ended: bars, champions, counts.
  // Nothing is predicted or triggered by it.
  Status restore(const ProgressSink& progress);
  // A run by hand over the lines, on what their bars say; verdict and swap are known at `now`, which is when
  // it ends, or at their newest bar where that is later. Cool-downs are not looked at; too few rows and a
  // line that holds are errors.
  Result<RunReport> train_now(const std::vector<std::size_t>& lines, std::string_view reason, TimeMs now,
                              bool full = false);

  // What the gate says of versions that are there already, judged on the newest rows that neither side has
  // seen, all matchups as one group: nothing moves and nothing is written. A line without a challenger or
  // without enough rows is ineligible evidence, as in a run; conflict where a version was trained on another
  // label. Asked of a loop that was restored and takes no more events.
  Result<std::vector<LineReport>> judge(const std::vector<Matchup>& matchups);

  // Walk-forward folds for the last completed run of a recipe that asks for them on demand, added to its
  // report and record: five trainings a line would be dear in every run of a replay.
  Status walk_forward_last();

  // Gives a kept version its serving artifact, so that a person may promote it past the gate.
  Status refit_kept(std::size_t line, VersionNumber version);

  // The pointer moved by a person: promotion log, event stream and what serves move together, or not at all.
  // Lines by their index. conflict where the gate refused the version and `force` is not said; a forced one
  // is fitted to the present first, in this thread.
  Status promote_by_hand(std::size_t line, VersionNumber to, bool force, std::string_view reason,
                         std::string_view actor, TimeMs now);
  // Back to the version that served before, or to `to`; the line then holds. Gives what serves.
  Result<VersionNumber> roll_back_by_hand(std::size_t line, std::optional<VersionNumber> to,
                                          std::optional<TimeMs> hold_until, std::string_view reason,
                                          std::string_view actor, TimeMs now);
  Status release_by_hand(std::size_t line, std::string_view actor, TimeMs now);

  const std::vector<std::unique_ptr<Line>>& lines() const { return lines_; }
  // By the recipe's symbols; several belong to one line where it is pooled.
  Series& series(std::size_t symbol) const { return feeds_[symbol].line->series(feeds_[symbol].index); }
  std::size_t series_count() const { return feeds_.size(); }
  // Of a live process the newest hundred only.
  const std::vector<RunReport>& finished_runs() const { return finished_; }
  // Of all runs that ended since this loop was made.
  struct RunCounts {
    std::int64_t completed = 0, failed = 0, promotions = 0;
    std::int64_t rollbacks = 0;  // by what a version in the shadow had shown
  };
  const RunCounts& run_counts() const { return run_counts_; }
  // After-cost returns of the strategy, bar by bar, averaged over the lines that had one.
  const judging::RunningReturns& portfolio_returns() const { return portfolio_returns_; }
  const RunKinds& kinds() const { return kinds_; }
  TimeMs now() const { return rooms_.clock.now(); }

 private:
  Loop(const recipe::Recipe& recipe, const Rooms& rooms, RunKinds kinds, TriggerClock trigger_clock,
       DecisionLog& decisions, EventObserver observer, OutsidePoints outside);

  // Which series the bars of a symbol go to.
  struct Feed {
    BarLine* line;
    std::size_t index;   // of the series in it
    std::size_t number;  // of the line
  };

  // All that follows from one input. Live it is kept as a whole or not at all: after a crash a bar is known
  // with what was predicted and asked from it, or comes again.
  Status as_one(const std::function<Status()>& work);
  Status step_bars(const BarBatch& batch);
  Status look(TimeMs now);

  Result<LineReport> judge_line(const Matchup& matchup, TimeMs now);
  Status move_by_hand(Line& line, std::string_view action, VersionNumber to, std::string_view reason,
                      std::string_view actor, TimeMs now, const std::function<Result<VersionNumber>()>& move);
  Status open_line(Line& line);
  Status restore_series(BarLine& line, std::size_t index, const ProgressSink& progress);
  Status restore_versions(Line& line);
  Status restore_drift();
  Status restore_clocks(Line& line);
  Status restore_deferral(Line& line);
  Status restore_trades(const ProgressSink& progress);
  Status restore_trade_bars(const ProgressSink& progress);
  Status restore_watch();
  // bad_data where a bar opens before the last one's close; a gap between them is told.
  Status expect_next(const Symbol& symbol, TimeMs last_close, const Bar& bar);
  Status take_bar(const Feed& feed, const Bar& bar, std::span<const double> joined);
  Status settle_outcomes(const Feed& feed);
  Status predict(const Feed& feed, TimeMs now);
  // `shadow` is one of the line's, which learns from bars. A version that no longer verifies is not watched.
  Status begin_shadow(Line& line, Shadow& shadow, VersionNumber other, TimeMs at);
  // What the versions in the shadow would have said in place of a prediction, where they are asked about
  // that one.
  void ask_shadows(const Feed& feed, const Prediction& served);
  // Whether the evidence is enough by now, or its time is over; before the market's next prediction.
  Status judge_shadow(Line& line, Shadow& shadow, TimeMs now);
  Status roll_back_by_shadow(Line& line, TimeMs now);
  Status swap_by_shadow(Line& line, TimeMs now);
  // Says why a shadow ends without having moved anything, and ends it.
  Status end_shadow(Line& line, Shadow& shadow, std::string_view why, TimeMs now);
  Status restore_shadows(BarLine& line);
  Status replay_shadows(BarLine& line);
  // Whether what the gate let through has to prove itself in the shadow before it serves.
  bool must_prove(const LineReport& found) const;
  // Says in a run's report what goes on probation or stays aside.
  void find_probations(PendingRun& run) const;
  // conflict where a run's pointer may not move any more: somebody moved it, or the line holds.
  Status expect_unmoved(const LineReport& found, TimeMs now) const;
  Status announce_probation(Line& line, const RunReport& report, const LineReport& found, TimeMs at);
  // What the watch for drift makes of a prediction: an event where a check is due (loop/drift_checks.cc).
  Status watch_drift(BarLine& line, const Prediction& prediction, std::span<const double> row);
  Status poll_quotes(TimeMs now);
  Status step_trades(const BarBatch& batch);
  Status take_trade_bar(std::size_t symbol, const Bar& bar);
  // The close of a trade by its bot or on paper, in one transaction with what follows from it.
  Status settle_trade(const TradeClose& close, std::string_view by, TimeMs now);
  // Closes that came out of stored bars when the loop was restored.
  Status settle_late(TimeMs now);
  Status watch_swap(VersionNumber former);
  Status judge_watch(TimeMs now);
  Status take_back(const outcomes::SwapVerdict& verdict, TimeMs now);
  // Lines by their index.
  Status check_triggers(const std::vector<std::size_t>& lines, TimeMs now, bool live_event);
  Result<bool> holds(std::size_t line, TimeMs now) override;
  PlannedLine plan(std::size_t line, TimeMs now) override;
  Status begin(std::vector<PlannedLine> plans, const triggers::TriggerReason& reason, TimeMs now) override;
  Status tell(std::string_view kind, std::span<const std::size_t> lines, TimeMs now,
              const Json& payload) override;
  // A run that is trained in the background.
  struct Working {
    RunUnderWay run;
    JobResults results;
    bool refitting = false;
    std::atomic<bool> done = false;
  };
  void put_to_work(const std::shared_ptr<Working>& working);
  LinePlan plan_line(Line& line, TimeMs now);
  Status end_due_runs(TimeMs now);
  Status end_run(PendingRun run);
  Status settle(PendingRun& run);
  Status announce_all(PendingRun& run);
  Status announce_failure(PendingRun& run);
  // Verdict and, where it promotes, swap of one line of a completed run.
  Status announce(Line& line, const RunReport& report, const LineReport& found, TimeMs at);
  static void remember_champion(Line& line, const Scorecard& scores);

  const recipe::Recipe& recipe_;
  Rooms rooms_;
  RunKinds kinds_;
  TriggerClock trigger_clock_;
  Journal journal_;
  RunMaker run_maker_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<TriggeredLine*> triggered_;  // the same
  std::vector<Feed> feeds_;                // by symbol; none of a trade filter
  TradeLine* trade_line_ = nullptr;        // one of lines_, where the recipe is a trade filter
  std::vector<TradeClose> late_closes_;    // by time
  Joiner joiner_;
  TimeMs begin_at_ = std::numeric_limits<TimeMs>::min();
  std::vector<PendingRun> pending_;                // by due time
  std::vector<std::shared_ptr<Working>> working_;  // oldest first
  std::vector<LinePlan> last_plans_;               // of the newest run
  std::vector<RunReport> finished_;
  RunCounts run_counts_;
  judging::RunningReturns portfolio_returns_;
};

}  // namespace pawl::loop
