// A bot asks and reports, and the filter learns: answers, windows, training, paper.
#include "loop/audit.h"
#include "loop/trade_rig.h"

namespace pawl::loop {
namespace {

TEST(TradeFilter, C6VersionZeroLetsEverySignalThroughAndSaysWithWhatChance) {
  for (const char* threshold : {"0.5", "0.9"}) {
    TradeRig rig(Sets{{"trades.allow_at", threshold}});
    const BarSeries bars = one_way_bars(3);
    rig.step(bars[0]);
    const TradeAnswer answer = rig.ask(signal_at(bars, 0));
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.version.value, 0);
    EXPECT_EQ(answer.p_profit, 0.55);
    const Trade stored = rig.stored("t0");
    EXPECT_EQ(stored.number, answer.number);
    EXPECT_EQ(stored.signal.symbol, "EUR_USD") << "as the market is called, not as the bot does";
    EXPECT_EQ(rig.events_of("trade_signal").size(), 1U);
  }
}

// C6: at a threshold; refused signals are followed on paper and train like the others.
TEST(TradeFilter, C6RefusesWhatItHasLearntToLoseAndFollowsItOnPaper) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(90);
  rig.live(bars, 0, 90);
  ASSERT_EQ(rig.filter().live()->bundle.number.value, 1) << "trained once, after two days";
  const TradeAnswer buy = rig.ask({.id = "buy",
                                   .symbol = "EUR/USD",
                                   .side = Side::buy,
                                   .at = bars.back().close_time,
                                   .entry_price = 1.2,
                                   .indicators = signal_at(bars, 88).indicators});
  EXPECT_TRUE(buy.allowed);
  EXPECT_GT(buy.p_profit, 0.5);
  const Trade refused = rig.stored("t71");  // a SELL in a rising market
  EXPECT_FALSE(refused.allowed);
  ASSERT_TRUE(refused.close) << "on paper, by the bars";
  EXPECT_FALSE(refused.close->profitable);
  EXPECT_LT(refused.close->pnl_pct, 0);
  const auto events = rig.events_of("trade_close");
  const auto on_paper = std::count_if(events.begin(), events.end(), [](const Event& event) {
    return event.payload.find(R"("by":"paper")") != std::string::npos;
  });
  EXPECT_GT(on_paper, 5);
  EXPECT_EQ(rig.filter().data_count(), rig.filter().closed_trades()) << "they are training data like others";
  EXPECT_GT(rig.filter().tally().refused, 5);
  EXPECT_EQ(rig.filter().tally().refused_profitable, 0);
}

TEST(TradeFilter, C1PredictionsSwitchedOffLetEverythingThrough) {
  TradeRig rig(Sets{{"trades.ml_use_predictions", "false"}});
  rig.live(one_way_bars(90), 0, 90);
  ASSERT_EQ(rig.filter().live()->bundle.number.value, 1);
  EXPECT_TRUE(rig.stored("t71").allowed);
  EXPECT_LT(rig.stored("t71").p_profit, 0.5) << "the model says what it thinks all the same";
}

TEST(TradeFilter, C1CollectionSwitchedOffTrainsOnNothing) {
  TradeRig rig(Sets{{"trades.ml_collect_data", "false"}});
  rig.live(one_way_bars(90), 0, 90);
  EXPECT_EQ(rig.filter().data_count(), 0);
  EXPECT_EQ(rig.filter().closed_trades(), 88);
  EXPECT_TRUE(rig.runs().empty());
  rig.reopen();
  ASSERT_TRUE(rig.loop->restore({}).has_value());
  EXPECT_EQ(rig.filter().data_count(), 0) << "a new process knows that too";
  EXPECT_EQ(rig.filter().closed_trades(), 88);
}

TEST(TradeFilter, C1WithoutAutoRetrainOnlyAPersonTrains) {
  TradeRig rig(Sets{{"trades.ml_auto_retrain", "false"}});
  const BarSeries bars = one_way_bars(90);
  rig.live(bars, 0, 90);
  EXPECT_TRUE(rig.runs().empty());
  const auto run = rig.loop->train_now({0}, "asked", bars.back().close_time + kMinuteMs);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->verdict(), "promote");
  EXPECT_EQ(rig.filter().live()->bundle.number.value, 1);
}

TEST(TradeFilter, C2TooFewTradesAreRefusedInTheOriginalsWords) {
  TradeRig rig(Sets{{"trades.min_manual_samples", "50"}});
  const BarSeries bars = one_way_bars(40);
  const auto none = rig.loop->train_now({0}, "asked", bars.close_time(0));
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().message, "Not enough samples for retraining: 0/50");
  rig.live(bars, 0, 40);
  const auto few = rig.loop->train_now({0}, "asked", bars.back().close_time);
  ASSERT_FALSE(few.has_value());
  EXPECT_EQ(few.error().code, ErrorCode::insufficient_data);
  EXPECT_EQ(few.error().message, "Not enough samples for retraining: 38/50");
}

// C4, ADR-1: the newest fifth is judged by, and nothing in a fit's folder had closed after the first of them
// was opened.
TEST(TradeFilter, C4HoldsOutTheNewestTradesInTimeOrder) {
  TradeRig rig;
  rig.live(one_way_bars(200, {60, 120}), 0, 200);
  ASSERT_GE(rig.loop->finished_runs().size(), 3U);
  std::size_t fits = 0;
  for (const training::Job& job : rig.executor.jobs) {
    ASSERT_TRUE(job.rows.has_value());
    EXPECT_TRUE(job.series.empty()) << "a filter's folder holds trades and no bar";
    const auto latest = *std::max_element(job.rows->label_known_at.begin(), job.rows->label_known_at.end());
    EXPECT_LE(latest, job.cut);
    if (job.kind != training::JobKind::fit) continue;
    ++fits;
    const RunReport* run = nullptr;
    for (const RunReport& one : rig.loop->finished_runs()) run = one.id == job.run_id ? &one : run;
    ASSERT_NE(run, nullptr);
    const Evidence& evidence = run->by_line.front().evidence;
    EXPECT_GT(evidence.judged_from, job.cut) << "no judged trade was open when the fit's data ended";
    EXPECT_LE(evidence.judged_to, run->started_at);
    const double share = static_cast<double>(evidence.rows) /
                         static_cast<double>(evidence.rows + static_cast<std::int64_t>(job.rows->size()));
    EXPECT_NEAR(share, 0.2, 0.05);
    for (const char* score : {"accuracy", "precision", "recall"}) {
      EXPECT_TRUE(evidence.challenger_scores.find(score) != nullptr) << score;
    }
  }
  EXPECT_EQ(fits, rig.loop->finished_runs().size());
}

TEST(TradeFilter, C6WhatABotReportsWronglyIsRefusedAndChangesNothing) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(90);
  const auto refuses = [](const auto& result, ErrorCode code, std::string_view words) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code);
    EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
  };
  rig.live(bars, 0, 90);
  const std::int64_t closed = rig.filter().closed_trades();
  const std::size_t events = rig.events.size();
  refuses(rig.loop->signal(signal_at(bars, 89)), ErrorCode::conflict, "t89");
  TradeSignal other = signal_at(bars, 89);
  other.symbol = "GBP_USD";
  refuses(rig.loop->signal(other), ErrorCode::invalid_argument, "GBP_USD");
  other = signal_at(bars, 89);
  other.id = "nan";
  other.indicators[0] = std::numeric_limits<double>::quiet_NaN();
  refuses(rig.loop->signal(other), ErrorCode::invalid_argument, "rsi");
  refuses(rig.loop->close({.id = "never", .at = bars.back().close_time}), ErrorCode::not_found, "never");
  refuses(rig.loop->close(close_at(bars, 2, 4)), ErrorCode::conflict, "closed already");
  ASSERT_FALSE(rig.stored("t89").allowed);
  refuses(rig.loop->close({.id = "t89", .at = bars.back().close_time}), ErrorCode::conflict, "on paper");
  EXPECT_EQ(rig.filter().closed_trades(), closed);
  EXPECT_EQ(rig.events.size(), events);

  Rig bars_only;
  EXPECT_FALSE(bars_only.loop->signal(signal_at(bars, 0)).has_value());
}

// A bot's report may come after the bar over it has closed: it counts from that bar's close on.
TEST(TradeFilter, C6ASignalReportedLateIsNotFollowedOverBarsThatWereKnown) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(10);
  rig.feed(bars, 0, 5);
  TradeSignal late = signal_at(bars, 2);
  late.at += kMinuteMs;
  rig.ask(late);
  EXPECT_EQ(rig.stored("t2").signal.at, bars.close_time(4));
  rig.report(close_at(bars, 2, 3));
  EXPECT_EQ(rig.stored("t2").close->at, bars.close_time(4)) << "not before it began";
}

// F2: every answer and every close on paper comes out of the store again.
TEST(TradeFilter, F2TheAuditMakesEveryAnswerAgain) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(160, {80});
  rig.live(bars, 0, 160);
  const auto clean = audit(rig.recipe, *rig.store, *rig.registry, 4096, {});
  ASSERT_TRUE(clean.has_value()) << clean.error().message;
  EXPECT_EQ(clean->checked, 160);
  EXPECT_EQ(clean->different, 0) << clean->first_differences.front().what;
  EXPECT_EQ(clean->unavailable, 0);
  // Another recipe would have answered and followed otherwise, and that is seen.
  const auto other = audit(trade_recipe({{"trades.allow_at", "0"}, {"trades.paper_stop_atr", "0.5"}}),
                           *rig.store, *rig.registry, 4096, {});
  ASSERT_TRUE(other.has_value());
  EXPECT_GT(other->different, 10);
}

}  // namespace
}  // namespace pawl::loop
