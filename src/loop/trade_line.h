// The line of a trade filter: it learns from a bot's closed trades, answers its signals, and follows those
// that it refused on paper. All symbols of the recipe are one line.
#pragma once

#include <map>
#include <vector>

#include "datasets/trade_table.h"
#include "domain/bar.h"
#include "domain/symbol.h"
#include "domain/trade.h"
#include "loop/line.h"
#include "loop/trade_watch.h"
#include "outcomes/paper_trades.h"

namespace pawl::loop {

// What a bot is told about its signal.
struct TradeAnswer {
  std::int64_t number = 0;  // of the trade in the store
  double p_profit = 0.5;
  bool allowed = true;
  VersionNumber version;  // that answered
};

// Whether a signal with that chance of profit is let through: always by version 0 and where predictions are
// switched off, else from the threshold on.
bool allows(const recipe::TradeSettings& trades, VersionNumber version, double p_profit);

// How a refused signal ends on paper.
labels::BracketRules paper_rules(const recipe::TradeSettings& trades);

// How the trades have gone since the line began, for reports.
struct TradeTally {
  std::int64_t allowed = 0, allowed_profitable = 0;  // closed ones
  std::int64_t refused = 0, refused_profitable = 0;  // likewise, on paper
  std::int64_t right = 0;                            // the answer was what the trade came to
  double allowed_pnl_pct = 0, refused_pnl_pct = 0;   // sums
};

class TradeLine final : public Line {
 public:
  explicit TradeLine(const recipe::Recipe& recipe);  // which outlives it

  // Index of the recipe's symbol that a bot calls so; invalid_argument where it is none of them.
  Result<std::size_t> find_symbol(std::string_view given) const;

  // What the serving version says of a signal: p_profit, version and digest of its row.
  Prediction ask(const TradeSignal& signal) const;
  struct Opened {
    bool followed = false;           // on paper, from its next bar on
    std::optional<double> p_former;  // what the version before a swap under watch says of it
  };
  // Takes a trade that was opened. One that was refused is followed on paper, unless it has closed already;
  // without a price and an ATR there is nothing to follow, and it stays open.
  Opened take_open(const Trade& trade);
  // The open trade of that id; null where there is none.
  const Trade* find_open(std::string_view id) const;
  // Takes the close of an open trade, which stays out of the training data unless it is collected.
  void take_close(const TradeClose& close, bool collected);
  // The next bar of a symbol; the refused signals that ended in it, in the order in which they were made.
  // Closing them is the caller's.
  std::vector<TradeClose> take_bar(std::size_t symbol, const Bar& bar);
  // Close of the symbol's newest bar.
  std::optional<TimeMs> last_bar_close(std::size_t symbol) const { return followers_[symbol].last_close; }
  std::optional<TimeMs> newest_bar_close() const;

  const TradeTally& tally() const { return tally_; }
  std::int64_t bars() const { return bars_; }
  std::int64_t closed_trades() const { return static_cast<std::int64_t>(closed_.size()); }
  std::size_t open_trades() const { return open_.size(); }
  std::size_t followed_trades() const;
  TradeWatch watch;

  int classes() const override { return 2; }
  Result<FeatureIdentity> features() override;
  Result<VersionBundle> baseline(TimeMs now) override;
  // The newest share of the closed trades is judged, and none that was open when the first of them opened is
  // fitted to.
  Result<Windows> plan(TimeMs now) override;
  Status fill(training::Job& job, const Windows& windows, const std::vector<std::string>& features) override;
  Result<Evidence> contest(const Windows& windows, const VersionBundle& challenger,
                           const models::Model& model) override;
  Status serve(serving::LiveModel::Handle version) override;
  void forget_before(TimeMs) override {}
  std::int64_t data_count() const override { return static_cast<std::int64_t>(collected_at_.size()); }
  TimeMs newest_known_at() const override { return newest_; }
  std::int64_t new_samples() const override;

 private:
  struct Follower {
    Symbol symbol;
    outcomes::PaperTrades paper;
    std::optional<TimeMs> last_close;
  };
  // Closed by `known_at` and collected, by the instant of their opening.
  datasets::TradeTable table(TimeMs known_at) const;

  const recipe::Recipe& recipe_;
  std::vector<Follower> followers_;  // by symbol
  std::map<std::string, Trade, std::less<>> open_;
  struct Closed {
    Trade trade;
    bool collected = true;
  };
  std::vector<Closed> closed_;
  std::vector<TimeMs> collected_at_;  // when each was closed, in order
  TradeTally tally_;
  std::int64_t bars_ = 0;
  TimeMs newest_;
};

}  // namespace pawl::loop
