// One model over several markets: D2's pooled line, D1's daily and full retrains, D10's joins as known at the
// time.
#include <cmath>

#include "loop/audit.h"
#include "loop/several_rig.h"

namespace pawl::loop {
namespace {

constexpr const char* kPool = R"yaml(schema: 1
recipe: pool
symbols: [AAA, BBB, CCC]
pool: true
bars: {base: D1, day_anchor: "America/New_York 16:00", session: weekdays, bars_per_year: 252}
source: {kind: simulated}
outside: ["vix = bars(VIX, 15)", "rate = series(DGS10, 1)", "pe = filing(pe_ratio)", "breadth = breadth(5)",
          "sector_move = sector(3)"]
sectors: [AAA=Energy, BBB=Energy, CCC=Health Care]
features: [clv, ret(1), rsi(14), vix, rate, pe, breadth, sector_move]
label: {kind: horizon_return, horizon_bars: 2}
model: {kind: xgboost, trees: 5, depth: 2}
signal: {kind: edge, min_edge: 0}
costs: {per_side_bp: 2}
validation: {judged_sessions: 40, embargo_bars: 2, min_bars: 150, min_judged_rows: 20}
gate: {policy: better, min_rows: 20}
triggers: [{kind: cron, schedule: "0 2 * * *", yield_hours: 2}, {kind: cron, schedule: "0 3 * * SUN", full: true}]
search: {trials: 3, form: newest, folds: 1, leak_repetitions: 3, space: ["depth=1|2|3", "learning_rate=0.05|0.3"]}
training: {latency_minutes: 20, cooldown_hours: 0}
)yaml";

// Business days only, each known at New York 16:00.
std::vector<BarSeries> daily_bars(std::size_t days) {
  const MarketCalendar calendar = *MarketCalendar::make("America/New_York 16:00", "weekdays");
  std::vector<BarSeries> series(3);
  const std::vector<BarSeries> walks = several_bars(3, days);
  TimeMs date = time_from_civil({.year = 2019, .month = 1, .day = 7});
  for (std::size_t i = 0; i < days; date += kDayMs) {
    const int weekday = civil_from_time(date).weekday;
    if (weekday == 0 || weekday == 6) continue;
    const TimeSpan day = calendar.day_of_date(date);
    for (std::size_t k = 0; k < 3; ++k) {
      Bar bar = walks[k][i];
      bar.open_time = day.from;
      bar.close_time = day.to;
      series[k].append(bar);
    }
    ++i;
  }
  return series;
}

TEST(Pool, IsOneLineWithAModelThatAnswersForEverySymbol) {
  SeveralRig rig(several_recipe(kPool));
  rig.play(daily_bars(260));
  ASSERT_EQ(rig.loop->lines().size(), 1U);
  EXPECT_EQ(rig.loop->lines()[0]->id(), "pool/pool");
  std::map<std::string, int> by_symbol;
  const auto predictions = rig.store->predictions().read_after(0, 100'000);
  ASSERT_TRUE(predictions.has_value());
  for (const Prediction& prediction : *predictions) {
    EXPECT_EQ(prediction.line, "pool/pool");
    ++by_symbol[prediction.symbol];
  }
  ASSERT_EQ(by_symbol.size(), 3U);
  EXPECT_EQ(by_symbol["AAA"], by_symbol["CCC"]);
}

TEST(Pool, CountsDatesAndNotRowsAsItsSample) {
  SeveralRig rig(several_recipe(kPool));
  rig.play(daily_bars(260));
  ASSERT_FALSE(rig.loop->finished_runs().empty());
  const LineReport& line = rig.loop->finished_runs().back().by_line[0];
  EXPECT_LE(line.evidence.rows, 40) << "forty sessions, three symbols each";
  EXPECT_GT(line.evidence.rows, 30);
  EXPECT_GT(line.trained_on.rows, 3 * 100);
}

TEST(Pool, RetrainsDailyAtTwoAndFullyOnSundayAtThreeWithoutTheDailyOneBefore) {
  SeveralRig rig(several_recipe(kPool));
  rig.play(daily_bars(230));
  int full = 0, daily = 0;
  for (const RunReport& run : rig.loop->finished_runs()) {
    const CivilTime at = civil_from_time(run.started_at);
    if (run.full) {
      ++full;
      EXPECT_EQ(at.weekday, 0) << "D1";
      EXPECT_EQ(at.hour, 3);
      EXPECT_EQ(run.by_line[0].search.size(), 3U) << "every trial is told";
      const Json json = run.to_json();
      EXPECT_TRUE(json["overfitting"].is_object()) << json;
      EXPECT_TRUE(json["leak_check"].is_object()) << json;
    } else {
      ++daily;
      EXPECT_FALSE(run.to_json().contains("overfitting"));
      EXPECT_NE(at.weekday, 0) << "the Sunday daily one yields to the full one";
      EXPECT_EQ(at.hour, 2);
    }
  }
  EXPECT_GE(full, 10);
  EXPECT_GE(daily, 40);
  EXPECT_FALSE(rig.payloads("yielded").empty());
  for (const Json& skipped : rig.payloads("skipped")) {
    EXPECT_EQ(skipped["why"], "nothing new is known since the last run");
  }
}

TEST(Pool, TrainsDailyWithTheSettingsThatTheLastFullRetrainFound) {
  SeveralRig rig(several_recipe(kPool));
  rig.play(daily_bars(230));
  Json found;
  int compared = 0;
  for (const RunReport& run : rig.loop->finished_runs()) {
    const auto loaded = rig.registry->load("pool/pool", run.by_line[0].evidence.challenger);
    ASSERT_TRUE(loaded.has_value());
    const Json& used = (*loaded)->bundle.settings["model"]["settings"];
    if (run.full) {
      double best = 1e9;
      for (const Json& trial : run.by_line[0].search) {
        if (trial["log_loss"].get<double>() >= best) continue;
        best = trial["log_loss"].get<double>();
        found = trial["settings"];
      }
    }
    if (found.is_null()) continue;
    EXPECT_EQ(used, found) << run.id;
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST(Pool, GoesOnAfterARestartWithWhatItHadFound) {
  SeveralRig straight(several_recipe(kPool)), stopped(several_recipe(kPool));
  const std::vector<BarSeries> bars = daily_bars(240);
  std::vector<BarSeries> first, rest;
  for (const BarSeries& one : bars) {
    first.push_back(one.slice(0, 228));
    rest.push_back(one.slice(228, one.size()));
  }
  straight.play(first);
  stopped.play(first);
  stopped.open();
  ASSERT_TRUE(stopped.loop->restore({}).has_value());
  EXPECT_EQ(stopped.loop->lines()[0]->found_settings, straight.loop->lines()[0]->found_settings);
  EXPECT_FALSE(straight.loop->lines()[0]->found_settings.is_null());
  EXPECT_EQ(stopped.loop->series(2).sides(), straight.loop->series(2).sides());
}

TEST(Join, GivesEachBarWhatWasKnownAtItsClose) {
  const recipe::Recipe recipe = several_recipe(kPool);
  const std::vector<BarSeries> bars = daily_bars(12);
  OutsidePoints outside;
  const TimeMs close3 = bars[0].close_time(3), close4 = bars[0].close_time(4);
  outside[{"vix", ""}] = {{close3 + 15 * kMinuteMs, 20.0}};
  outside[{"rate", ""}] = {{close3, 1.5}, {close3 + 1, 1.6}};
  outside[{"pe", "BBB"}] = {{close4, 11.0}};
  Joiner joiner(recipe, outside);
  std::vector<std::vector<std::vector<double>>> joined;  // [bar][symbol][column]
  ASSERT_TRUE(for_each_batch(bars, [&](const BarBatch& batch) -> Status {
                joined.push_back(joiner.join(batch.items));
                return {};
              }).has_value());
  EXPECT_TRUE(std::isnan(joined[3][0][0])) << "the index closes a quarter of an hour later";
  EXPECT_EQ(joined[4][0][0], 20.0);
  EXPECT_TRUE(std::isnan(joined[2][0][1]));
  EXPECT_EQ(joined[3][0][1], 1.5) << "known at the very close";
  EXPECT_EQ(joined[4][0][1], 1.6);
  EXPECT_TRUE(std::isnan(joined[3][1][2])) << "D10: missing until its first filing";
  EXPECT_EQ(joined[4][1][2], 11.0);
  EXPECT_TRUE(std::isnan(joined[4][0][2])) << "a filing is its own symbol's";

  double above = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    double mean = 0;
    for (std::size_t i = 6; i < 11; ++i) mean += bars[k].close(i) / 5;
    above += bars[k].close(10) > mean ? 1 : 0;
  }
  EXPECT_NEAR(joined[10][0][3], above / 3, 1e-15);
  EXPECT_EQ(joined[10][2][3], joined[10][0][3]);
  const double energy = (bars[0].close(10) / bars[0].close(7) + bars[1].close(10) / bars[1].close(7)) / 2 - 1;
  EXPECT_NEAR(joined[10][1][4], energy, 1e-15);
  EXPECT_NEAR(joined[10][2][4], bars[2].close(10) / bars[2].close(7) - 1, 1e-15);
}

// What is known later may change as it likes: nothing that was stamped before may.
TEST(Join, DoesNotReadTheFuture) {
  const std::vector<BarSeries> bars = daily_bars(240);
  const TimeMs cut = bars[0].close_time(200);
  const auto played = [&](double later_value) {
    OutsidePoints outside;
    for (std::size_t i = 0; i < 240; ++i) {
      const TimeMs at = bars[0].close_time(i);
      outside[{"vix", ""}].push_back(
          {at + 15 * kMinuteMs, at + 15 * kMinuteMs > cut ? later_value : std::sin(i)});
      outside[{"pe", "AAA"}].push_back({at + 1, at + 1 > cut ? later_value : std::cos(i)});
    }
    SeveralRig rig(several_recipe(kPool), outside);
    rig.play(bars);
    std::vector<std::string> before;
    for (const Event& event : rig.events) {
      if (event.known_at <= cut) before.push_back(to_ndjson(event));
    }
    return before;
  };
  const std::vector<std::string> one = played(5), other = played(-70);
  EXPECT_GT(one.size(), 600U);
  EXPECT_EQ(one, other);
}

TEST(Pool, IsAuditedBitForBitWithItsJoinedValues) {
  const std::vector<BarSeries> bars = daily_bars(240);
  OutsidePoints outside;
  for (std::size_t i = 0; i < 240; i += 3) outside[{"rate", ""}].push_back({bars[0].close_time(i), 0.01 * i});
  SeveralRig rig(several_recipe(kPool), outside);
  rig.play(bars);
  for (const std::size_t block : {std::size_t{1}, std::size_t{4096}}) {
    const auto report = audit(rig.recipe, *rig.store, *rig.registry, block, {});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_GT(report->checked, 600);
    EXPECT_EQ(report->different, 0);
    EXPECT_EQ(report->unavailable, 0);
  }
}

}  // namespace
}  // namespace pawl::loop
