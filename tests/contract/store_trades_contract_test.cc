// What every backend promises of trades, of values joined to bars, and of pruning.
#include <bit>
#include <limits>
#include <vector>

#include "contract/store_backends.h"

namespace pawl::store {
namespace {

Bar bar_at(TimeMs open_time, double close) {
  return {.open_time = open_time,
          .close_time = open_time + kHourMs,
          .open = close,
          .high = close + 1,
          .low = close - 1,
          .close = close,
          .volume = 3};
}

Trade trade_of(const LineId& line, std::string id, TimeMs at) {
  Trade trade;
  trade.line = line;
  trade.signal = {.id = std::move(id),
                  .symbol = "EUR_USD",
                  .side = Side::sell,
                  .at = at,
                  .entry_price = 0.1 + 0.2,
                  .indicators = {70, 1e-5, -2e-5, 25, 0.0011, 1.1, 1.2, 0}};
  trade.version = {4};
  trade.p_profit = 1.0 / 3;
  trade.allowed = false;
  return trade;
}

TradeClose close_of(std::string id, TimeMs at) {
  return {.id = std::move(id), .at = at, .exit_price = 1.1, .pnl_pct = -0.7, .profitable = false};
}

std::vector<std::string> ids_of(const std::vector<Trade>& trades) {
  std::vector<std::string> ids;
  for (const Trade& trade : trades) ids.push_back(trade.signal.id);
  return ids;
}

using Ids = std::vector<std::string>;

using TradesContract = OneStore;

TEST_P(TradesContract, C3ATradeComesBackAsItWasAndCloses) {
  const Trade opened = trade_of("tf/EUR_USD", "t1", 5);
  EXPECT_EQ(store_->trades().open(opened).value(), 1);
  auto back = store_->trades().find("tf/EUR_USD", "t1").value();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->number, 1);
  EXPECT_EQ(back->signal.symbol, "EUR_USD");
  EXPECT_EQ(back->signal.side, Side::sell);
  EXPECT_EQ(back->signal.at, 5);
  EXPECT_EQ(back->signal.entry_price, 0.1 + 0.2);
  EXPECT_EQ(back->signal.indicators, opened.signal.indicators);
  EXPECT_EQ(back->version.value, 4);
  EXPECT_EQ(back->p_profit, 1.0 / 3);
  EXPECT_FALSE(back->allowed);
  EXPECT_FALSE(back->close);

  ASSERT_TRUE(store_->trades().close("tf/EUR_USD", close_of("t1", 9)));
  back = store_->trades().find("tf/EUR_USD", "t1").value();
  ASSERT_TRUE(back && back->close);
  EXPECT_EQ(back->close->id, "t1");
  EXPECT_EQ(back->close->at, 9);
  EXPECT_EQ(back->close->exit_price, 1.1);
  EXPECT_EQ(back->close->pnl_pct, -0.7);
  EXPECT_FALSE(back->close->profitable);
  EXPECT_FALSE(store_->trades().find("tf/EUR_USD", "t2").value());
}

TEST_P(TradesContract, C6AnIdIsOpenedOnceInItsLineAndClosedOnce) {
  TradeStore& trades = store_->trades();
  ASSERT_TRUE(trades.open(trade_of("tf/A", "1", 5)));
  const auto twice = trades.open(trade_of("tf/A", "1", 6));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::conflict);
  EXPECT_EQ(trades.open(trade_of("tf/B", "1", 5)).value(), 2) << "ids are a line's own";

  EXPECT_EQ(trades.close("tf/A", close_of("9", 9)).error().code, ErrorCode::not_found);
  EXPECT_EQ(trades.close("tf/A", close_of("1", 4)).error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(trades.close("tf/A", close_of("1", 9)));
  EXPECT_EQ(trades.close("tf/A", close_of("1", 10)).error().code, ErrorCode::conflict);
  EXPECT_EQ(trades.find("tf/A", "1").value()->close->at, 9);
  EXPECT_FALSE(trades.find("tf/B", "1").value()->close);
  EXPECT_EQ(trades.count().value(), 2);
  EXPECT_EQ(trades.count("tf/B").value(), 1);
}

TEST_P(TradesContract, C4ClosedTradesComeInTheOrderInWhichTheyClosed) {
  TradeStore& trades = store_->trades();
  for (const char* id : {"a", "b", "c", "d"}) ASSERT_TRUE(trades.open(trade_of("tf/A", id, 1)));
  ASSERT_TRUE(trades.open(trade_of("tf/B", "x", 1)));
  ASSERT_TRUE(trades.close("tf/A", close_of("d", 7)));
  ASSERT_TRUE(trades.close("tf/A", close_of("b", 9)));
  ASSERT_TRUE(trades.close("tf/A", close_of("a", 9)));
  ASSERT_TRUE(trades.close("tf/B", close_of("x", 2)));
  EXPECT_EQ(ids_of(trades.closed("tf/A").value()), (Ids{"d", "a", "b"}));
  EXPECT_EQ(ids_of(trades.read_after(0, 10, "tf/A").value()), (Ids{"a", "b", "c", "d"}));
  EXPECT_EQ(ids_of(trades.read_after(3, 1).value()), (Ids{"d"}));
}

TEST_P(TradesContract, C3WhatIsNoTradeIsRefused) {
  Trade nameless = trade_of("tf/A", "", 1), hold = trade_of("tf/A", "1", 1), nan = hold;
  hold.signal.side = Side::hold;
  nan.signal.indicators[3] = std::numeric_limits<double>::quiet_NaN();
  for (const Trade& bad : {nameless, hold, nan}) {
    const auto refused = store_->trades().open(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_NE(store_->trades().open(nan).error().message.find("adx"), std::string::npos);
  EXPECT_EQ(store_->trades().count().value(), 0);
}

using JoinedContract = OneStore;

TEST_P(JoinedContract, D10JoinedValuesComeBackBitForBit) {
  const std::vector<std::vector<double>> values = {
      {0.1 + 0.2, std::numeric_limits<double>::quiet_NaN()}, {-0.0, 5e-324}, {1, 2}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto added =
        store_->bars().append_joined("SPY", kH1, bar_at(static_cast<TimeMs>(i) * kHourMs, 100), values[i], 0);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(added->added, 1);
  }
  const auto series = store_->bars().read("SPY", kH1, 0, kDayMs, BarStore::Revision::first).value();
  ASSERT_EQ(series.size(), values.size());
  ASSERT_EQ(series.joined_columns(), 2u);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t column = 0; column < 2; ++column) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(series.joined(column, i)),
                std::bit_cast<std::uint64_t>(values[i][column]));
    }
  }
}

TEST_P(JoinedContract, D10OtherValuesAreARevisionAndTheFirstStays) {
  const std::vector<double> first = {1}, later = {2};
  ASSERT_TRUE(store_->bars().append_joined("SPY", kH1, bar_at(0, 100), first, 0));
  EXPECT_EQ(store_->bars().append_joined("SPY", kH1, bar_at(0, 100), first, 0).value().duplicates, 1);
  EXPECT_EQ(store_->bars().append_joined("SPY", kH1, bar_at(0, 100), later, 0).value().revised, 1);
  const std::vector<Bar> alone = {bar_at(0, 100)}, corrected = {bar_at(0, 101)};
  EXPECT_EQ(store_->bars().append("SPY", kH1, alone, 0).value().duplicates, 1);
  EXPECT_EQ(store_->bars().append("SPY", kH1, corrected, 0).value().revised, 1);
  const auto read = [&](BarStore::Revision revision) {
    return store_->bars().read("SPY", kH1, 0, kDayMs, revision).value();
  };
  EXPECT_EQ(read(BarStore::Revision::first).joined(0, 0), 1);
  EXPECT_EQ(read(BarStore::Revision::first).close(0), 100);
  EXPECT_EQ(read(BarStore::Revision::latest).joined(0, 0), 2) << "a bar by itself keeps what was joined";
  EXPECT_EQ(read(BarStore::Revision::latest).close(0), 101);
}

TEST_P(JoinedContract, D10EveryBarOfASeriesHasAsManyValues) {
  const std::vector<double> two = {1, 2}, three = {1, 2, 3};
  ASSERT_TRUE(store_->bars().append_joined("SPY", kH1, bar_at(0, 100), two, 0));
  const auto more = store_->bars().append_joined("SPY", kH1, bar_at(kHourMs, 100), three, 0);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::bad_data);
  const std::vector<Bar> alone = {bar_at(kHourMs, 100)};
  EXPECT_EQ(store_->bars().append("SPY", kH1, alone, 0).error().code, ErrorCode::bad_data);
  EXPECT_EQ(store_->bars().append_joined("QQQ", kH1, bar_at(0, 100), three, 0).value().added, 1)
      << "another series has its own";
  EXPECT_EQ(store_->bars().read("SPY", kH1, 0, kDayMs, BarStore::Revision::first).value().size(), 1u);
}

using RetentionContract = OneStore;

// Predictions of the instants 0 … 9 with an outcome each but for 2, 8 and 9, and events of the same instants.
void fill(Store& store) {
  for (int i = 0; i < 10; ++i) {
    Prediction prediction;
    prediction.line = i % 2 == 0 ? "r/A" : "r/B";
    prediction.bar_open_time = i;
    prediction.known_at = i;
    const auto id = store.predictions().append(prediction);
    ASSERT_TRUE(id) << id.error().message;
    ASSERT_TRUE(store.events().append({.known_at = i, .kind = "bar", .line = "r/A", .payload = "{}"}));
    Outcome outcome;
    outcome.prediction_id = *id;
    outcome.line = prediction.line;
    outcome.known_at = i + 1;
    if (i != 2 && i < 8) {
      ASSERT_TRUE(store.outcomes().append(outcome));
    }
  }
}

std::vector<TimeMs> predicted_at(Store& store) {
  std::vector<TimeMs> times;
  const auto all = store.predictions().read_after(0, 100).value();
  for (const Prediction& prediction : all) times.push_back(prediction.known_at);
  return times;
}

TEST_P(RetentionContract, E8OldRowsGoByTheirOwnAgeWithTheirOutcomes) {
  fill(*store_);
  const auto pruned = store_->prune(/*events_before=*/3, /*predictions_before=*/5);
  ASSERT_TRUE(pruned) << pruned.error().message;
  EXPECT_EQ(pruned->events, 3);
  EXPECT_EQ(pruned->predictions, 4);
  EXPECT_EQ(pruned->outcomes, 4);
  EXPECT_EQ(predicted_at(*store_), (std::vector<TimeMs>{2, 5, 6, 7, 8, 9})) << "2 is still to be scored";
  EXPECT_EQ(store_->events().read_after(0, 100).value().front().known_at, 3);
  // Counts are of what is there, not of the numbers that were given.
  EXPECT_EQ(store_->predictions().count().value(), 6);
  EXPECT_EQ(store_->predictions().count("r/A").value(), 3);
  EXPECT_EQ(store_->outcomes().count().value(), 3);
  const auto again = store_->prune(3, 5).value();
  EXPECT_EQ(again.events + again.predictions + again.outcomes, 0);
  Outcome late;
  late.prediction_id = 3;
  late.line = "r/A";
  EXPECT_TRUE(store_->outcomes().append(late)) << "what was open can be scored still";
}

TEST_P(RetentionContract, E8NumbersAreNeverGivenTwice) {
  fill(*store_);
  constexpr TimeMs kNever = std::numeric_limits<TimeMs>::max();
  ASSERT_TRUE(store_->prune(kNever, kNever));
  EXPECT_EQ(predicted_at(*store_), (std::vector<TimeMs>{2, 8, 9}));
  EXPECT_EQ(store_->events().last_seq().value(), 10);
  EXPECT_EQ(store_->events().append({.known_at = 1, .kind = "bar", .line = "", .payload = "{}"}).value(), 11);
  Prediction prediction;
  prediction.line = "r/X";
  EXPECT_EQ(store_->predictions().append(prediction).value(), 11);
}

TEST_P(RetentionContract, E8TheBeginningOfTimeDropsNothingAndHistoryStays) {
  fill(*store_);
  const std::vector<Bar> bars = {bar_at(0, 100)};
  ASSERT_TRUE(store_->bars().append("X", kH1, bars, 0));
  ASSERT_TRUE(store_->trades().open(trade_of("tf/A", "1", 0)));
  VersionRow version;
  version.line = "r/A";
  ASSERT_TRUE(store_->versions().add(version));
  constexpr TimeMs kBeginning = std::numeric_limits<TimeMs>::min();
  const auto nothing = store_->prune(kBeginning, kBeginning).value();
  EXPECT_EQ(nothing.events + nothing.predictions + nothing.outcomes, 0);
  ASSERT_TRUE(store_->prune(std::numeric_limits<TimeMs>::max(), std::numeric_limits<TimeMs>::max()));
  EXPECT_EQ(store_->bars().list().value().size(), 1u);
  EXPECT_EQ(store_->trades().count().value(), 1);
  EXPECT_EQ(store_->versions().list().value().size(), 1u);
}

TEST_P(RetentionContract, E8SizesSayWhatThereIsAndWhatPruningFreed) {
  const auto rows_of = [&](const StoreSizes& sizes, std::string_view name) {
    for (const StoreSizes::Table& table : sizes.tables) {
      if (table.name == name) return table.rows;
    }
    return std::int64_t{-1};
  };
  const std::string payload(1000, 'x');
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(store_->events().append({.known_at = i, .kind = "bar", .line = "", .payload = payload}));
  }
  ASSERT_TRUE(store_->flush());
  const auto before = store_->sizes();
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(rows_of(*before, "events"), 1000);
  EXPECT_EQ(rows_of(*before, "trades"), 0);
  EXPECT_EQ(before->free_bytes, 0);
  EXPECT_GT(before->file_bytes, 1'000'000);
  std::int64_t bytes = 0;
  for (const StoreSizes::Table& table : before->tables) bytes += table.bytes;
  EXPECT_GT(bytes, 1'000'000);
  EXPECT_LE(bytes, before->file_bytes);
  ASSERT_TRUE(store_->prune(990, 0));
  const auto after = store_->sizes().value();
  EXPECT_EQ(rows_of(after, "events"), 10);
  EXPECT_GT(after.free_bytes, 900'000);
}

INSTANTIATE_TEST_SUITE_P(All, RetentionContract, ::testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });
INSTANTIATE_TEST_SUITE_P(All, TradesContract, ::testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });
INSTANTIATE_TEST_SUITE_P(All, JoinedContract, ::testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace pawl::store
