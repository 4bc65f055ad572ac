// C3: the training data file that a bot's users know, appended as trades close; and trades from elsewhere.
#include "loop/training_data.h"

#include "loop/import_trades.h"
#include "loop/trade_rig.h"
#include "support/test_files.h"

namespace pawl::loop {
namespace {

using test::TempFolder;

struct FileRig : TradeRig {
  explicit FileRig(const Sets& set = {}) : TradeRig(set) {}
  TempFolder folder;
  Path csv() const { return folder.path() / "data/training_data.csv"; }

  Status catch_up() {
    TrainingDataFile file(recipe, *store, files, folder.path());
    return file.catch_up();
  }
  // By the order of the events, which is that of the store but for closes of one instant.
  std::string expected() const {
    std::string text = fmt::format("{}\n", market::trades_csv_header());
    for (const Event& event : events_of("trade_close")) {
      const Trade trade = stored(*json_string(*parse_json(event.payload), "id"));
      text += market::trades_csv_line({trade.signal.indicators, trade.close->profitable, trade.signal.side});
      text += '\n';
    }
    return text;
  }
};

TEST(TrainingData, C3EveryClosedTradeIsAppendedOnce) {
  FileRig rig;
  const BarSeries bars = one_way_bars(90);
  rig.live(bars, 0, 40);
  ASSERT_TRUE(rig.catch_up().has_value());
  EXPECT_EQ(test::read_file(rig.csv()), rig.expected());
  rig.live(bars, 40, 90);
  TrainingDataFile file(rig.recipe, *rig.store, rig.files, rig.folder.path());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(file.catch_up().has_value());
  EXPECT_EQ(test::read_file(rig.csv()), rig.expected()) << "refused ones that closed on paper too";
}

TEST(TrainingData, C3AProcessThatDiedBeforeItSaidSoWritesNoLineTwice) {
  FileRig rig;
  const BarSeries bars = one_way_bars(40);
  rig.live(bars, 0, 20);
  ASSERT_TRUE(rig.catch_up().has_value());
  const std::string cursor = rig.store->meta("training_data")->value();
  rig.live(bars, 20, 40);
  ASSERT_TRUE(rig.catch_up().has_value());
  // As if it had died between the lines and the cursor, once with all of them written and once with some.
  ASSERT_TRUE(rig.store->set_meta("training_data", cursor).has_value());
  ASSERT_TRUE(rig.catch_up().has_value());
  EXPECT_EQ(test::read_file(rig.csv()), rig.expected());
  std::string part = rig.expected();
  part.resize(part.size() - 150);
  test::write_file(rig.csv(), part);
  ASSERT_TRUE(rig.store->set_meta("training_data", cursor).has_value());
  ASSERT_TRUE(rig.catch_up().has_value());
  EXPECT_EQ(test::read_file(rig.csv()), rig.expected());
}

TEST(TrainingData, C3WhatIsThereStaysInFrontAndAReplayBeginsAnew) {
  FileRig rig;
  const std::string former = fmt::format("{}\n50,0,0,20,0.1,1,1,9,1,BUY\n", market::trades_csv_header());
  std::filesystem::create_directories(rig.csv().parent_path());
  test::write_file(rig.csv(), former);
  rig.live(one_way_bars(20), 0, 20);
  ASSERT_TRUE(rig.catch_up().has_value());
  const std::string header = fmt::format("{}\n", market::trades_csv_header());
  EXPECT_EQ(test::read_file(rig.csv()), former + rig.expected().substr(header.size()));

  FileRig replay;
  ASSERT_TRUE(replay.store->set_meta("kind", "replay").has_value());
  std::filesystem::create_directories(replay.csv().parent_path());
  test::write_file(replay.csv(), former);
  replay.live(one_way_bars(20), 0, 20);
  ASSERT_TRUE(replay.catch_up().has_value());
  EXPECT_EQ(test::read_file(replay.csv()), replay.expected());
  EXPECT_EQ(test::read_file(replay.csv().string() + ".old"), former);
}

TEST(TrainingData, C1NothingIsWrittenWhereNothingIsCollected) {
  FileRig rig(Sets{{"trades.ml_collect_data", "false"}});
  rig.live(one_way_bars(20), 0, 20);
  ASSERT_TRUE(rig.catch_up().has_value());
  EXPECT_FALSE(std::filesystem::exists(rig.csv()));
  FileRig unnamed(Sets{{"trades.ml_training_data_path", "''"}});
  unnamed.live(one_way_bars(20), 0, 20);
  ASSERT_TRUE(unnamed.catch_up().has_value());
  EXPECT_TRUE(std::filesystem::is_empty(unnamed.folder.path()));
}

std::vector<market::TradeEvent> recorded(const BarSeries& bars, std::size_t count) {
  std::vector<market::TradeEvent> events;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= 2) events.emplace_back(close_at(bars, i - 2, i));
    events.emplace_back(signal_at(bars, i));
  }
  return events;
}

TEST(ImportTrades, C7ReportsBecomeAFiltersPast) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(80);
  const auto events = recorded(bars, 70);
  const auto done = import_trades(rig.recipe, *rig.store, *rig.registry, events);
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->opened, 70);
  EXPECT_EQ(done->closed, 68);
  const auto again = import_trades(rig.recipe, *rig.store, *rig.registry, recorded(bars, 80));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->known, 138);
  EXPECT_EQ(again->opened, 10) << "a record that has grown";

  rig.reopen();
  ASSERT_TRUE(rig.loop->restore({}).has_value());
  EXPECT_EQ(rig.filter().data_count(), 78);
  EXPECT_EQ(rig.filter().open_trades(), 2U);
  const auto run = rig.loop->train_now({0}, "on what there is", bars.back().close_time);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->by_line.front().evidence.champion_scores.get("accuracy"), 0.5) << "of version 0";
  EXPECT_EQ(run->by_line.front().evidence.challenger_scores.get("accuracy"), 1.0);
}

TEST(ImportTrades, C7AnotherTradeOfTheSameIdIsRefusedAndNothingIsKept) {
  TradeRig rig;
  const BarSeries bars = one_way_bars(10);
  auto events = recorded(bars, 5);
  ASSERT_TRUE(import_trades(rig.recipe, *rig.store, *rig.registry, events).has_value());
  std::vector<market::TradeEvent> other = {signal_at(bars, 8)};
  other.emplace_back(signal_at(bars, 0));
  std::get<TradeSignal>(other.back()).entry_price = 7;
  const auto refused = import_trades(rig.recipe, *rig.store, *rig.registry, other);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(rig.store->trades().count().value(), 5);
}

TEST(ImportTrades, C3TrainingDataComesInTheOrderOfTheFileAndOnlyOnce) {
  TradeRig rig;
  std::vector<market::TradeRow> rows;
  for (int i = 0; i < 60; ++i) {
    const bool buy = i % 2 == 0;
    rows.push_back({.indicators = {50, 0, 0, 20, 0.1, 1, 1, static_cast<double>(i % 7)},
                    .profitable = buy,
                    .side = buy ? Side::buy : Side::sell});
  }
  rows.push_back(rows.front());  // a line that is there more than once is as many trades
  const TimeMs now = test::kWalkStart;
  const auto done = import_training_rows(rig.recipe, *rig.store, *rig.registry, rows, now);
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->closed, 61);
  rows.push_back({.indicators = {1, 2, 3, 4, 5, 6, 7, 8}, .profitable = true, .side = Side::sell});
  const auto grown = import_training_rows(rig.recipe, *rig.store, *rig.registry, rows, now + kHourMs);
  ASSERT_TRUE(grown.has_value()) << grown.error().message;
  EXPECT_EQ(grown->known, 61);
  EXPECT_EQ(grown->closed, 1);
  const auto closed = rig.store->trades().closed("filter/pool");
  ASSERT_EQ(closed->size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ((*closed)[i].signal.indicators, rows[i].indicators) << i;
    EXPECT_EQ((*closed)[i].close->profitable, rows[i].profitable);
    EXPECT_LE((*closed)[i].close->at, now + kHourMs);
  }
  rig.reopen();
  ASSERT_TRUE(rig.loop->restore({}).has_value());
  const auto run = rig.loop->train_now({0}, "as the button does", now + kDayMs);
  ASSERT_TRUE(run.has_value()) << run.error().message;
  EXPECT_EQ(run->by_line.front().evidence.rows, 12);
}

}  // namespace
}  // namespace pawl::loop
