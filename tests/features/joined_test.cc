// Outside series joined to the bars: how they are named, read, hashed and waited for.
#include "domain/resampler.h"
#include "features/bars_for_features.h"
#include "features/plan.h"
#include "support/future_check.h"

namespace pawl::features {
namespace {

const std::vector<std::string> kJoined = {"vix", "dgs10", "pe_ratio"};

// Made-up bars with three joined columns: one always there, one with holes, one that is never known.
BarSeries joined_bars(std::size_t count) {
  const BarSeries plain = random_bars(31, count);
  Random random(8);
  BarSeries bars(3);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const double values[] = {15 + random.normal(), i % 11 == 3 ? -std::nan("7") : 4 + random.uniform(),
                             std::nan("")};
    bars.append(plain[i], values);
  }
  return bars;
}

FeatureList joined_list(const std::vector<std::string>& specs,
                        const std::vector<std::string>& joined = kJoined, Timeframe base = kH1) {
  auto list = FeatureList::parse(specs, base, MarketCalendar::utc_always(), joined);
  EXPECT_TRUE(list.has_value()) << (list ? "" : list.error().message);
  return *list;
}

std::string error_of(const std::string& spec, const std::vector<std::string>& joined = kJoined) {
  const auto list = FeatureList::parse(std::vector{spec}, kH1, MarketCalendar::utc_always(), joined);
  if (list) return "";
  EXPECT_EQ(list.error().code, ErrorCode::bad_config);
  return list.error().message;
}

TEST(Joined, ColumnsAreReadByTheirNames) {
  const BarSeries bars = joined_bars(40);
  const FeatureFrame frame =
      rows_of(joined_list({"vix", "dgs10/lag(dgs10,5)-1", "sma(vix,3)", "close/vix", "pe_ratio"}), bars);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_EQ(frame.row(i)[0], bars.joined(0, i));
    const double change = i < 5 ? std::nan("") : bars.joined(1, i) / bars.joined(1, i - 5) - 1;
    EXPECT_EQ(std::isnan(frame.row(i)[1]), std::isnan(change)) << i;
    if (!std::isnan(change)) {
      EXPECT_EQ(frame.row(i)[1], change);
    }
    if (i >= 2) {
      EXPECT_NEAR(frame.row(i)[2], (bars.joined(0, i) + bars.joined(0, i - 1) + bars.joined(0, i - 2)) / 3,
                  1e-12);
    }
    EXPECT_EQ(frame.row(i)[3], bars.close(i) / bars.joined(0, i));
    EXPECT_TRUE(std::isnan(frame.row(i)[4]));
  }
}

TEST(Joined, TheOrderOfTheNamesIsThatOfTheColumns) {
  const BarSeries bars = joined_bars(10);
  const FeatureList a = joined_list({"vix"}, {"vix", "dgs10", "pe_ratio"});
  const FeatureList b = joined_list({"vix"}, {"dgs10", "vix", "pe_ratio"});
  EXPECT_EQ(rows_of(a, bars).row(5)[0], bars.joined(0, 5));
  EXPECT_EQ(rows_of(b, bars).row(5)[0] == bars.joined(0, 5), false);
  EXPECT_EQ(a.hash(), b.hash()) << "where a value stands does not change what it means";
}

TEST(Joined, TheHashCoversTheNamesUsedAndNoOthers) {
  const std::string hash = joined_list({"vix", "rsi(14)"}, {"vix"}).hash();
  EXPECT_EQ(joined_list({"vix", "rsi(14)"}, {"vix", "dgs10"}).hash(), hash);
  EXPECT_NE(joined_list({"dgs10", "rsi(14)"}, {"vix", "dgs10"}).hash(), hash);
  EXPECT_EQ(joined_list({"rsi(14)"}).hash(), parse_list({"rsi(14)"}).hash());
}

TEST(Joined, TheHashOfAListWithoutThemIsWhatItWas) {
  // Versions on disk carry this hash; a change of it would orphan them.
  EXPECT_EQ(parse_list({"rsi(14)", "ema(12)@H4"}).hash(),
            "29252eee09b9a8b30c10ee96afadf8c8c0d5355d774f934c54566ea8110bbfb0");
}

TEST(Joined, ErrorsSayWhatIsPossible) {
  EXPECT_NE(error_of("vixx").find("and no outside series; did you mean \"vix\"?"), std::string::npos)
      << error_of("vixx");
  EXPECT_NE(error_of("nonsense").find("clip vix dgs10 pe_ratio"), std::string::npos) << error_of("nonsense");
  EXPECT_EQ(error_of("nonsense", {}).find("outside"), std::string::npos) << error_of("nonsense", {});
  for (const char* spec : {"vix@H4", "sma(vix,5)@D1", "ema(close/vix,3)@H4", "vix @ H4", "vix@H1"}) {
    EXPECT_NE(error_of(spec).find("vix is an outside series, which has no timeframe"), std::string::npos)
        << error_of(spec);
  }
  EXPECT_NE(error_of("vix(3)").find("takes no arguments"), std::string::npos) << error_of("vix(3)");
  EXPECT_NE(error_of("VIX").find("did you mean \"vix\"?"), std::string::npos) << error_of("VIX");
}

TEST(Joined, NamesMustBeFreeAndPlain) {
  for (const char* name : {"", "Vix", "1y", "_x", "a-b", "a b", "\xc3\xa9"}) {
    EXPECT_NE(error_of("close", {name}).find("lower-case letters"), std::string::npos) << name;
  }
  EXPECT_NE(error_of("close", {"close"}).find("a column of the bars already"), std::string::npos);
  EXPECT_NE(error_of("close", {"rsi"}).find("a feature kind already"), std::string::npos);
  EXPECT_NE(error_of("close", {"vix", "vix"}).find("twice"), std::string::npos);
}

TEST(Joined, AMissingSeriesDoesNotBlockReadiness) {
  const BarSeries bars = joined_bars(60);
  const FeatureList list =
      joined_list({"pe_ratio", "lag(pe_ratio,3)", "sma(pe_ratio,5)", "ema(rsi(5)@H4,3)", "zscore(vix,10)"});
  const FeatureList without = joined_list({"lag(vix,3)", "sma(vix,5)", "ema(rsi(5)@H4,3)", "zscore(vix,10)"});
  EXPECT_EQ(list.warm_up_bars(), without.warm_up_bars());
  EXPECT_EQ(joined_list({"vix"}).warm_up_bars(), 1u);
  const FeatureFrame frame = rows_of(list, bars), wanted = rows_of(without, bars);
  EXPECT_EQ(frame.ready, wanted.ready);
  EXPECT_TRUE(frame.ready.back());
  EXPECT_TRUE(std::isnan(frame.row(59)[2]));
}

TEST(Joined, EveryMissingValueHasTheSameBits) {
  const FeatureFrame frame = rows_of(joined_list({"dgs10", "sma(dgs10,3)"}), joined_bars(50));
  const auto wanted = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(std::bit_cast<std::uint64_t>(frame.row(3)[0]), wanted);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(frame.row(3)[1]), wanted);
}

TEST(Joined, GiveTheSameBitsInBlocksAndAfterRestore) {
  const BarSeries bars = joined_bars(1500);
  const FeatureList list = joined_list(
      {"vix", "ema(dgs10,12)", "zscore(vix,20)*ema(12)@H4", "close/vix", "lag(dgs10,3)", "std(pe_ratio,5)"});
  const FeatureFrame whole = rows_of(list, bars);
  for (const std::size_t block : {1, 7, 256, 1024}) {
    EXPECT_EQ(bit_difference(whole, rows_of(list, bars, {block})), "") << block;
  }
  for (const std::size_t cut : {1, 255, 700}) {
    FeatureFrame frame;
    const std::vector<std::size_t> blocks = {100};
    Engine first(list), second(list);
    advance(first, bars, 0, cut, blocks, frame);
    ASSERT_TRUE(second.load(first.save()).has_value());
    advance(second, bars, cut, bars.size(), blocks, frame);
    EXPECT_EQ(bit_difference(whole, frame), "") << cut;
  }
}

TEST(Joined, TheFutureOfASeriesDoesNotReachTheRowsBefore) {
  const BarSeries bars = joined_bars(600);
  const FeatureList list = joined_list({"vix", "ema(dgs10,12)", "zscore(vix,20)", "close/vix"});
  const FeatureFrame whole = rows_of(list, bars);
  for (const std::size_t cut : {1, 50, 300, 599}) {
    BarSeries changed = bars.slice(0, cut);
    for (std::size_t i = cut; i < bars.size(); ++i) {
      const double values[] = {-bars.joined(0, i), 1e6, 3.0};
      changed.append(bars[i], values);
    }
    const FeatureFrame frame = rows_of(list, changed);
    for (std::size_t i = 0; i < cut * frame.columns(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(frame.values[i]), std::bit_cast<std::uint64_t>(whole.values[i]));
    }
  }
}

using Memory = std::vector<std::pair<Timeframe, std::size_t>>;

TEST(MemoryByTimeframe, CountsTheBarsOfEachTimeframe) {
  EXPECT_EQ(parse_list({"close"}).memory_by_timeframe(1e-6), (Memory{{kH1, 1}}));
  EXPECT_EQ(parse_list({"sma(20)"}).memory_by_timeframe(1e-6), (Memory{{kH1, 21}}));
  EXPECT_EQ(parse_list({"lag(sma(20),3)"}).memory_by_timeframe(1e-6), (Memory{{kH1, 24}}));
  EXPECT_EQ(joined_list({"sma(vix,5)"}).memory_by_timeframe(1e-6), (Memory{{kH1, 6}}));
  EXPECT_EQ(parse_list({"obv"}).memory_by_timeframe(1e-6), (Memory{{kH1, kForever}}));
  EXPECT_EQ(parse_list({"sma(20)@D1", "sma(9)@H4"}).memory_by_timeframe(1e-6),
            (Memory{{kH1, 1}, {kH4, 10}, {kD1, 21}}));
  // Within nine hours at most two more bars of four hours close, and one was known at the first: three
  // values, each of six bars.
  EXPECT_EQ(parse_list({"sma(sma(5)@H4,8)"}).memory_by_timeframe(1e-6), (Memory{{kH1, 9}, {kH4, 8}}));
  EXPECT_EQ(parse_list({"ema(obv@H4,3)"}).memory_by_timeframe(1e-6)[1].second, kForever);
}

TEST(MemoryByTimeframe, ASessionCutsHigherBarsShort) {
  const auto calendar = MarketCalendar::make("America/New_York 09:30", "09:30-16:00");
  ASSERT_TRUE(calendar.has_value());
  const FeatureList list = parse_list({"sma(close@H4,8)"}, Timeframe::minutes(30), *calendar);
  // A day of thirteen bars has two of H4, of eight bars and of five: within nine bars two may end.
  EXPECT_EQ(list.memory_by_timeframe(1e-6), (Memory{{Timeframe::minutes(30), 9}, {kH4, 3}}));
}

// The promise itself: windows of those lengths give the values of the whole history. The higher timeframe is
// computed by an engine of its own from its own window, as a client would post it.
TEST(MemoryByTimeframe, WindowsOfThoseLengthsAreEnough) {
  const BarSeries bars = random_bars(11, 7000);
  const BarSeries higher = resample(bars, kH4, MarketCalendar::utc_always());
  for (const char* kind : {"ema(12)", "rsi(14)", "atr(14)", "macd_signal", "adx(14)", "zscore(volume,96)"}) {
    const FeatureList list = parse_list({fmt::format("sma({}@H4,6)", kind)});
    const Memory memory = list.memory_by_timeframe(1e-6);
    const std::size_t end = bars.size() - 1;
    const std::size_t known = higher.count_known_at(bars.close_time(end - 1));
    const FeatureList alone = parse_list({kind}, kH4);
    const BarSeries window = higher.slice(known - memory[1].second, known);
    const std::vector<double> values = column_of(rows_of(alone, window), 0);
    EXPECT_GE(memory[0].second, 6u);
    double sum = 0;
    for (std::size_t i = end - 6; i < end; ++i) {
      sum += values[window.count_known_at(bars.close_time(i)) - 1];
    }
    const double far = column_of(rows_of(list, bars.slice(0, end)), 0).back();
    EXPECT_NEAR(sum / 6, far, 1e-6 * std::max(std::fabs(far), 1.0)) << kind;
  }
}

}  // namespace
}  // namespace pawl::features
