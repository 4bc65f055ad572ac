// Answered windows on their way into the store: nothing that was acknowledged is lost or taken twice. E2.
#include "loop/live/intake.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "domain/resampler.h"
#include "loop/live/intake_audit.h"
#include "loop/live/intake_record.h"
#include "serving/fixed_version.h"
#include "support/test_files.h"
#include "support/walk_bars.h"

namespace pawl::loop {
namespace {

using pawl::test::read_file;
using pawl::test::TempFolder;
using pawl::test::walk_bars;
using pawl::test::write_file;
using serving::PostedWindow;
using serving::PostedWindows;
using serving::test::fixed_version;

constexpr TimeMs kNow = 1'900'000'000'000;
constexpr TimeMs kBeginning = std::numeric_limits<TimeMs>::min(), kEnd = std::numeric_limits<TimeMs>::max();
const std::vector<std::string> kSpecs = {"rsi(14)", "ret(3)", "ema(5)@H1/close-1"};

void post(PostedWindows& posted, Timeframe timeframe, const BarSeries& bars) {
  PostedWindow& window = posted.add(timeframe);
  window.resize(bars.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    window.open_time[i] = bars.open_time(i);
    window.close_time[i] = bars.close_time(i);
    window.open[i] = bars.open(i);
    window.high[i] = bars.high(i);
    window.low[i] = bars.low(i);
    window.close[i] = bars.close(i);
    window.volume[i] = bars.volume(i);
  }
}

// A disk that is full, or cuts what is written short, for as long as the test says.
class FullDisk final : public FileSystem {
 public:
  Status write(const Path& file, std::string_view bytes) override { return real_.write(file, bytes); }
  Status sync(const Path& path) override { return real_.sync(path); }
  Status rename(const Path& from, const Path& to) override { return real_.rename(from, to); }
  Status make_folders(const Path& folder) override { return real_.make_folders(folder); }
  Status remove_all(const Path& path) override {
    return no_removing ? Status(fail(ErrorCode::io, "cannot remove")) : real_.remove_all(path);
  }
  Status link(const Path& target, const Path& name) override { return real_.link(target, name); }
  Result<std::string> read(const Path& file) const override { return real_.read(file); }
  bool exists(const Path& path) const override { return real_.exists(path); }
  std::vector<std::string> list(const Path& folder) const override { return real_.list(folder); }
  Result<std::unique_ptr<Appender>> open_append(const Path& file) override {
    auto opened = real_.open_append(file);
    if (!opened) return propagate(opened);
    return std::make_unique<Faulty>(*this, *std::move(opened));
  }

  bool full = false;         // nothing can be written
  bool cut_short = false;    // half of it can, and stays
  bool no_removing = false;  // files stay

 private:
  class Faulty final : public Appender {
   public:
    Faulty(FullDisk& disk, std::unique_ptr<Appender> real) : disk_(disk), real_(std::move(real)) {}
    Status append(std::string_view bytes) override {
      if (torn_ || disk_.full) return fail(ErrorCode::io, "no space left; free some space on that disk");
      if (!disk_.cut_short) return real_->append(bytes);
      torn_ = true;
      static_cast<void>(real_->append(bytes.substr(0, bytes.size() / 2)));
      return fail(ErrorCode::io, "no space left");
    }
    std::uint64_t size() const override { return real_->size(); }
    bool torn() const override { return torn_; }

   private:
    FullDisk& disk_;
    std::unique_ptr<Appender> real_;
    bool torn_ = false;
  };
  RealFileSystem real_;
};

// One market's candles, and what a client posts of them at a given bar.
struct Market {
  explicit Market(std::uint64_t seed = 1)
      : m5(walk_bars(seed, 600, pawl::test::kWalkStart, kM5)),
        h1(resample(m5, kH1, MarketCalendar::utc_always())) {}
  // The newest candles when bar `at` is forming.
  PostedWindows posted(std::size_t at, std::string_view symbol = "EUR_USD") const {
    PostedWindows windows;
    windows.set_symbol(*Symbol::parse(symbol));
    post(windows, kM5, m5.slice(at - 120, at + 1));
    const std::size_t hour = h1.count_opened_before(m5.open_time(at) + 1);
    post(windows, kH1, h1.slice(hour - 12, hour));
    return windows;
  }
  BarSeries m5, h1;
};

// A process with a data folder.
struct Process {
  explicit Process(const TempFolder& folder, FileSystem& disk) : files(disk) {
    auto opened = store::open_sqlite({.file = folder / "pawl.db"});
    EXPECT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    auto made = Intake::open(files, folder / "intake", *store, clock, Log::silent());
    EXPECT_TRUE(made) << made.error().message;
    intake = std::move(*made);
  }
  serving::WindowPrediction ask(const PostedWindows& posted, bool* logged = nullptr) {
    const auto version = fixed_version({0.3, 0.7}, kSpecs, kM5);
    const auto made = predictor.predict(*version, posted);
    EXPECT_TRUE(made) << made.error().message;
    const bool done = intake->keep(posted, *made, version->content_hash);
    if (logged != nullptr) *logged = done;
    return *made;
  }
  std::int64_t drain() {
    const auto taken = intake->drain(*store, kNow, [this](const Event& event) { seen.push_back(event); });
    EXPECT_TRUE(taken) << taken.error().message;
    return taken.value_or(-1);
  }
  std::vector<Event> events() {
    auto read = store->events().read_after(0, 100'000, "client_prediction");
    EXPECT_TRUE(read);
    return *read;
  }
  BarSeries candles(Timeframe timeframe) {
    auto read = store->bars().read(client_series("EUR_USD"), timeframe, kBeginning, kEnd,
                                   store::BarStore::Revision::latest);
    EXPECT_TRUE(read) << read.error().message;
    return *read;
  }

  FileSystem& files;
  SimulatedClock clock{kNow};
  serving::WindowPredictor predictor{rules()};
  static serving::WindowRules rules() {
    return {.base = kM5,
            .signal = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.45},
            .min_candles = 12};
  }
  std::unique_ptr<store::Store> store;
  std::unique_ptr<Intake> intake;
  std::vector<Event> seen;
};

std::size_t files_in(const TempFolder& folder) {
  RealFileSystem files;
  return files.list(folder / "intake").size();
}

TEST(Intake, TakesOverPredictionsInOrderWithTheirCandles) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  const Market market;
  std::vector<serving::WindowPrediction> made;
  for (std::size_t at = 200; at < 210; ++at) made.push_back(process.ask(market.posted(at)));
  EXPECT_TRUE(process.intake->waiting());
  EXPECT_EQ(process.drain(), 10);
  EXPECT_FALSE(process.intake->waiting());

  const auto events = process.events();
  ASSERT_EQ(events.size(), 10u);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Json payload = *parse_json(events[i].payload);
    EXPECT_EQ(payload["bar"], format_time(market.m5.open_time(199 + i)));
    EXPECT_EQ(payload["features"], made[i].prediction.features_digest);
    EXPECT_EQ(payload["side"], "BUY");
    EXPECT_EQ(payload["version"], 12);
    EXPECT_EQ(events[i].known_at, market.m5.close_time(199 + i));
    EXPECT_EQ(events[i].line, "forex-weekly/EUR_USD");
    EXPECT_FALSE(payload.contains("candles"));
  }
  EXPECT_EQ(process.seen.size(), 10u);
  EXPECT_EQ(process.seen.back().ingest_seq, events.back().ingest_seq);

  const BarSeries m5 = process.candles(kM5);
  ASSERT_EQ(m5.size(), 129u) << "closed ones from 80 to 208";
  for (std::size_t i = 0; i < m5.size(); ++i) EXPECT_EQ(m5[i], market.m5[80 + i]);
  EXPECT_EQ(process.drain(), 0) << "each once";
  EXPECT_EQ(process.events().size(), 10u);
}

TEST(Intake, WritesACandleOnce) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  const Market market;
  process.ask(market.posted(200));
  const std::size_t first = read_file(folder / "intake/000001.log").size();
  process.ask(market.posted(201));
  const std::string both = read_file(folder / "intake/000001.log");
  EXPECT_LT(both.size() - first, 700u) << "one candle a timeframe at most, beside the prediction";
  process.ask(market.posted(201));
  const std::string third = read_file(folder / "intake/000001.log").substr(both.size());
  EXPECT_NE(third.find("\"candles\":[]"), std::string::npos) << third;
}

TEST(Intake, TwoFeedsOfOneMarketBothEndUpInTheStoreAndNotForEver) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  const Market one(1), other(1000);
  for (int round = 0; round < 3; ++round) {
    process.ask(one.posted(200));
    process.ask(other.posted(200));
  }
  const std::string log = read_file(folder / "intake/000001.log");
  std::size_t position = 0, with_candles = 0;
  while (const auto json = next_record(log, position)) {
    with_candles += json->find("\"candles\":[]") == std::string_view::npos;
  }
  EXPECT_EQ(with_candles, 2u) << "the first of each";
  EXPECT_EQ(process.drain(), 6);
  const auto listing = process.store->bars().list();
  for (const auto& series : *listing) EXPECT_EQ(series.revisions, series.bars) << series.symbol;
}

// The file is cut after every byte, as if the process had died while it wrote.
TEST(Intake, WhatIsWholeSurvivesACutAnywhere) {
  std::string whole;
  std::vector<std::size_t> ends;
  {
    const TempFolder folder;
    RealFileSystem files;
    Process process(folder, files);
    Market market;
    for (std::size_t at = 200; at < 203; ++at) {
      process.ask(market.posted(at));
      ends.push_back(read_file(folder / "intake/000001.log").size());
    }
    whole = read_file(folder / "intake/000001.log");
  }
  const TempFolder folder;
  RealFileSystem files;
  std::size_t previous = 99;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::size_t position = 0, records = 0;
    const bool whole_once = size == whole.size();
    const std::string_view cut = std::string_view(whole).substr(0, size);
    while (const auto json = next_record(cut, position)) {
      ++records;
      EXPECT_TRUE(!whole_once || parse_record(*json));
    }
    const auto expected = static_cast<std::size_t>(
        std::count_if(ends.begin(), ends.end(), [&](std::size_t end) { return end <= size; }));
    ASSERT_EQ(records, expected) << "cut after " << size;
    // The store is asked where the answer changes, and once in between.
    const bool ask = records != previous || size + 1 == whole.size();
    previous = records;
    if (!ask) continue;
    std::filesystem::remove_all(folder.path() / "intake");
    std::filesystem::remove(folder.path() / "pawl.db");
    std::filesystem::create_directories(folder.path() / "intake");
    write_file(folder / "intake/000001.log", std::string(cut));
    Process next(folder, files);
    EXPECT_EQ(next.drain(), static_cast<std::int64_t>(expected));
    EXPECT_EQ(files_in(folder), 0u) << "a former process's file goes when all of it is taken over";
    next.ask(Market().posted(300));
    EXPECT_EQ(next.drain(), 1) << "and a new one is begun";
  }
}

TEST(Intake, ADamagedByteIsNeverTakenForARecord) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  process.ask(Market().posted(200));
  const std::string whole = read_file(folder / "intake/000001.log");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x04);
    std::size_t position = 0;
    const auto json = next_record(damaged, position);
    if (json) {
      EXPECT_EQ(*json, std::string_view(whole).substr(18, json->size())) << i;
    }
  }
}

TEST(Intake, TheNextProcessTakesOverTheRestAndOnlyThat) {
  const TempFolder folder;
  RealFileSystem files;
  const Market market;
  {
    Process process(folder, files);
    process.ask(market.posted(200));
    EXPECT_EQ(process.drain(), 1);
    process.ask(market.posted(201));
    process.ask(market.posted(202));
  }  // killed
  Process next(folder, files);
  EXPECT_TRUE(next.intake->waiting());
  next.ask(market.posted(203));
  EXPECT_EQ(next.drain(), 3);
  const auto events = next.events();
  ASSERT_EQ(events.size(), 4u);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ((*parse_json(events[i].payload))["bar"], format_time(market.m5.open_time(199 + i)));
  }
  EXPECT_EQ(files_in(folder), 1u) << "the one that is written to";
}

// A store that fails in the middle has taken nothing, and all of it comes again.
TEST(Intake, AFailedDrainTakesNothing) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  const Market market;
  process.ask(market.posted(200));
  process.ask(market.posted(201));
  auto reading = store::open_sqlite({.file = folder / "pawl.db", .read_only = true});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_FALSE(process.intake->drain(**reading, kNow, {}));
  EXPECT_TRUE(process.intake->waiting());
  EXPECT_EQ(process.events().size(), 0u);
  EXPECT_EQ(process.drain(), 2);
}

TEST(Intake, AFileThatCannotBeRemovedIsNotTakenTwice) {
  const TempFolder folder;
  FullDisk disk;
  const Market market;
  {
    Process process(folder, disk);
    process.ask(market.posted(200));
  }
  disk.no_removing = true;
  Process next(folder, disk);
  EXPECT_EQ(next.drain(), 1);
  EXPECT_EQ(next.drain(), 0);
  disk.no_removing = false;
  Process last(folder, disk);
  EXPECT_EQ(last.drain(), 0);
  EXPECT_EQ(last.events().size(), 1u);
}

TEST(Intake, AFullDiskIsCountedAndPassesBy) {
  const TempFolder folder;
  FullDisk disk;
  Process process(folder, disk);
  const Market market;
  bool logged = false;
  process.ask(market.posted(200), &logged);
  EXPECT_TRUE(logged);
  for (const bool cut_short : {false, true}) {
    disk.full = !cut_short;
    disk.cut_short = cut_short;
    for (std::size_t at = 201; at < 204; ++at) {
      process.ask(market.posted(at), &logged);
      EXPECT_FALSE(logged);
    }
  }
  EXPECT_EQ(process.intake->failed(), 6);
  EXPECT_EQ(process.intake->kept(), 1);
  disk.full = disk.cut_short = false;
  process.ask(market.posted(205), &logged);
  EXPECT_TRUE(logged);
  EXPECT_EQ(process.drain(), 2);
  EXPECT_EQ(process.candles(kM5).size(), 125u) << "candles of those that failed came with the next";
}

TEST(Intake, ThreadsWriteWholeRecordsWhileTheLoopDrains) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  const Market market;
  constexpr int kThreads = 2, kEach = 200;
  std::int64_t taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        serving::WindowPredictor predictor(Process::rules());
        const auto version = fixed_version({0.3, 0.7}, kSpecs, kM5);
        for (std::size_t i = 0; i < kEach; ++i) {
          const PostedWindows posted = market.posted(200 + i);
          const auto made = predictor.predict(*version, posted);
          ASSERT_TRUE(made);
          EXPECT_TRUE(process.intake->keep(posted, *made, version->content_hash));
        }
      });
    }
    while (taken < kThreads * kEach) taken += process.drain();
  }
  EXPECT_EQ(taken, kThreads * kEach);
  EXPECT_EQ(process.intake->kept(), kThreads * kEach);
  EXPECT_EQ(process.events().size(), static_cast<std::size_t>(kThreads * kEach));
  const BarSeries m5 = process.candles(kM5);
  ASSERT_EQ(m5.size(), 319u);
  for (std::size_t i = 0; i < m5.size(); ++i) EXPECT_EQ(m5[i], market.m5[80 + i]);
}

TEST(Intake, ADrainIsDueOnceASecond) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  EXPECT_TRUE(process.intake->drain_due()) << "a former process may have left something";
  EXPECT_FALSE(process.intake->drain_due());
}

TEST(IntakeAudit, RecomputesWhatWasAnswered) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  const Market market;
  for (std::size_t at = 200; at < 230; ++at) process.ask(market.posted(at));
  process.drain();
  const auto load = [](const LineId&, VersionNumber) -> Result<serving::LiveModel::Handle> {
    return fixed_version({0.3, 0.7}, kSpecs, kM5);
  };
  const auto report = audit_client_predictions(Process::rules(), *process.store, load);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->checked, 30);
  EXPECT_EQ(report->different, 0);
  EXPECT_EQ(report->unavailable, 0);

  // Another model would have said something else; a version that is gone says nothing.
  const auto other =
      audit_client_predictions(Process::rules(), *process.store,
                               [](const LineId&, VersionNumber) -> Result<serving::LiveModel::Handle> {
                                 return fixed_version({0.6, 0.4}, kSpecs, kM5);
                               });
  EXPECT_EQ(other->different, 30);
  EXPECT_EQ(other->first_differences.size(), 20u);
  const auto gone =
      audit_client_predictions(Process::rules(), *process.store,
                               [](const LineId&, VersionNumber) -> Result<serving::LiveModel::Handle> {
                                 return fail(ErrorCode::not_found, "pruned");
                               });
  EXPECT_EQ(gone->checked, 0);
  EXPECT_EQ(gone->unavailable, 30);
}

TEST(IntakeAudit, RevisedCandlesAreNoDifference) {
  const TempFolder folder;
  RealFileSystem files;
  Process process(folder, files);
  process.ask(Market(1).posted(200));
  process.ask(Market(1000).posted(200));
  process.drain();
  const auto report =
      audit_client_predictions(Process::rules(), *process.store,
                               [](const LineId&, VersionNumber) -> Result<serving::LiveModel::Handle> {
                                 return fixed_version({0.3, 0.7}, kSpecs, kM5);
                               });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->checked, 2) << "one from the first values, one from the latest";
  EXPECT_EQ(report->different, 0);
}

}  // namespace
}  // namespace pawl::loop
