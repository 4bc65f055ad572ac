// What a policy decides in an arena is what a replay of its recipe decides, to the last bit.
#include "studies/arena.h"

#include <cmath>
#include <set>

#include "studies/study_rig.h"

namespace pawl::studies {
namespace {

void expect_all_as_replayed(const std::vector<Policy>& policies, const std::vector<BarSeries>& series,
                            std::int64_t least_runs = 2) {
  const auto arena = arena_of(policies, series);
  ASSERT_NE(arena, nullptr);
  ASSERT_EQ(arena->histories().size(), policies.size());
  for (std::size_t i = 0; i < policies.size(); ++i) {
    EXPECT_GE(arena->histories()[i].completed + arena->histories()[i].deferred, least_runs)
        << policies[i].name << " shows nothing";
    expect_as_replayed(policies[i], arena->histories()[i], series);
  }
}

TEST(Arena, EveryGateDecidesAsInAReplay) {
  std::vector<Policy> policies;
  for (const char* gate : {"better", "always", "never", "threshold", "composite"}) {
    policies.push_back(policy_of(gate, {{"gate.policy", gate}}));
  }
  policies.push_back(policy_of("best of last", {{"gate.policy", "better"}, {"gate.margin", "0.01"}}));
  expect_all_as_replayed(policies, {turning_bars(3500, 3)});
}

// The gate that remembers its contests, and the former champion that may come back.
TEST(Arena, SoundDecidesAsInAReplay) {
  const std::vector<Policy> policies = {
      policy_of("not worse", {{"gate", "{policy: sound, min_rows: 100, min_labels: 20, resamples: 499}"}}),
      policy_of(
          "superior",
          {{"gate", "{policy: sound, claim: superior, min_rows: 100, min_labels: 20, resamples: 499}"}}),
      policy_of("watched",
                {{"gate.policy", "always"}, {"shadow", "{when: always, rollback_e_value: 1.1, days: 20}"}})};
  expect_all_as_replayed(policies, {turning_bars(3500, 6)});
  const auto arena = arena_of(policies, {turning_bars(3500, 6)});
  EXPECT_GT(arena->histories()[2].rollbacks, 0);
}

// A run that takes ten bars may find at its end that its champion was taken back meanwhile: then its contest
// was against another than the one that serves, and it fails.
TEST(Arena, ARunWhoseChampionWasTakenBackMeanwhileFailsAsInAReplay) {
  const std::string watched = "{when: always, rollback_e_value: 1.05, days: 20}";
  std::vector<Policy> policies;
  for (const char* minutes : {"600", "3000"}) {
    policies.push_back(policy_of(minutes, {{"gate.policy", "always"},
                                           {"training.latency_minutes", minutes},
                                           {"training.cooldown_hours", "0"},
                                           {"triggers", R"([{kind: cron, schedule: "0 3 */3 * *"}])"},
                                           {"shadow", watched}}));
  }
  const std::vector<BarSeries> series = {turning_bars(3500, 6)};
  expect_all_as_replayed(policies, series);
  const auto arena = arena_of(policies, series);
  std::int64_t failed = 0;
  for (const PolicyHistory& history : arena->histories()) {
    for (const loop::RunReport& run : history.runs) {
      if (run.completed()) continue;
      ++failed;
      EXPECT_NE(run.failure.find("as expected: somebody else moved it first"), std::string::npos)
          << run.failure;
    }
  }
  EXPECT_GT(failed, 0);
}

// What maps a model's probabilities is part of the model; and those of two policies that differ in nothing
// else are not taken for one.
TEST(Arena, CalibratedModelsDecideAsInAReplay) {
  const Sets always = {{"gate.policy", "always"}};
  const auto calibrated = [&](const std::string& name, const std::string& calibration, Sets more = {}) {
    more.emplace_back("gate.policy", "always");
    more.emplace_back("calibration", calibration);
    return policy_of(name, more);
  };
  const std::vector<Policy> policies = {
      policy_of("plain", always), calibrated("isotonic", "{method: isotonic}"),
      calibrated("platt", "{method: platt}"), calibrated("another share", "{method: isotonic, share: 0.4}"),
      calibrated("another embargo", "{method: isotonic}", {{"validation.embargo_bars", "40"}})};
  const std::vector<BarSeries> series = {turning_bars(3000, 7)};
  expect_all_as_replayed(policies, series);
  const auto arena = arena_of(policies, series);
  for (std::size_t i = 1; i < policies.size(); ++i) {
    EXPECT_NE(arena->histories()[i].lines[0].sides, arena->histories()[i - 1].lines[0].sides)
        << policies[i].name << " shows nothing";
  }
}

TEST(Arena, TrainingsThatDifferInTheirCalibrationAloneAreTwo) {
  const auto arena = arena_of({policy_of("plain")}, {turning_bars(300, 7)});
  const auto key_of = [&](const Sets& set, DurationMs embargo_ms) {
    const Policy policy = policy_of("one", set);
    return Training::key_of({.market = arena->markets()[0].get(),
                             .recipe = &policy.recipe,
                             .windows = {.now = 5, .refit_cut = 3, .embargo_ms = embargo_ms},
                             .kind = training::JobKind::refit,
                             .rounds = 4});
  };
  const std::vector<std::string> keys = {
      key_of({}, kHourMs), key_of({{"calibration", "{method: isotonic}"}}, kHourMs),
      key_of({{"calibration", "{method: platt}"}}, kHourMs),
      key_of({{"calibration", "{method: platt, share: 0.3}"}}, kHourMs),
      key_of({{"calibration", "{method: platt, share: 0.3}"}}, 2 * kHourMs)};
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
  EXPECT_EQ(key_of({{"gate.policy", "never"}}, kHourMs), keys[0]) << "a gate trains nothing";
}

// How a training's rows lay is for whoever watches for drift, which nobody does here.
TEST(Arena, WatchedForDriftDecidesAsInAReplay) {
  const std::vector<Policy> policies = {
      policy_of("watched", {{"drift", "{enabled: true, window_rows: 100}"}})};
  const std::vector<BarSeries> series = {turning_bars(2500, 6)};
  expect_all_as_replayed(policies, series);
  const auto arena = arena_of(policies, series);
  const Market& market = *arena->markets()[0];
  const auto windows = loop::plan_windows(market.closes(), policies[0].recipe.calendar,
                                          policies[0].recipe.validation, 3, 30, kH1, market.closes().back());
  ASSERT_TRUE(windows.has_value());
  const auto job = market.make_job(arena->policies()[0].recipe, *windows, training::JobKind::fit,
                                   market.rows(arena->policies()[0].recipe.features).specs);
  ASSERT_TRUE(job.has_value());
  EXPECT_FALSE(job->reference);
}

TEST(Arena, EveryTriggerDecidesAsInAReplay) {
  const std::string off = "{enabled: false}";
  expect_all_as_replayed(
      {policy_of("signals"), policy_of("ever", {{"auto_training.since", "ever"}}),
       policy_of("cron",
                 {{"auto_training", off}, {"triggers", R"([{kind: cron, schedule: "30 2 * * SUN"}])"}}),
       policy_of("cron with the bars", {{"auto_training", off},
                                        {"training.latency_minutes", "0"},
                                        {"triggers", R"([{kind: cron, schedule: "0 3 */4 * *"}])"}}),
       policy_of("samples", {{"auto_training", off},
                             {"triggers", R"([{kind: samples, min_samples: 200, retrain_hour: 3}])"}}),
       policy_of("age", {{"triggers", R"([{kind: age, max_age_days: 5}])"}}),
       policy_of("slow", {{"training.latency_minutes", "400"}, {"training.cooldown_hours", "0"}}),
       policy_of("deferred", {{"validation.min_bars", "2000"}, {"training.defer_hours", "7"}}),
       policy_of("long windows", {{"validation.window_days", "120"}, {"validation.judged_days", "30"}}),
       policy_of("yields", {{"triggers", R"([{kind: cron, schedule: "0 2 * * SUN", yield_hours: 30},)"
                                         R"( {kind: cron, schedule: "0 4 * * MON", full: true}])"}})},
      {turning_bars(3500, 4)});
}

TEST(Arena, OtherModelsAndFeaturesDecideAsInAReplay) {
  expect_all_as_replayed(
      {policy_of("logistic"), policy_of("trees", {{"model", "{kind: xgboost, trees: 8, depth: 2}"}}),
       policy_of("fewer features", {{"features", "[clv, rsi(14)]"}}), policy_of("seed", {{"seed", "9"}})},
      {turning_bars(3000, 5)});
}

constexpr const char* kGroupRecipe = R"(schema: 1
recipe: pairs
symbols: [EUR_USD, USD_JPY, AUD_USD]
group: true
bars: {base: M5, day_anchor: "America/New_York 17:00", session: weekdays}
source: {kind: simulated}
features: [clv, ret(1), rsi(14)]
label: {kind: horizon_return, horizon_bars: 12, classes: 3, threshold: atr, atr_multiple: 0.5, atr_period: 14}
model: {kind: logistic}
signal: {kind: top_class, min_probability: 0.4}
costs: {per_side_pips: 0.5}
validation: {window_days: 10, judged_days: 3, embargo_bars: 12, min_bars: 800, min_judged_rows: 100}
gate: {policy: composite, quorum: 2, min_improvement: 0.001}
triggers: [{kind: cron, schedule: "0 2 * * *"}]
training: {latency_minutes: 30, cooldown_hours: 0}
)";

TEST(Arena, AGroupWithAQuorumDecidesAsInAReplay) {
  std::vector<BarSeries> series;
  for (std::uint64_t seed = 20; seed < 23; ++seed) {
    market::SimulatedSettings settings;
    settings.timeframe = kM5;
    settings.calendar = *MarketCalendar::make("America/New_York 17:00", "weekdays");
    settings.bars = 5000;
    settings.start_price = 1.1;
    settings.volatility_bp = 3;
    settings.seed = seed;
    series.push_back(market::simulate(settings, 12).bars);
  }
  // The third begins late, so that it is ineligible in the first runs; the second lacks some bars.
  series[2] = series[2].slice(2500, 5000);
  BarSeries holes;
  for (std::size_t i = 0; i < series[1].size(); ++i) {
    if (i % 97 != 3 && (i < 3000 || i > 3300)) holes.append(series[1][i]);
  }
  series[1] = holes;
  expect_all_as_replayed(
      {policy_of("quorum", {}, kGroupRecipe), policy_of("all move", {{"gate.deploy", "all"}}, kGroupRecipe),
       policy_of("alone", {{"group", "false"}, {"gate.quorum", "1"}}, kGroupRecipe),
       policy_of("always", {{"gate.policy", "always"}}, kGroupRecipe),
       policy_of("taken back",
                 {{"gate.policy", "always"},
                  {"training.latency_minutes", "600"},
                  {"shadow", "{when: always, rollback_e_value: 1.02, days: 20}"}},
                 kGroupRecipe)},
      series);
}

constexpr const char* kSessionRecipe = R"(schema: 1
recipe: session
symbols: [QQQ]
bars: {base: M15, day_anchor: "America/New_York 00:00", session: "09:30-16:00", bars_per_year: 6552}
source: {kind: simulated}
features: [clv, ret(1), rsi(14)]
label: {kind: horizon_return, horizon_bars: 5, classes: 2, sessions: within}
model: {kind: logistic}
signal: {kind: edge, min_edge: 0, where: "rsi(14) - 40"}
costs: {per_side_bp: 1}
validation: {window_days: 0, judged_sessions: 10, embargo_bars: 5, min_bars: 300, min_judged_rows: 60}
gate: {policy: better}
triggers: [{kind: samples, min_samples: 100, retrain_hour: 2, zone: America/New_York}]
training: {latency_minutes: 10, cooldown_hours: 0}
)";

TEST(Arena, PositionsWithinSessionsDecideAsInAReplay) {
  market::SimulatedSettings settings;
  settings.timeframe = *Timeframe::parse("M15");
  settings.calendar = *MarketCalendar::make("America/New_York 00:00", "09:30-16:00");
  settings.bars = 2500;
  settings.seed = 8;
  expect_all_as_replayed({policy_of("within", {}, kSessionRecipe),
                          policy_of("always", {{"gate.policy", "always"}}, kSessionRecipe)},
                         {market::simulate(settings, 5).bars});
}

TEST(Arena, ARuleForSignalsHoldsAsInAReplay) {
  expect_all_as_replayed({policy_of("where", {{"signal.where", "rsi(14) - 45"}})}, {turning_bars(2500, 6)});
}

TEST(Arena, ThreadsDoNotChangeWhatComesOut) {
  std::vector<Policy> policies;
  for (const char* gate : {"better", "always", "composite"}) {
    policies.push_back(policy_of(gate, {{"gate.policy", gate}}));
    policies.push_back(
        policy_of(std::string(gate) + " weekly",
                  {{"gate.policy", gate}, {"triggers", R"([{kind: cron, schedule: "0 2 * * SUN"}])"}}));
  }
  const std::vector<BarSeries> series = {turning_bars(3000, 7)};
  const auto one = arena_of(policies, series, 1), four = arena_of(policies, series, 4);
  EXPECT_EQ(one->costs().trainings.asked, four->costs().trainings.asked);
  EXPECT_EQ(one->costs().trainings.done, four->costs().trainings.done);
  EXPECT_LT(one->costs().trainings.done, one->costs().trainings.asked) << "nothing was shared";
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const PolicyHistory &a = one->histories()[i], &b = four->histories()[i];
    ASSERT_EQ(a.runs.size(), b.runs.size());
    for (std::size_t k = 0; k < a.runs.size(); ++k) EXPECT_EQ(a.runs[k].to_json(), b.runs[k].to_json());
    EXPECT_EQ(a.lines[0].sides, b.lines[0].sides);
    EXPECT_EQ(a.portfolio.total_return(), b.portfolio.total_return());
  }
}

TEST(Arena, APathIsWhatTheStrategyWouldHaveReturned) {
  const std::vector<BarSeries> series = {turning_bars(3000, 7)};
  const auto arena = arena_of({policy_of("never", {{"gate.policy", "never"}})}, series);
  const PolicyHistory& history = arena->histories().front();
  // The version's own path, as long as it served: from the first bar on, or from no position.
  const Swap& swap = history.lines[0].swaps.front();
  const Arena::Path path = Arena::path_of(*history.lines[0].first.serving, 0, swap.bar);
  std::size_t compared = 0;
  for (std::size_t i = 2; i < swap.bar; ++i) {
    if (std::isnan(history.returns[i])) continue;
    EXPECT_EQ(path.value[i - 2], history.returns[i]) << i;
    ++compared;
  }
  EXPECT_GT(compared, 100U);
  // Long after the swap the new one's path is the policy's too.
  const Arena::Path after = Arena::path_of(*swap.to.serving, swap.bar, series[0].size());
  for (std::size_t i = swap.bar + 10; i < series[0].size(); ++i) {
    EXPECT_NEAR(after.value[i - 2 - swap.bar], history.returns[i], 1e-15) << i;
  }
}

TEST(Arena, WhatCannotBeComparedIsRefusedWithWhatToDo) {
  const auto message = [](const Policy& first, const Policy& second) {
    const Status comparable = check_comparable({first, second});
    return comparable ? std::string() : comparable.error().message;
  };
  const Policy plain = policy_of("plain");
  EXPECT_EQ(message(plain, policy_of("gate", {{"gate.policy", "never"}})), "");
  EXPECT_NE(message(plain, policy_of("dear", {{"costs.per_side_bp", "9"}})).find("another `costs`"),
            std::string::npos);
  EXPECT_NE(message(plain, policy_of("pool", {{"pool", "true"}})).find("pool: false"), std::string::npos);
  EXPECT_NE(message(plain, policy_of("plain", {{"seed", "2"}})).find("two policies are called \"plain\""),
            std::string::npos);
  EXPECT_NE(message(plain, policy_of("search", {{"search.trials", "4"},
                                                {"search.space", "[\"l2 = 0.1, 1\"]"},
                                                {"triggers", "[{kind: cron, full: true}]"}}))
                .find("search.trials to 0"),
            std::string::npos);
  EXPECT_NE(message(plain, policy_of("drift", {{"drift.enabled", "true"}, {"triggers", "[{kind: drift}]"}}))
                .find("policy \"drift\": a trigger on drift would never fire"),
            std::string::npos);
}

}  // namespace
}  // namespace pawl::studies
