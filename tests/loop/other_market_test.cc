// ret(1)[BBB]: on BBB's own bars, as known at the own bar's close, whatever the order of the markets.
#include "loop/audit.h"
#include "loop/join_rig.h"
#include "loop/outside_columns.h"

namespace pawl::loop {
namespace {

constexpr std::size_t kOwn = 0, kOther = 1;

// An expression on all bars of a market, by bar.
std::vector<double> values_on(const std::string& spec, const BarSeries& bars) {
  return features::column_of(features::rows_of(features::parse_list({spec}), bars), 0);
}

TEST(OtherMarketValues, AreTheNewestThatHadClosedOfItsOwnBars) {
  const recipe::Recipe recipe = join_recipe(
      "symbols: [AAA, BBB]\noutside: [\"b = bars(BBB, 0, 0)\"]\n"
      "features: [\"ema(5)[BBB]\", \"ret(1)[BBB]\", \"rsi(3)@H4[BBB]\", \"(close/sma(4))[BBB]\", "
      "\"obv[AAA]\"]\n");
  const std::vector<BarSeries> series = markets_with_gaps(2, 600, 5);
  const JoinedRows rows = joined_rows(recipe, series);
  std::size_t behind = 0;
  for (const char* spec : {"ema(5)", "ret(1)", "rsi(3)@H4", "close/sma(4)"}) {
    const std::string name =
        spec == std::string("close/sma(4)") ? "(close/sma(4))[BBB]" : fmt::format("{}[BBB]", spec);
    const std::size_t column = column_of(recipe, name);
    const std::vector<double> wanted = values_on(spec, series[kOther]);
    for (std::size_t i = 0; i < series[kOwn].size(); ++i) {
      const std::size_t known = series[kOther].count_known_at(series[kOwn].close_time(i));
      const double value = known == 0 ? std::nan("") : wanted[known - 1];
      ASSERT_EQ(std::isnan(rows[kOwn][i][column]), std::isnan(value)) << spec << " at " << i;
      if (!std::isnan(value)) {
        ASSERT_TRUE(same_bits(rows[kOwn][i][column], value)) << spec << " at " << i;
      }
      behind += known > 0 && series[kOther].close_time(known - 1) < series[kOwn].close_time(i) ? 1 : 0;
    }
  }
  EXPECT_GT(behind, 200U) << "bars of the other market are missing, and its last value counts";
  // Of the market itself: its own bar has closed with its row.
  const std::vector<double> own = values_on("obv", series[kOwn]);
  const std::size_t column = column_of(recipe, "obv[AAA]");
  for (std::size_t i = 0; i < own.size(); ++i) ASSERT_TRUE(same_bits(rows[kOwn][i][column], own[i])) << i;
}

TEST(OtherMarketValues, DoNotDependOnTheOrderOfTheMarkets) {
  const std::string rest = "features: [\"ret(1)[AAA]\", \"ret(1)[BBB]\", \"rsi(5)[CCC]\"]\n";
  const recipe::Recipe one = join_recipe("symbols: [AAA, BBB, CCC]\n" + rest),
                       other = join_recipe("symbols: [CCC, BBB, AAA]\n" + rest);
  const std::vector<BarSeries> series = markets_with_gaps(3, 400, 6);
  const JoinedRows rows = joined_rows(one, series),
                   turned = joined_rows(other, {series[2], series[1], series[0]});
  for (std::size_t k = 0; k < 3; ++k) {
    ASSERT_EQ(rows[k].size(), turned[2 - k].size());
    for (std::size_t i = 0; i < rows[k].size(); ++i)
      ASSERT_TRUE(same_bits(rows[k][i], turned[2 - k][i])) << i;
  }
}

TEST(OtherMarketValues, AreReadByTheFeaturesOfEachBar) {
  const recipe::Recipe recipe =
      join_recipe("symbols: [AAA, BBB]\nfeatures: [\"ret(1) - ret(1)[BBB]\", \"close/close[BBB]\"]\n");
  const std::vector<BarSeries> series = markets_with_gaps(2, 100, 7);
  const JoinedRows rows = joined_rows(recipe, series);
  BarSeries own(recipe.outside.size());
  for (std::size_t i = 0; i < series[kOwn].size(); ++i) own.append(series[kOwn][i], rows[kOwn][i]);
  auto list =
      features::FeatureList::parse(recipe.features, recipe.base, recipe.calendar, recipe.outside_names());
  ASSERT_TRUE(list) << list.error().message;
  const FeatureFrame frame = features::rows_of(*list, own);
  std::size_t compared = 0;
  for (std::size_t i = 1; i < own.size(); ++i) {
    const std::size_t known = series[kOther].count_known_at(own.close_time(i));
    if (known < 2 || std::isnan(frame.row(i)[0])) continue;
    const double move = own.close(i) / own.close(i - 1) - 1;
    const double others = series[kOther].close(known - 1) / series[kOther].close(known - 2) - 1;
    EXPECT_NEAR(frame.row(i)[0], move - others, 1e-12);
    EXPECT_NEAR(frame.row(i)[1], own.close(i) / series[kOther].close(known - 1), 1e-12);
    ++compared;
  }
  EXPECT_GT(compared, 60U);
}

// Over the last n pairs that there are: bars without a value of the other market are stepped over.
TEST(OtherMarketValues, AreCorrelatedWithOnesOwn) {
  const recipe::Recipe recipe = join_recipe(
      "symbols: [AAA, BBB]\nfeatures: [\"corr(ret(1), ret(1)[BBB], 20)\", \"spread(close, close[BBB], "
      "20)\"]\n");
  const std::vector<BarSeries> series = markets_with_gaps(2, 300, 11);
  const JoinedRows rows = joined_rows(recipe, series);
  BarSeries own(recipe.outside.size());
  for (std::size_t i = 0; i < series[kOwn].size(); ++i) own.append(series[kOwn][i], rows[kOwn][i]);
  const auto list =
      features::FeatureList::parse(recipe.features, recipe.base, recipe.calendar, recipe.outside_names());
  ASSERT_TRUE(list) << list.error().message;
  const FeatureFrame frame = features::rows_of(*list, own);
  const std::size_t others = column_of(recipe, "ret(1)[BBB]");
  std::vector<std::pair<long double, long double>> pairs;
  std::size_t compared = 0;
  for (std::size_t i = 1; i < own.size(); ++i) {
    const double other = rows[kOwn][i][others];
    if (std::isnan(other)) continue;
    pairs.emplace_back(static_cast<long double>(own.close(i)) / own.close(i - 1) - 1, other);
    if (pairs.size() < 20) continue;
    long double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (std::size_t j = pairs.size() - 20; j < pairs.size(); ++j) {
      x += pairs[j].first / 20;
      y += pairs[j].second / 20;
    }
    for (std::size_t j = pairs.size() - 20; j < pairs.size(); ++j) {
      const long double a = pairs[j].first - x, b = pairs[j].second - y;
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
    ASSERT_NEAR(frame.row(i)[0], static_cast<double>(xy / std::sqrt(xx * yy)), 1e-9) << i;
    compared += std::isnan(frame.row(i)[1]) ? 0 : 1;
  }
  EXPECT_GT(compared, 150U);
}

// Bars of one price at given hours of a day.
BarSeries hours_of(const std::vector<std::pair<int, double>>& closes) {
  BarSeries bars;
  for (const auto& [hour, price] : closes) {
    bars.append(features::bar_at(features::kMonday + hour * kHourMs, kH1, price, price, price, price, 1));
  }
  return bars;
}

std::vector<double> column_of_own(const std::string& outside, const std::vector<BarSeries>& series) {
  const recipe::Recipe recipe =
      join_recipe("symbols: [AAA, BBB]\noutside: " + outside + "\nfeatures: [\"close[BBB]\"]\n");
  const JoinedRows rows = joined_rows(recipe, series);
  std::vector<double> values;
  for (const std::vector<double>& row : rows[kOwn]) values.push_back(row.back());
  return values;
}

void expect_values(const std::vector<double>& found, const std::vector<double>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(found[i] == wanted[i] || (std::isnan(found[i]) && std::isnan(wanted[i])))
        << i << ": " << found[i] << ", wanted " << wanted[i];
  }
}

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

TEST(OtherMarketValues, OfTheSameInstantCountUnlessTheyAreDelayed) {
  const std::vector<BarSeries> series = {hours_of({{0, 1}, {1, 1}, {2, 1}, {3, 1}}),
                                         hours_of({{1, 10}, {2, 20}, {3, 30}})};
  expect_values(column_of_own("[]", series), {kNone, 10, 20, 30});
  expect_values(column_of_own("[\"b = bars(BBB, 1)\"]", series), {kNone, kNone, 10, 20});
  expect_values(column_of_own("[\"b = bars(BBB, 60)\"]", series), {kNone, kNone, 10, 20});
  expect_values(column_of_own("[\"b = bars(BBB, 61)\"]", series), {kNone, kNone, kNone, 10});
}

TEST(OtherMarketValues, DoNotPoseAsFreshForLong) {
  std::vector<std::pair<int, double>> own;
  for (int hour = 0; hour < 10; ++hour) own.emplace_back(hour, 1);
  // Closed from the second hour to the eighth.
  const std::vector<BarSeries> series = {hours_of(own), hours_of({{0, 10}, {1, 20}, {9, 30}})};
  expect_values(column_of_own("[]", series), {10, 20, 20, 20, 20, 20, kNone, kNone, kNone, 30});
  expect_values(column_of_own("[\"b = bars(BBB, 0, 1)\"]", series),
                {10, 20, kNone, kNone, kNone, kNone, kNone, kNone, kNone, 30});
  expect_values(column_of_own("[\"b = bars(BBB, 0, 0)\"]", series), {10, 20, 20, 20, 20, 20, 20, 20, 20, 30});
  // Counted in own bars: what was no bar for either has made nothing stale.
  const std::vector<BarSeries> weekend = {hours_of({{0, 1}, {1, 1}, {60, 1}, {61, 1}}),
                                          hours_of({{0, 10}, {1, 20}, {61, 30}})};
  expect_values(column_of_own("[\"b = bars(BBB, 0, 2)\"]", weekend), {10, 20, 20, 30});
}

TEST(OtherMarketValues, FromOutsideAreTheSameInBlocksOfAnySize) {
  const recipe::Recipe recipe = join_recipe(
      "symbols: [AAA]\noutside: [\"spy = bars(SPY, 3)\"]\nfeatures: [\"ema(9)[SPY]\", \"rsi(5)@H4[SPY]\"]\n");
  const BarSeries bars = markets_with_gaps(1, 500, 8)[0];
  const auto points_in = [&](std::size_t block) {
    OtherMarket market(recipe, *Symbol::parse("SPY"));
    OutsidePoints points;
    for (std::size_t first = 0; first < bars.size(); first += block) {
      market.take(bars.block(first, std::min(block, bars.size() - first)), points);
    }
    return points;
  };
  const OutsidePoints whole = points_in(bars.size());
  ASSERT_EQ(whole.size(), 2U);
  const std::vector<double> wanted = values_on("ema(9)", bars);
  for (const std::size_t block : {std::size_t{1}, std::size_t{7}, std::size_t{256}}) {
    OutsidePoints other = points_in(block);
    for (const auto& [key, points] : whole) {
      ASSERT_EQ(points.size(), bars.size());
      for (std::size_t i = 0; i < points.size(); ++i) {
        ASSERT_TRUE(same_bits(points[i].value, other[key][i].value)) << key.first << " " << i;
        ASSERT_EQ(points[i].known_at, bars.close_time(i) + 3 * kMinuteMs);
      }
    }
  }
  for (std::size_t i = 0; i < bars.size(); ++i) {
    ASSERT_TRUE(same_bits(whole.at({"ema(9)[SPY]", ""})[i].value, wanted[i])) << i;
  }
  EXPECT_TRUE(OtherMarket(recipe, *Symbol::parse("QQQ")).empty());
}

constexpr const char* kPeers =
    "symbols: [AAA, BBB]\noutside: [\"above = breadth(20)\", \"highs = new_highs(30)\"]\n"
    "features: [\"ret(1) - ret(1)[BBB]\", \"rsi(14)[AAA]\", \"ema(10)[BBB]/close\", above, highs]\n";

TEST(OtherMarketValues, AreStoredSoThatAnAuditFindsEveryBit) {
  SeveralRig rig(join_recipe(kPeers));
  rig.play(markets_with_gaps(2, 500, 9));
  for (const std::size_t block : {std::size_t{1}, std::size_t{512}}) {
    const auto report = audit(rig.recipe, *rig.store, *rig.registry, block, {});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_GT(report->checked, 500);
    EXPECT_EQ(report->different, 0);
  }
}

// A process that was stopped joins what one that went on would have.
TEST(OtherMarketValues, GoOnAfterARestart) {
  const std::vector<BarSeries> series = markets_with_gaps(2, 300, 10);
  const TimeMs cut = features::kMonday + 200 * kHourMs;
  std::vector<BarSeries> first, rest;
  for (const BarSeries& one : series) {
    first.push_back(one.slice(0, one.count_known_at(cut)));
    rest.push_back(one.slice(one.count_known_at(cut), one.size()));
  }
  SeveralRig straight(join_recipe(kPeers)), stopped(join_recipe(kPeers));
  straight.play(series);
  stopped.play(first);
  stopped.open();
  ASSERT_TRUE(stopped.loop->restore({}).has_value());
  stopped.play(rest);
  for (std::size_t k = 0; k < 2; ++k) {
    const BarSeries &wanted = straight.loop->series(k).bars(), &found = stopped.loop->series(k).bars();
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      for (std::size_t column = 0; column < wanted.joined_columns(); ++column) {
        ASSERT_TRUE(same_bits(found.joined(column, i), wanted.joined(column, i)))
            << straight.recipe.outside[column].name << " at " << i;
      }
    }
  }
}

// Columns are stored by place: another feature in that place must not go on from its values.
TEST(OtherMarketValues, OfAnotherMeaningAreRefusedInAFolderThatHasBars) {
  const auto with = [](int bars) {
    return join_recipe(fmt::format("symbols: [AAA, BBB]\nfeatures: [clv, \"ret({})[BBB]\"]\n", bars));
  };
  SeveralRig rig(with(1));
  ASSERT_TRUE(remember_outside_columns(with(2), *rig.store).has_value());
  ASSERT_TRUE(remember_outside_columns(with(1), *rig.store).has_value()) << "there are no bars yet";
  rig.play(markets_with_gaps(2, 50, 11));
  EXPECT_TRUE(remember_outside_columns(with(1), *rig.store).has_value()) << "the same recipe";
  for (const auto& refused :
       {expect_outside_columns(with(2), *rig.store), remember_outside_columns(with(2), *rig.store)}) {
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("ret(1)[BBB] (by "), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find(", 0 minutes late, for 5 bars) there and ret(2)[BBB] (by "),
              std::string::npos)
        << refused.error().message;
  }
  rig.open();
  EXPECT_TRUE(rig.loop->restore({}).has_value());
}

}  // namespace
}  // namespace pawl::loop
