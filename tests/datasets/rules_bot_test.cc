// The bot of rules: its trades are what bars and rules make them, and nothing that comes later.
#include "datasets/rules_bot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "datasets/history.h"
#include "support/real_bars.h"
#include "support/test_files.h"
#include "support/walk_bars.h"

namespace pawl::datasets {
namespace {

constexpr Costs kCosts{.per_side_bp = 2};
const MarketCalendar kAlways = MarketCalendar::utc_always();

std::vector<BotTrade> run(const BarSeries& bars, Timeframe base = kH1, const BotRules& rules = {}) {
  auto trades = run_rules_bot(bars, "EUR_USD", base, kAlways, kCosts, rules);
  EXPECT_TRUE(trades) << trades.error().message;
  return trades ? std::move(*trades) : std::vector<BotTrade>();
}

void expect_same(const BotTrade& a, const BotTrade& b) {
  EXPECT_EQ(a.signal.id, b.signal.id);
  EXPECT_EQ(a.signal.at, b.signal.at);
  EXPECT_EQ(a.signal.side, b.signal.side);
  EXPECT_EQ(a.signal.entry_price, b.signal.entry_price);
  for (std::size_t i = 0; i < kTradeIndicators.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(a.signal.indicators[i]),
              std::bit_cast<std::uint64_t>(b.signal.indicators[i]));
  }
  EXPECT_EQ(a.close.at, b.close.at);
  EXPECT_EQ(a.close.exit_price, b.close.exit_price);
  EXPECT_EQ(a.close.pnl_pct, b.close.pnl_pct);
  EXPECT_EQ(a.close.profitable, b.close.profitable);
}

// The other way round: from each trade back to the bars.
void check_trades(const BarSeries& bars, const std::vector<BotTrade>& trades, Timeframe base,
                  const BotRules& rules = {}) {
  auto list = features::FeatureList::parse(bot_indicators(rules), base, kAlways);
  ASSERT_TRUE(list);
  FeatureHistory history(std::move(*list));
  history.follow(bars);
  const FeatureFrame frame = history.rows(bars, 0, bars.size());
  TimeMs last_exit = std::numeric_limits<TimeMs>::min();
  for (const BotTrade& trade : trades) {
    const std::size_t entry = bars.count_opened_before(trade.signal.at);
    ASSERT_LT(entry, bars.size());
    ASSERT_GT(entry, 1u);
    EXPECT_EQ(bars.open_time(entry), trade.signal.at);
    EXPECT_EQ(bars.open(entry), trade.signal.entry_price);
    const auto before = frame.row(entry - 2), known = frame.row(entry - 1);
    EXPECT_TRUE(std::equal(known.begin(), known.end(), trade.signal.indicators.begin()));
    const double sign = static_cast<double>(trade.signal.side);
    const bool crossed = sign * (known[5] - known[6]) > 0 && sign * (before[5] - before[6]) <= 0;
    const bool came_back = sign > 0 ? before[0] < 30 && known[0] >= 30 : before[0] > 70 && known[0] <= 70;
    EXPECT_TRUE(crossed || came_back) << trade.signal.id;
    EXPECT_GE(trade.signal.at, last_exit) << "one position at a time";
    last_exit = trade.close.at;
    EXPECT_GT(trade.close.at, trade.signal.at);
    const double gross = sign * (trade.close.exit_price / trade.signal.entry_price - 1);
    EXPECT_NEAR(trade.close.pnl_pct, 100 * gross - 0.04, 1e-9);
    EXPECT_EQ(trade.close.profitable, trade.close.pnl_pct > 0);
  }
}

TEST(RulesBot, C3TradesOnWhatItsRulesSayAtTheBarBefore) {
  const BarSeries bars = test::walk_bars(1, 6000);
  const std::vector<BotTrade> trades = run(bars);
  EXPECT_GT(trades.size(), 200u);
  check_trades(bars, trades, kH1);
  const auto wins =
      std::count_if(trades.begin(), trades.end(), [](const BotTrade& t) { return t.close.profitable; });
  EXPECT_GT(wins, 0);
  EXPECT_LT(wins, static_cast<std::ptrdiff_t>(trades.size()));
}

// Another future leaves every trade that was over before it, and the indicators of the one under way.
TEST(RulesBot, C3LaterBarsChangeNoEarlierTrade) {
  const BarSeries bars = test::walk_bars(2, 3000), others = test::walk_bars(99, 3000);
  const std::vector<BotTrade> trades = run(bars);
  ASSERT_FALSE(trades.empty());
  for (const std::size_t known : {500u, 1201u, 2222u}) {
    BarSeries changed = bars.slice(0, known);
    for (std::size_t i = known; i < others.size(); ++i) changed.append(others[i]);
    const std::vector<BotTrade> again = run(changed), cut = run(bars.slice(0, known));
    const TimeMs now = bars.close_time(known - 1);
    std::size_t over = 0;
    while (over < trades.size() && trades[over].close.at <= now) ++over;
    ASSERT_EQ(cut.size(), over);
    ASSERT_GE(again.size(), over);
    for (std::size_t i = 0; i < over; ++i) {
      expect_same(trades[i], again[i]);
      expect_same(trades[i], cut[i]);
    }
    if (over < trades.size() && over < again.size() && trades[over].signal.at < now) {
      EXPECT_EQ(trades[over].signal.indicators, again[over].signal.indicators);
      EXPECT_EQ(trades[over].signal.entry_price, again[over].signal.entry_price);
    }
  }
}

TEST(RulesBot, C3RulesThatAreNoneAreRefused) {
  const auto refused = run_rules_bot(test::walk_bars(1, 10), "EUR_USD", kH1, kAlways, kCosts,
                                     {.ema_fast = 30, .ema_slow = 20});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_config);
}

TEST(RulesBot, C3MakesAThousandTradesOfRealBars) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << test::kNoSharedData;
  // A quicker bot on the fewer bars.
  const BotRules quick{
      .ema_fast = 5, .ema_slow = 13, .exits = {.stop_atr = 1, .target_atr = 1.5, .bars_max = 12}};
  for (const auto& [name, base, rules] :
       {std::tuple{"EURUSD_M5.csv.gz", kM5, BotRules()}, {"EURUSD_H1.csv.gz", kH1, quick}}) {
    const BarSeries bars = test::read_real_bars(*data / "forex" / name, base);
    const std::vector<BotTrade> trades = run(bars, base, rules);
    EXPECT_GE(trades.size(), 1000u) << name << ", " << bars.size() << " bars";
    check_trades(bars, trades, base, rules);
  }
}

}  // namespace
}  // namespace pawl::datasets
