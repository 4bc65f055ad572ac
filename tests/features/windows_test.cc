// Rows from windows of bars that a client posts, each timeframe with bars of its own. A9.
#include "features/windows.h"

#include <map>

#include "domain/resampler.h"
#include "features/bars_for_features.h"
#include "features/plan.h"
#include "support/walk_bars.h"

namespace pawl::features {
namespace {

// A market's bars on every timeframe that a list is computed on.
using Frames = std::map<Timeframe, BarSeries>;

Frames frames_of(const FeatureList& list, const BarSeries& base) {
  Frames frames;
  for (const PlanGroup& group : list.plan().groups) {
    const bool is_base = group.timeframe == list.plan().base;
    frames.emplace(group.timeframe, is_base ? base : resample(base, group.timeframe, list.plan().calendar));
  }
  return frames;
}

// The newest bars of each timeframe, so many as the list says it needs, known when base bar `end` − 1 is.
std::vector<Window> windows_at(const FeatureList& list, const Frames& frames, std::size_t end,
                               const std::vector<std::pair<Timeframe, std::size_t>>& lengths) {
  const TimeMs now = frames.at(list.plan().base).close_time(end - 1);
  std::vector<Window> windows;
  for (const auto& [timeframe, length] : lengths) {
    const BarSeries& bars = frames.at(timeframe);
    const std::size_t known = bars.count_known_at(now);
    const std::size_t count = std::min(known, length);
    windows.push_back({timeframe, bars.block(known - count, count)});
  }
  return windows;
}

struct Row {
  std::vector<double> values;
  std::vector<std::uint8_t> ready;
};

Row row_of(WindowEngine& engine, const std::vector<Window>& windows) {
  Row row;
  row.values.resize(engine.list().size());
  row.ready.resize(engine.list().size());
  const Status done = engine.last_row(windows, row.values, row.ready);
  EXPECT_TRUE(done) << done.error().message;
  return row;
}

std::vector<std::uint64_t> bits_of(const Row& row) {
  std::vector<std::uint64_t> bits;
  for (const double value : row.values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

std::string error_of(WindowEngine& engine, const std::vector<Window>& windows) {
  std::vector<double> row(engine.list().size());
  std::vector<std::uint8_t> ready(row.size());
  const Status done = engine.last_row(windows, row, ready);
  EXPECT_FALSE(done);
  return done ? "" : done.error().message;
}

constexpr double kPrecision = 1e-6;

void expect_near(const FeatureList& list, const Row& row, std::span<const double> wanted,
                 const std::string& where) {
  for (std::size_t column = 0; column < wanted.size(); ++column) {
    SCOPED_TRACE(where + " " + list.specs()[column]);
    ASSERT_EQ(std::isnan(row.values[column]), std::isnan(wanted[column]));
    if (std::isnan(wanted[column])) continue;
    const double scale = std::max(std::fabs(wanted[column]), 1e-3);
    EXPECT_NEAR(row.values[column], wanted[column], kPrecision * scale);
    EXPECT_EQ(row.ready[column], 1);
  }
}

// Windows of the lengths that the list asks for give the row of the whole history, wherever they are cut.
void expect_windows_are_enough(const FeatureList& list, const BarSeries& base, std::size_t from,
                               std::size_t step) {
  const FeatureFrame whole = rows_of(list, base);
  const Frames frames = frames_of(list, base);
  const auto lengths = list.memory_by_timeframe(1e-9);
  WindowEngine engine(list);
  std::size_t compared = 0;
  for (std::size_t end = from; end <= base.size(); end += step) {
    if (whole.ready[end - 1] == 0) continue;
    expect_near(list, row_of(engine, windows_at(list, frames, end, lengths)), whole.row(end - 1),
                fmt::format("bar {}", end));
    if (testing::Test::HasFailure()) return;
    ++compared;
  }
  EXPECT_GE(compared, 20u);
}

// Every kind that forgets, with compositions that were not made for windows.
FeatureList forgetting_list(Timeframe base, Timeframe higher, Timeframe highest,
                            const MarketCalendar& calendar = MarketCalendar::utc_always()) {
  std::vector<std::string> specs;
  for (std::string spec : varied_specs()) {
    if (spec == "obv" || spec.starts_with("sar")) continue;  // they never forget
    for (const auto& [from, to] : {std::pair{"@H4", higher}, std::pair{"@D1", highest}}) {
      if (const std::size_t at = spec.find(from); at != std::string::npos) {
        spec.replace(at + 1, 2, to.name());
      }
    }
    specs.push_back(spec);
  }
  specs.push_back(fmt::format("sma(rsi(5)@{},6)", higher.name()));
  specs.push_back(fmt::format("adx(14)@{}", higher.name()));
  return parse_list(specs, base, calendar);
}

TEST(Windows, GiveTheRowOfTheWholeHistory) {
  expect_windows_are_enough(forgetting_list(kM5, kM15, kH1), test::walk_bars(3, 9000, kMonday, kM5), 4000,
                            97);
}

TEST(Windows, GiveTheRowOfTheWholeHistoryOnRealBars) {
  const auto bars = shared_bars("crypto/BTCUSDT_1h.csv.gz", kH1, 12000);
  if (!bars) GTEST_SKIP() << test::kNoSharedData;
  expect_windows_are_enough(forgetting_list(kH1, kH4, kD1), *bars, 8000, 151);
}

TEST(Windows, OfTheForexRecipeAreEnough) {
  const FeatureList list =
      parse_list({"clv", "ret(12)", "close / sma(20) - 1", "ema(12) / ema(26) - 1", "rsi(14)",
                  "stoch_k(14, 3)", "cci(20)", "bb_pctb(20, 2)", "atr(14) / close", "realised_vol(48)",
                  "rsi(14)@H1", "ema(12)@H1 / close - 1", "rsi(14)@H4"},
                 kM5);
  const BarSeries bars = test::walk_bars(5, 25000, kMonday, kM5);
  const FeatureFrame whole = rows_of(list, bars);
  const Frames frames = frames_of(list, bars);
  WindowEngine engine(list);
  for (std::size_t end = 20000; end < bars.size(); end += 333) {
    expect_near(list, row_of(engine, windows_at(list, frames, end, {{kM5, 500}, {kH1, 300}, {kH4, 250}})),
                whole.row(end - 1), fmt::format("bar {}", end));
  }
}

TEST(Windows, OfMoreBarsThanNeededChangeNothing) {
  const FeatureList list = parse_list({"sma(20)", "atr(5)@H4", "cci(20)", "ema(3)"});
  const Frames frames = frames_of(list, random_bars(1, 3000));
  WindowEngine engine(list);
  const Row few = row_of(engine, windows_at(list, frames, 3000, {{kH1, 400}, {kH4, 300}}));
  EXPECT_EQ(bits_of(few), bits_of(row_of(engine, windows_at(list, frames, 3000, {{kH1, 900}, {kH4, 700}}))));
}

TEST(Windows, AnEngineRemembersNothingOfTheLastOnes) {
  const FeatureList list = forgetting_list(kH1, kH4, kD1);
  const Frames frames = frames_of(list, random_bars(2, 6000));
  const auto lengths = list.memory_by_timeframe(1e-6);
  WindowEngine used(list);
  for (const std::size_t end : {6000u, 4711u, 5000u}) {
    WindowEngine fresh(list);
    EXPECT_EQ(bits_of(row_of(used, windows_at(list, frames, end, lengths))),
              bits_of(row_of(fresh, windows_at(list, frames, end, lengths))));
  }
}

// What comes after the last base bar cannot be known: neither a base bar nor a higher bar that is still open.
TEST(Windows, DoNotSeeTheFuture) {
  const FeatureList list = forgetting_list(kH1, kH4, kD1);
  const BarSeries bars = random_bars(4, 4000);
  const Frames frames = frames_of(list, bars);
  WindowEngine engine(list);
  for (const std::size_t end : {3001u, 3002u, 3003u, 3004u, 3500u, 3999u}) {
    BarSeries changed = bars.slice(0, end);
    for (std::size_t i = end; i < bars.size(); ++i) {
      Bar bar = bars[i];
      bar.high *= 3, bar.close *= 2, bar.volume += 1e5;
      changed.append(bar);
    }
    const Frames others = frames_of(list, changed);
    // Windows as long as there are bars, so that the higher ones go on past the base's end.
    const auto windows_of = [&](const Frames& some) {
      std::vector<Window> windows;
      for (const auto& [timeframe, series] : some) {
        windows.push_back({timeframe, timeframe == kH1 ? series.block(0, end) : series.all()});
      }
      return windows;
    };
    EXPECT_EQ(bits_of(row_of(engine, windows_of(frames))), bits_of(row_of(engine, windows_of(others))))
        << end;
  }
}

TEST(Windows, AHigherBarIsUsedFromItsCloseOn) {
  const FeatureList list = parse_list({"close@H4"});
  const BarSeries bars = random_bars(6, 40);
  const BarSeries higher = resample(bars, kH4, MarketCalendar::utc_always());
  WindowEngine engine(list);
  for (std::size_t end = 4; end <= 40; ++end) {
    const Row row = row_of(engine, {{kH1, bars.block(0, end)}, {kH4, higher.all()}});
    EXPECT_EQ(row.values[0], higher.close(end / 4 - 1)) << end;
  }
  const Row early = row_of(engine, {{kH1, bars.block(0, 3)}, {kH4, higher.all()}});
  EXPECT_TRUE(std::isnan(early.values[0]));
  EXPECT_EQ(early.ready[0], 0);
}

// Weekends, and a session that closes higher bars late.
TEST(Windows, JoinAsTheEngineDoesAcrossGaps) {
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "weekdays");
  ASSERT_TRUE(calendar);
  const FeatureList list = parse_list({"close@H4", "sma(close@D1,3)", "ret(1)@H4"}, kH1, *calendar);
  Random random(9);
  BarSeries bars;
  const BarSeries all = random_bars(12, 3000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool open = calendar->trades_within(all.open_time(i), all.close_time(i));
    if (open && random.below(10) != 0) bars.append(all[i]);
  }
  const FeatureFrame whole = rows_of(list, bars);
  const Frames frames = frames_of(list, bars);
  WindowEngine engine(list);
  for (std::size_t end = 500; end < bars.size(); end += 7) {
    expect_near(list, row_of(engine, windows_at(list, frames, end, {{kH1, 100}, {kH4, 60}, {kD1, 20}})),
                whole.row(end - 1), fmt::format("bar {}", end));
  }
}

TEST(Windows, SayWhichColumnsHadTooFewBars) {
  const FeatureList list = parse_list({"sma(20)", "sma(21)", "sma(10)@H4", "sma(11)@H4", "sma(close@H4,3)"});
  const BarSeries bars = random_bars(3, 400);
  const Frames frames = frames_of(list, bars);
  WindowEngine engine(list);
  const Row row = row_of(engine, windows_at(list, frames, 400, {{kH1, 20}, {kH4, 10}}));
  EXPECT_EQ(row.ready, (std::vector<std::uint8_t>{1, 0, 1, 0, 1}));
  EXPECT_TRUE(std::isnan(row.values[1]));
  EXPECT_TRUE(std::isnan(row.values[3]));
}

TEST(Windows, MissingOnesAreNamedAndOthersIgnored) {
  const FeatureList list = parse_list({"sma(20)", "rsi(14)@H4"});
  const BarSeries bars = random_bars(3, 400);
  const BarSeries higher = resample(bars, kH4, MarketCalendar::utc_always());
  WindowEngine engine(list);
  EXPECT_NE(error_of(engine, {{kH1, bars.all()}}).find("the window of H4 is missing"), std::string::npos);
  EXPECT_NE(error_of(engine, {{kH4, higher.all()}}).find("the window of H1 is missing"), std::string::npos);
  EXPECT_NE(error_of(engine, {{kH1, bars.block(0, 0)}, {kH4, higher.all()}}).find("holds no closed bar"),
            std::string::npos);
  const Row row = row_of(engine, {{kH1, bars.all()}, {kH4, higher.all()}});
  EXPECT_EQ(bits_of(row),
            bits_of(row_of(engine, {{kM5, higher.all()}, {kH4, higher.all()}, {kH1, bars.all()}})));
  const auto joined =
      FeatureList::parse(std::vector<std::string>{"vix"}, kH1, MarketCalendar::utc_always(), {"vix"});
  WindowEngine outside(*joined);
  EXPECT_NE(error_of(outside, {{kH1, bars.all()}}).find("outside series vix"), std::string::npos);
}

}  // namespace
}  // namespace pawl::features
