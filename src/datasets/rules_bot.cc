#include "datasets/rules_bot.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "datasets/history.h"

namespace pawl::datasets {
namespace {

// Where the indicators stand in kTradeIndicators.
constexpr std::size_t kRsi = 0, kAtr = 4, kFast = 5, kSlow = 6;

// What the rules say at a bar, from its row and the one before.
Side entry_side(const BotRules& rules, std::span<const double> before, std::span<const double> now) {
  const double gap_before = before[kFast] - before[kSlow], gap = now[kFast] - now[kSlow];
  if (gap_before <= 0 && gap > 0) return Side::buy;
  if (gap_before >= 0 && gap < 0) return Side::sell;
  if (before[kRsi] < rules.rsi_low && now[kRsi] >= rules.rsi_low) return Side::buy;
  if (before[kRsi] > rules.rsi_high && now[kRsi] <= rules.rsi_high) return Side::sell;
  return Side::hold;
}

bool complete(std::span<const double> row) {
  return std::all_of(row.begin(), row.end(), [](double value) { return std::isfinite(value); });
}

struct Position {
  labels::Bracket bracket;
  TradeSignal signal;
};

}  // namespace

std::vector<std::string> bot_indicators(const BotRules& rules) {
  const auto macd = [&](std::string_view kind) {
    return fmt::format("{}({},{},{})", kind, rules.ema_fast, rules.ema_slow, rules.macd_signal);
  };
  return {fmt::format("rsi({})", rules.rsi),
          macd("macd"),
          macd("macd_signal"),
          fmt::format("adx({})", rules.adx),
          fmt::format("atr({})", rules.atr),
          fmt::format("ema({})", rules.ema_fast),
          fmt::format("ema({})", rules.ema_slow),
          std::string("volume")};
}

Result<BotRun> follow_rules_bot(const BarSeries& bars, const std::string& symbol, Timeframe base,
                                const MarketCalendar& calendar, const Costs& costs, const BotRules& rules) {
  auto list = features::FeatureList::parse(bot_indicators(rules), base, calendar);
  if (!list) return within("rules of the bot", list.error());
  FeatureHistory history(std::move(*list));
  history.follow(bars);
  const FeatureFrame frame = history.rows(bars, 0, bars.size());

  BotRun run;
  std::vector<BotTrade>& trades = run.trades;
  std::optional<Position> position;
  Side wanted = Side::hold;  // said at the close of the bar before
  for (std::size_t i = 0; i < bars.size(); ++i) {
    if (!position && wanted != Side::hold) {
      const std::span<const double> known = frame.row(i - 1);
      const auto bracket = labels::Bracket::open(rules.exits, wanted, bars.open(i), known[kAtr]);
      if (bracket) {
        TradeSignal signal{.id = fmt::format("{}-{}", symbol, trades.size() + 1),
                           .symbol = symbol,
                           .side = wanted,
                           .at = bars.open_time(i),
                           .entry_price = bars.open(i)};
        std::copy(known.begin(), known.end(), signal.indicators.begin());
        position = Position{*bracket, std::move(signal)};
      }
    }
    if (position) {
      if (const auto exit = position->bracket.step(bars[i])) {
        const double pnl = position->bracket.pnl_pct(*exit, costs);
        TradeClose close{.id = position->signal.id,
                         .at = bars.close_time(i),
                         .exit_price = *exit,
                         .pnl_pct = pnl,
                         .profitable = pnl > 0};
        trades.push_back({std::move(position->signal), std::move(close)});
        position.reset();
      }
    }
    const bool ready = i > 0 && frame.ready[i - 1] != 0 && frame.ready[i] != 0 && complete(frame.row(i));
    wanted = ready && !position ? entry_side(rules, frame.row(i - 1), frame.row(i)) : Side::hold;
  }
  if (position) run.open = std::move(position->signal);
  return run;
}

Result<std::vector<BotTrade>> run_rules_bot(const BarSeries& bars, const std::string& symbol, Timeframe base,
                                            const MarketCalendar& calendar, const Costs& costs,
                                            const BotRules& rules) {
  auto run = follow_rules_bot(bars, symbol, base, calendar, costs, rules);
  if (!run) return propagate(run);
  return std::move(run->trades);
}

}  // namespace pawl::datasets
