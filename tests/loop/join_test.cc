// Each kind of outside series against a slow second way to it, and: nothing that is known later is in a row.
#include "loop/join_rig.h"

namespace pawl::loop {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void expect_value(double found, double wanted, const std::string& what) {
  EXPECT_EQ(std::isnan(found), std::isnan(wanted)) << what << ": " << found << ", wanted " << wanted;
  if (!std::isnan(wanted)) {
    EXPECT_NEAR(found, wanted, 1e-12 * std::max(1.0, std::fabs(wanted))) << what;
  }
}

// Closes of all markets by the instant at which they close.
using ClosesAt = std::map<TimeMs, std::vector<std::pair<std::size_t, std::size_t>>>;  // market, bar

ClosesAt closes_at(const std::vector<BarSeries>& series) {
  ClosesAt at;
  for (std::size_t k = 0; k < series.size(); ++k) {
    for (std::size_t i = 0; i < series[k].size(); ++i) at[series[k].close_time(i)].emplace_back(k, i);
  }
  return at;
}

TEST(Breadth, IsOfTheMarketsThatCloseTogether) {
  const recipe::Recipe recipe = join_recipe(
      "symbols: [AAA, BBB, CCC, DDD, EEE]\noutside: [\"above = breadth(20)\", \"ad = advances(1)\", "
      "\"ad5 = advances(5)\", \"highs = new_highs(15)\"]\nfeatures: [\"ema(ad,19) - ema(ad,39)\", above, "
      "ad5, "
      "highs]\n");
  const std::vector<BarSeries> series = markets_with_gaps(5, 300, 21);
  const JoinedRows rows = joined_rows(recipe, series);
  std::size_t negative = 0, positive = 0;
  for (const auto& [time, bars] : closes_at(series)) {
    double above = 0, above_of = 0, up = 0, down = 0, known = 0, up5 = 0, down5 = 0, known5 = 0, high = 0,
           low = 0, known15 = 0;
    for (const auto& [k, i] : bars) {
      const auto close = [&, market = k, bar = i](std::size_t back) {
        return series[market].close(bar - back);
      };
      if (i >= 19) {
        double sum = 0;
        for (std::size_t back = 20; back-- > 0;) sum += close(back);
        ++above_of;
        above += close(0) > sum / 20 ? 1 : 0;
      }
      if (i >= 1) {
        ++known;
        up += close(0) > close(1) ? 1 : 0;
        down += close(0) < close(1) ? 1 : 0;
      }
      if (i >= 5) {
        ++known5;
        up5 += close(0) > close(5) ? 1 : 0;
        down5 += close(0) < close(5) ? 1 : 0;
      }
      if (i < 15) continue;
      ++known15;
      bool highest = true, lowest = true;
      for (std::size_t back = 1; back <= 15; ++back) {
        highest = highest && close(0) > close(back);
        lowest = lowest && close(0) < close(back);
      }
      high += highest ? 1 : 0;
      low += lowest ? 1 : 0;
    }
    const auto net = [](double risen, double fallen, double of) {
      return of == 0 ? kNone : risen + fallen == 0 ? 0 : (risen - fallen) / (risen + fallen);
    };
    const std::vector<double>& row = rows[bars[0].first][bars[0].second];
    expect_value(row[0], above_of == 0 ? kNone : above / above_of, "above");
    expect_value(row[1], net(up, down, known), "ad");
    expect_value(row[2], net(up5, down5, known5), "ad5");
    expect_value(row[3], known15 == 0 ? kNone : (high - low) / known15, "highs");
    for (const auto& [k, i] : bars) EXPECT_TRUE(same_bits(rows[k][i], row)) << "one value for all";
    positive += row[3] > 0 ? 1 : 0;
    negative += row[3] < 0 ? 1 : 0;
  }
  EXPECT_GT(positive, 20U);
  EXPECT_GT(negative, 20U);
}

// McClellan's oscillator is a feature over the joined column, so that its state is the engine's.
TEST(Breadth, MakesMcClellansOscillator) {
  const recipe::Recipe recipe = join_recipe(
      "symbols: [AAA, BBB, CCC]\noutside: [\"ad = advances(1)\"]\nfeatures: [\"ema(ad,19) - ema(ad,39)\"]\n");
  const std::vector<BarSeries> series = markets_with_gaps(3, 300, 22);
  const JoinedRows rows = joined_rows(recipe, series);
  BarSeries own(1);
  for (std::size_t i = 0; i < series[0].size(); ++i) own.append(series[0][i], rows[0][i]);
  auto list =
      features::FeatureList::parse(recipe.features, recipe.base, recipe.calendar, recipe.outside_names());
  ASSERT_TRUE(list);
  const std::vector<double> found = features::column_of(features::rows_of(*list, own), 0);
  // By hand: the mean of the first n values, then P + 2/(n+1) (x − P).
  const auto average = [&](std::size_t n) {
    std::vector<double> values, averages;
    double p = 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (std::isnan(own.joined(0, i))) {
        averages.push_back(kNone);
        continue;
      }
      values.push_back(own.joined(0, i));
      const double x = values.back(), count = static_cast<double>(n);
      if (values.size() <= n) p += x / count;
      if (values.size() > n) p += 2 / (count + 1) * (x - p);
      averages.push_back(values.size() < n ? kNone : p);
    }
    return averages;
  };
  const std::vector<double> fast = average(19), slow = average(39);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (std::isnan(slow[i])) continue;
    EXPECT_NEAR(found[i], fast[i] - slow[i], 1e-12) << i;
    ++compared;
  }
  EXPECT_GT(compared, 150U);
}

// Filings: at most one an instant, each with the instant from which it was known.
struct Filings {
  recipe::Recipe recipe = join_recipe(
      "symbols: [AAA, BBB]\noutside: [\"eps = filing(eps_ttm)\", \"filed = filing_age(eps_ttm)\", "
      "\"fresh = filing(eps_ttm, 3)\", \"news = decayed_sum(score, 24)\", \"mood = decayed_mean(score, "
      "24)\", "
      "\"insiders = window_sum(net, 2)\"]\n"
      "features: [\"close/eps\", \"eps/close\", filed, fresh, news, mood, insiders, \"zscore(news, 30)\"]\n");
  std::vector<BarSeries> series = markets_with_gaps(2, 400, 23);
  OutsidePoints points;

  explicit Filings(std::uint64_t seed) {
    Random random(seed);
    for (const char* symbol : {"AAA", "BBB"}) {
      TimeMs at = features::kMonday + 30 * kHourMs;
      while (at < features::kMonday + 400 * kHourMs) {
        at += static_cast<TimeMs>(random.below(30) * kHourMs + random.below(2) * 17 * kMinuteMs);
        const double value = random.normal();
        for (const recipe::OutsideSeries& one : recipe.outside)
          points[{one.name, symbol}].push_back({at, value});
      }
    }
  }
};

TEST(Filings, CountFromTheInstantAtWhichTheyWereKnown) {
  const Filings filings(1);
  const JoinedRows rows = joined_rows(filings.recipe, filings.series, filings.points);
  std::size_t stale = 0, faded = 0;
  for (const std::size_t k : {0, 1}) {
    const std::vector<OutsidePoint>& points =
        filings.points.at({"eps", filings.recipe.symbols[k].canonical()});
    const BarSeries& bars = filings.series[k];
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const TimeMs at = bars.close_time(i);
      double eps = kNone, age = kNone, fresh = kNone, sum = kNone, weights = 0, within = kNone;
      for (const OutsidePoint& point : points) {
        if (point.known_at > at) continue;
        eps = point.value;
        age = static_cast<double>(at - point.known_at) / 86'400'000.0;
        // Used at three own bars: this one and the two before it, as far as they knew it.
        std::size_t knew = 0;
        for (std::size_t back = 0; back <= i; ++back)
          knew += bars.close_time(i - back) >= point.known_at ? 1 : 0;
        fresh = knew <= 3 ? eps : kNone;
        const double weight = std::pow(0.5, static_cast<double>(at - point.known_at) / 86'400'000.0);
        sum = (std::isnan(sum) ? 0 : sum) + weight * point.value;
        weights += weight;
        if (std::isnan(within)) within = 0;
        if (point.known_at > at - 2 * kDayMs) within += point.value;
      }
      const std::vector<double>& row = rows[k][i];
      expect_value(row[0], eps, "eps");
      expect_value(row[1], age, "filed");
      expect_value(row[2], fresh, "fresh");
      expect_value(row[3], sum, "news");
      expect_value(row[4], weights > 0 ? sum / weights : kNone, "mood");
      expect_value(row[5], within, "insiders");
      stale += !std::isnan(eps) && std::isnan(fresh) ? 1 : 0;
      faded += std::fabs(row[3]) < std::fabs(row[4]) ? 1 : 0;
    }
  }
  EXPECT_GT(stale, 100U);
  EXPECT_GT(faded, 10U);
}

// P/E with the price of the very bar: the filing says what was earned, the bar what it costs.
TEST(Filings, MakeRatiosWithTheBarsOwnClose) {
  const Filings filings(2);
  const JoinedRows rows = joined_rows(filings.recipe, filings.series, filings.points);
  BarSeries own(filings.recipe.outside.size());
  for (std::size_t i = 0; i < filings.series[0].size(); ++i) own.append(filings.series[0][i], rows[0][i]);
  auto list = features::FeatureList::parse(filings.recipe.features, filings.recipe.base,
                                           filings.recipe.calendar, filings.recipe.outside_names());
  ASSERT_TRUE(list);
  const FeatureFrame frame = features::rows_of(*list, own);
  for (std::size_t i = 100; i < own.size(); ++i) {
    EXPECT_EQ(frame.row(i)[0], own.close(i) / rows[0][i][0]);
    EXPECT_EQ(frame.row(i)[1], rows[0][i][0] / own.close(i));
  }
}

TEST(Filings, WithoutASymbolAreEveryMarkets) {
  const recipe::Recipe recipe =
      join_recipe("symbols: [AAA, BBB]\noutside: [\"mood = decayed_mean(fear, 24)\"]\nfeatures: [mood]\n");
  const std::vector<BarSeries> series = markets_with_gaps(2, 50, 24);
  const OutsidePoints points = {{{"mood", ""}, {{features::kMonday, 3.0}}},
                                {{"mood", "BBB"}, {{features::kMonday, 7.0}}}};
  const JoinedRows rows = joined_rows(recipe, series, points);
  EXPECT_EQ(rows[0].back()[0], 3.0);
  EXPECT_EQ(rows[1].back()[0], 7.0) << "its own go first";
}

TEST(Filings, OfLongAgoHaveFadedAway) {
  const OutsidePoint old[] = {{-40'000 * kDayMs, 5.0}, {0, 0.0}};
  const DecayedSums sums(old, kHourMs);
  EXPECT_EQ(sums.sum(-40'000 * kDayMs), 5.0) << "before 1970 too";
  EXPECT_EQ(sums.sum(-40'000 * kDayMs + kHourMs), 2.5);
  EXPECT_EQ(sums.sum(0), 0.0);
  EXPECT_FALSE(sums.mean(-40'000 * kDayMs - 1).has_value());
}

// ADR-1 of the joiner: a recipe with every kind of series, random markets and points, a random T. Whatever is
// known after T may be another; every row of a bar that closes at or before T keeps its bits.
constexpr const char* kEverything =
    "symbols: [AAA, BBB, CCC]\nsectors: [AAA=One, BBB=One, CCC=Two]\n"
    "outside: [\"spy = bars(SPY, 7)\", \"rate = series(RATE, 1, 40)\", \"eps = filing(eps)\", "
    "\"filed = filing_age(eps)\", \"news = decayed_sum(score, 24)\", \"mood = decayed_mean(score, 6)\", "
    "\"insiders = window_sum(net, 2)\", \"above = breadth(20)\", \"ad = advances(1)\", \"highs = "
    "new_highs(15)\", "
    "\"move = sector(10)\", \"b = bars(BBB, 61)\"]\n"
    "features: [\"ret(1)[AAA]\", \"ema(5)[BBB]\", \"rsi(3)@H4[CCC]\", \"ret(1)[SPY]\", \"obv[SPY]\", spy, "
    "rate]\n";

struct World {
  std::vector<BarSeries> series;
  BarSeries spy;
  OutsidePoints points;  // but those of SPY, which its bars give
};

World random_world(const recipe::Recipe& recipe, std::uint64_t seed) {
  World world;
  std::vector<BarSeries> all = markets_with_gaps(4, 250, seed);
  world.spy = std::move(all[3]);
  all.pop_back();
  world.series = std::move(all);
  Random random(derive_seed(seed, 7));
  for (const recipe::OutsideSeries& one : recipe.outside) {
    using Kind = recipe::OutsideSeries::Kind;
    if (one.kind == Kind::market || one.kind == Kind::breadth || one.kind == Kind::advances ||
        one.kind == Kind::new_highs || one.kind == Kind::sector) {
      continue;
    }
    for (const char* symbol : {"", "AAA", "CCC"}) {
      for (std::uint64_t i = 0; i < 60; ++i) {
        const auto at = static_cast<TimeMs>(random.below(250 * 60)) * kMinuteMs;
        world.points[{one.name, symbol}].push_back({features::kMonday + at, random.normal()});
      }
    }
  }
  return world;
}

JoinedRows rows_of_world(const recipe::Recipe& recipe, const World& world) {
  OutsidePoints points = world.points;
  OtherMarket(recipe, *Symbol::parse("SPY")).take(world.spy.all(), points);
  return joined_rows(recipe, world.series, std::move(points));
}

// Bars that are known after T: other prices, some of them gone.
BarSeries with_another_future(const BarSeries& bars, TimeMs cut, Random& random) {
  BarSeries changed = bars.slice(0, bars.count_known_at(cut));
  for (std::size_t i = changed.size(); i < bars.size(); ++i) {
    if (random.below(5) == 0) continue;
    const double price = 1 + 1000 * random.uniform();
    Bar bar = bars[i];
    bar.open = bar.high = bar.low = bar.close = price;
    bar.volume = static_cast<double>(random.below(1000));
    changed.append(bar);
  }
  return changed;
}

World another_future(World world, TimeMs cut, std::uint64_t seed) {
  Random random(seed);
  for (BarSeries& one : world.series) one = with_another_future(one, cut, random);
  world.spy = with_another_future(world.spy, cut, random);
  for (auto& [key, points] : world.points) {
    std::erase_if(points,
                  [&](const OutsidePoint& point) { return point.known_at > cut && random.below(3) == 0; });
    for (OutsidePoint& point : points) {
      if (point.known_at <= cut) continue;
      point.value = 1e6 * random.normal();
      point.known_at = cut + 1 + static_cast<TimeMs>(random.below(100)) * kHourMs;
    }
    points.push_back({cut + 1, -1e9});
  }
  return world;
}

TEST(TheFutureOfTheJoiner, ReachesNoRow) {
  const recipe::Recipe recipe = join_recipe(kEverything);
  std::size_t compared = 0, present = 0, changed = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const World world = random_world(recipe, seed);
    const JoinedRows rows = rows_of_world(recipe, world);
    Random random(derive_seed(seed, 8));
    // At a bar's close, and a millisecond around one: where it is decided who knew what.
    const BarSeries& some = world.series[random.below(3)];
    const TimeMs cut = some.close_time(random.below(some.size())) + static_cast<TimeMs>(random.below(3)) - 1;
    SCOPED_TRACE(fmt::format("seed {} T {}", seed, format_time(cut)));
    const World other = another_future(world, cut, derive_seed(seed, 9));
    const JoinedRows found = rows_of_world(recipe, other);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::size_t known = world.series[k].count_known_at(cut);
      ASSERT_GE(found[k].size(), known);
      for (std::size_t i = 0; i < known; ++i) {
        for (std::size_t column = 0; column < rows[k][i].size(); ++column) {
          ASSERT_TRUE(same_bits(rows[k][i][column], found[k][i][column]))
              << recipe.outside[column].name << " of " << recipe.symbols[k].canonical() << " bar " << i;
          present += std::isnan(rows[k][i][column]) ? 0 : 1;
          ++compared;
        }
      }
      if (found[k].size() > known && rows[k].size() > known) {
        changed += same_bits(found[k].back(), rows[k].back()) ? 0 : 1;
      }
    }
  }
  EXPECT_GT(compared, 100'000U);
  EXPECT_GT(present, compared / 2);
  EXPECT_GT(changed, 60U) << "the comparison would see a change";
}

}  // namespace
}  // namespace pawl::loop
