// A filter over recorded bars and trades: the order of things at an instant, and no event that knows the
// future.
#include "loop/trade_rig.h"
#include "support/event_check.h"

namespace pawl::loop {
namespace {

using market::TradeEvent;
using test::KnownLine;

std::vector<TradeEvent> events_of(const BarSeries& bars, const datasets::BotRules& rules = {}) {
  auto run = datasets::follow_rules_bot(bars, "EUR_USD", kH1, MarketCalendar::utc_always(), {}, rules);
  EXPECT_TRUE(run.has_value());
  std::vector<TradeEvent> events;
  for (const datasets::BotTrade& trade : run->trades) {
    events.emplace_back(trade.signal);
    events.emplace_back(trade.close);
  }
  if (run->open) events.emplace_back(*run->open);
  std::stable_sort(events.begin(), events.end(), [](const TradeEvent& a, const TradeEvent& b) {
    return market::time_of(a) < market::time_of(b);
  });
  return events;
}

TradeReplay replayed(TradeRig& rig, const BarSeries& bars, const std::vector<TradeEvent>& events) {
  auto done = replay_trades(*rig.loop, {bars}, events, {});
  EXPECT_TRUE(done.has_value()) << done.error().message;
  return done.value_or(TradeReplay{});
}

// A bot that trades often, so that few bars hold many retrains.
const datasets::BotRules kQuick{
    .ema_fast = 3, .ema_slow = 8, .rsi = 5, .exits = {.stop_atr = 1, .target_atr = 1.2, .bars_max = 6}};
const Sets kPatient = {{"trades.ml_retrain_frequency_days", "10"}, {"training.latency_minutes", "150"}};

std::vector<KnownLine> told_of(const BarSeries& bars, const std::vector<TradeEvent>& events) {
  TradeRig rig(kPatient);
  replayed(rig, bars, events);
  std::vector<KnownLine> lines;
  for (const Event& event : rig.events) lines.push_back({event.known_at, to_ndjson(event)});
  return lines;
}

std::vector<KnownLine> told(const BarSeries& bars) {
  return told_of(bars, events_of(bars, kQuick));
}

// The bot's entry price is the open of the bar that begins at a signal's instant: what is told then may know
// it, so the comparison ends just before.
std::optional<std::string> find_leak(const test::EventsOfBars& told_by, const BarSeries& bars,
                                     const std::vector<std::size_t>& cuts) {
  const std::vector<KnownLine> truth = told_by(bars);
  for (const std::size_t cut : cuts) {
    const TimeMs until = bars.close_time(cut - 1) - 1;
    const BarSeries scrambled = test::with_scrambled_future(bars, cut, cut);
    if (auto leak = test::difference_until(until, truth, told_by(scrambled))) return "scrambled: " + *leak;
    if (auto leak = test::difference_until(until, truth, told_by(bars.slice(0, cut)))) {
      return "cut off: " + *leak;
    }
  }
  return std::nullopt;
}

TEST(TradeFuture, ReachesNoEventOfAFilter) {
  const BarSeries bars = test::walk_bars(5, 2000);
  const auto leak = find_leak(told, bars, {40, 1111, 1750});
  EXPECT_FALSE(leak.has_value()) << *leak;
  int swaps = 0, refused = 0, rollbacks = 0;
  for (const KnownLine& line : told(bars)) {
    swaps += line.text.find(R"("swap")") != std::string::npos;
    rollbacks += line.text.find(R"("rollback")") != std::string::npos;
    refused += line.text.find(R"("allowed":false)") != std::string::npos;
  }
  EXPECT_GT(swaps, 3) << "a run without retrains would prove little";
  EXPECT_GT(rollbacks, 0);
  EXPECT_GT(refused, 50);
}

// The check itself: a bot whose indicators hold the close of the bar after the next one.
TEST(TradeFuture, AnIndicatorOfTomorrowIsCaught) {
  const auto fed_ahead = [](const BarSeries& bars) {
    std::vector<TradeEvent> events = events_of(bars, kQuick);
    for (TradeEvent& event : events) {
      auto* signal = std::get_if<TradeSignal>(&event);
      if (signal == nullptr) continue;
      const std::size_t ahead = std::min(bars.count_opened_before(signal->at) + 1, bars.size() - 1);
      signal->indicators.back() = bars.close(ahead);
    }
    return told_of(bars, events);
  };
  const BarSeries bars = test::walk_bars(5, 300);
  std::vector<std::size_t> cuts;
  for (std::size_t cut = 100; cut < 120; ++cut) cuts.push_back(cut);
  EXPECT_TRUE(find_leak(fed_ahead, bars, cuts).has_value());
}

TEST(TradeReplay, C5TwoRunsDecideAlike) {
  const BarSeries bars = test::walk_bars(5, 2000);
  TradeRig one(kPatient), other(kPatient);
  replayed(one, bars, events_of(bars, kQuick));
  replayed(other, bars, events_of(bars, kQuick));
  EXPECT_EQ(one.decisions.sha256(), other.decisions.sha256());
  EXPECT_GT(one.decisions.count(), 100);
}

// Trades that close, bars, signals, trades that close at once, the clock.
TEST(TradeReplay, C5TheOrderAtOneInstant) {
  const BarSeries bars = one_way_bars(4);
  TradeSignal at_once = signal_at(bars, 2);
  at_once.id = "at-once";
  const std::vector<TradeEvent> events = {
      signal_at(bars, 0), signal_at(bars, 2),
      TradeClose{
          .id = "at-once", .at = bars.close_time(2), .exit_price = 1, .pnl_pct = 1, .profitable = true},
      at_once, close_at(bars, 0, 2)};
  TradeRig rig;
  const TradeReplay counts = replayed(rig, bars, events);
  EXPECT_EQ(counts.signals, 3);
  EXPECT_EQ(counts.closes, 2);
  std::vector<std::string> order;
  for (const Event& event : rig.events) {
    if (event.known_at != bars.close_time(2)) continue;
    const Json payload = *parse_json(event.payload);
    order.push_back(event.kind + " " + payload.value("id", ""));
  }
  EXPECT_EQ(order, (std::vector<std::string>{"trade_close t0", "bar ", "trade_signal t2",
                                             "trade_signal at-once", "trade_close at-once"}));
}

// C6: a refused trade never was, whatever the record says of its end.
TEST(TradeReplay, C6RecordedClosesOfRefusedSignalsAreLeftOut) {
  const BarSeries bars = one_way_bars(90);
  std::vector<TradeEvent> events;
  for (std::size_t i = 0; i < 90; ++i) {
    if (i >= 2) events.emplace_back(close_at(bars, i - 2, i));
    events.emplace_back(signal_at(bars, i));
  }
  events.emplace_back(TradeClose{.id = "of another file", .at = bars.back().close_time});
  TradeRig rig;
  const TradeReplay counts = replayed(rig, bars, events);
  EXPECT_EQ(counts.signals, 90);
  EXPECT_GT(counts.refused, 10);
  EXPECT_EQ(counts.closes + counts.closes_of_refused, 88);
  EXPECT_EQ(counts.closes_without_open, 1);
  EXPECT_EQ(rig.filter().tally().refused + static_cast<std::int64_t>(rig.filter().followed_trades()),
            counts.refused);
}

}  // namespace
}  // namespace pawl::loop
