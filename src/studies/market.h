// One market of a comparison: its bars, and everything about them that does not depend on who decides.
// Features, labels and the moves that predictions come to are worked out once, for all policies.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "datasets/scoring_columns.h"
#include "judging/running.h"
#include "loop/bar_line.h"
#include "outcomes/outcome_tracker.h"

namespace pawl::studies {

// What a signal at a bar comes to. A sell's move is the same with the other sign.
struct Move {
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  std::size_t settled = kNever;  // the bar at whose close it is known; never: the data ends before
  double entry_price = 0, gross_return = 0;
  bool buy_net = false, sell_net = false;  // whether it pays its costs
};

// Immutable once it is made, but for make_job(), which locks: safe from any thread.
class Market {
 public:
  // Bars come joined with the recipe's outside series. `lists` are the feature lists that somebody's models
  // read. The recipe and the labeller outlive it.
  static Result<std::unique_ptr<Market>> make(const recipe::Recipe& recipe, const labels::Labeller& labeller,
                                              const Symbol& symbol, const BarSeries& bars,
                                              const std::vector<std::vector<std::string>>& lists);

  const LineId& line() const { return line_.id(); }
  const std::string& name() const { return line_.name(); }
  const Costs& costs() const { return line_.costs(); }
  const BarSeries& bars() const { return line_.series(0).bars(); }
  const std::vector<TimeMs>& closes() const { return closes_; }
  const recipe::Recipe& recipe() const { return recipe_; }
  const labels::Labeller& labeller() const { return labeller_; }

  // The rows of one of the lists over all bars.
  struct Rows {
    std::vector<std::string> specs;  // canonical
    std::string hash;
    std::size_t warm_up_bars = 0;
    FeatureFrame frame;
  };
  const Rows& rows(const std::vector<std::string>& specs) const;

  const Move& move(std::size_t bar) const { return moves_[bar]; }
  // Whether a prediction may be made at the bar, and whether it may be a signal.
  bool predictable(std::size_t bar) const { return predictable_[bar] != 0; }
  bool signal_allowed(std::size_t bar) const { return allowed_.empty() || allowed_[bar] != 0; }
  // The after-cost return of bar `bar` − 1 → `bar` for whoever said `side` at bar − 2; `carried`: there was a
  // prediction at bar − 1 too. As loop::Series has it. `bar` ≥ 2.
  double strategy_return(judging::StrategyTracker& strategy, std::size_t bar, Side side, bool carried) const;

  // What was known of bars [first, last) by `as_of`, for a contest over the rows that both lists have ready.
  // `bars` receives which bars those are.
  datasets::ScoringColumns judged_rows(const Rows& champion, const Rows& challenger, TimeMs after,
                                       TimeMs as_of, std::vector<std::size_t>& bars) const;

  // As the loop's line makes it at `windows.now`, but for how its rows lay, which nobody here watches.
  Result<training::Job> make_job(const recipe::Recipe& policy, const loop::Windows& windows,
                                 training::JobKind kind, const std::vector<std::string>& features) const;
  // Version 0 of the line.
  Result<VersionBundle> baseline() const;

 private:
  Market(const recipe::Recipe& recipe, const labels::Labeller& labeller, const Symbol& symbol);
  Status follow(const BarSeries& bars, const std::vector<std::vector<std::string>>& lists);
  void settle_moves();

  const recipe::Recipe& recipe_;
  const labels::Labeller& labeller_;
  mutable std::mutex mutex_;    // of line_'s histories
  mutable loop::BarLine line_;  // holds all bars; what it may say at an instant is cut by that instant
  std::vector<TimeMs> closes_;
  std::map<std::string, Rows> rows_;                 // by the list as it was given
  std::vector<Label> labels_;                        // by bar, each known at its horizon's end
  std::vector<Move> moves_;                          // by bar
  std::vector<std::uint8_t> predictable_, allowed_;  // by bar; allowed_ is empty where there is no rule
  std::vector<std::uint8_t> same_session_;           // by bar: with the one before
};

}  // namespace pawl::studies
