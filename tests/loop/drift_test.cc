// The watch for drift within the whole loop: what it tells, what it asks for, and that a stop changes
// nothing.
#include <gtest/gtest.h>

#include "loop/drift_report.h"
#include "loop/told.h"

namespace pawl::loop {
namespace {

using test::KnownLine;

// Calibration and drift on; trained on schedule, checked often.
Sets watched(const std::string& triggers = "[{kind: samples, min_samples: 400}]") {
  return {{"drift", "{enabled: true, window_rows: 100, check_every_bars: 25}"},
          {"calibration", "{method: isotonic, share: 0.25}"},
          {"validation.window_days", "40"},
          {"triggers", triggers}};
}

std::vector<std::string> drift_lines(const std::vector<Event>& events) {
  std::vector<std::string> lines;
  for (const Event& event : events) {
    if (event.kind == "drift") lines.push_back(fmt::format("{} {}", event.known_at, event.payload));
  }
  return lines;
}

// Bars whose moves are `times` as large from `from` on: ranges and returns are, closes' places within them
// are not.
BarSeries wilder_from(const BarSeries& bars, std::size_t from, double times) {
  BarSeries wilder = bars.slice(0, from);
  double close = bars.close(from - 1), former = close;
  for (std::size_t i = from; i < bars.size(); ++i) {
    Bar bar = bars[i];
    const double scale = close / former;
    const double base = former;
    former = bar.close;
    for (double* price : {&bar.open, &bar.high, &bar.low, &bar.close}) {
      *price = base * scale * std::pow(*price / base, times);
    }
    close = bar.close;
    wilder.append(bar);
  }
  return wilder;
}

TEST(DriftInTheLoop, IsToldAtEveryCheckOfAVersionThatHasAReference) {
  Rig rig(watched());
  rig.feed(rig_bars(1200, 11), 0, 1200);
  const auto checks = rig.events_of("drift"), swaps = rig.events_of("swap");
  ASSERT_GT(checks.size(), 10U);
  ASSERT_GT(swaps.size(), 1U);
  for (const Event& check : checks) {
    EXPECT_GT(check.known_at, swaps.front().known_at) << "the baseline was trained on nothing";
    const auto payload = parse_json(check.payload);
    ASSERT_TRUE(payload);
    EXPECT_EQ((*payload)["at"], format_time(check.known_at));
    EXPECT_EQ((*payload)["series"].size(), 4U) << "three features and the prediction";
    EXPECT_TRUE((*payload)["calibrated"]);
  }
  const auto read = drift_checks(*rig.store, rig.line().id(), 3);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ(read->back().dump(), checks.back().payload);
  // Only what serves is watched, so only the refit says how its rows lay.
  EXPECT_FALSE(rig.line().live()->bundle.serving->reference.is_null());
  for (const training::Job& job : rig.executor.jobs)
    EXPECT_EQ(job.reference, job.kind == training::JobKind::refit);
}

// Wherever in the stream they stand among everything else: the newest of each line, oldest first.
TEST(DriftChecks, AreReadBackFromTheEndOfTheStream) {
  Rig rig(watched());
  store::EventStore& events = rig.store->events();
  const auto tell = [&](const std::string& kind, const std::string& line, int n) {
    ASSERT_TRUE(events.append(
        {.known_at = n, .kind = kind, .line = line, .payload = fmt::format("{{\"n\":{}}}", n)}));
  };
  const Status told = rig.store->transaction([&]() -> Status {
    for (int n = 0; n < 5; ++n) tell("drift", "a/OLD", n);
    for (int n = 0; n < 60'000; ++n) {
      tell("note", "a/OLD", n);
      if (n % 100 == 0) tell("drift", "a/NEW", n);
    }
    return {};
  });
  ASSERT_TRUE(told.has_value());
  const std::vector<LineId> lines = {"a/NEW", "a/NONE", "a/OLD"};
  const auto checks = drift_checks(*rig.store, lines, 3);
  ASSERT_TRUE(checks.has_value()) << checks.error().message;
  EXPECT_EQ(Json((*checks)[0]).dump(), R"([{"n":59700},{"n":59800},{"n":59900}])");
  EXPECT_TRUE((*checks)[1].empty());
  EXPECT_EQ(Json((*checks)[2]).dump(), R"([{"n":2},{"n":3},{"n":4}])");
  EXPECT_EQ(drift_checks(*rig.store, lines[0], 1000)->size(), 600U);
  EXPECT_TRUE(drift_checks(*rig.store, lines[0], 0)->empty());
}

TEST(DriftInTheLoop, SaysNothingUnlessAsked) {
  Rig rig(Sets{{"triggers", "[{kind: samples, min_samples: 400}]"}});
  rig.feed(rig_bars(1000, 11), 0, 1000);
  EXPECT_TRUE(rig.events_of("drift").empty());
  EXPECT_TRUE(rig.line().live()->bundle.serving->reference.is_null());
  EXPECT_TRUE(rig.line().live()->bundle.serving->calibration.is_null());
}

TEST(DriftInTheLoop, NamesTheFeaturesThatMovedAndRetrains) {
  const BarSeries bars = wilder_from(rig_bars(1300, 11), 900, 4);
  Rig rig(watched("[{kind: samples, min_samples: 300, check_interval_s: 3600}]"));
  rig.recipe.triggers.clear();  // from here on only drift asks
  const auto* kind = triggers::find_trigger_kind("drift");
  rig.recipe.triggers.push_back(
      {"manual", Settings::defaults(triggers::find_trigger_kind("manual")->schema)});
  rig.recipe.triggers.push_back({"drift", Settings::defaults(kind->schema)});
  rig.reopen();
  rig.feed(bars, 0, 600);
  rig.ask_for_training();
  rig.feed(bars, 600, 1300);
  std::optional<TimeMs> named;
  for (const Event& event : rig.events_of("drift")) {
    const auto payload = parse_json(event.payload);
    for (const Json& feature : (*payload)["features"]) {
      if (!feature["alarm"].get<bool>()) continue;
      EXPECT_NE(feature["name"], "clv") << "where a bar closes within its range has not changed";
      if (feature["name"] == "ret(1)" && !named) named = event.known_at;
    }
  }
  ASSERT_TRUE(named);
  EXPECT_GT(*named, bars.close_time(900));
  EXPECT_LE(*named, bars.close_time(900 + 100)) << "within a hundred bars";
  bool retrained = false;
  for (const Event& event : rig.events_of("trigger")) {
    const auto payload = parse_json(event.payload);
    if ((*payload)["trigger"] != "drift") continue;
    retrained = true;
    EXPECT_GE(event.known_at, *named);
    EXPECT_NE((*payload)["reason"].get<std::string>().find("ret(1)"), std::string::npos);
  }
  EXPECT_TRUE(retrained);
}

// Checks at which one kind of alarm rang and then another are not two of either.
TEST(DriftInTheLoop, CountsChecksInARowByWhatAlarmed) {
  const BarSeries bars = wilder_from(rig_bars(1300, 11), 900, 4);
  Rig rig(watched("[{kind: samples, min_samples: 800, check_interval_s: 3600}]"));
  std::vector<std::int64_t> in_row;  // by number of features, as the events tell it
  std::int64_t prediction = 0, checks = 0, most = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::size_t told = rig.events.size();
    rig.step(bars[i]);
    for (std::size_t k = told; k < rig.events.size(); ++k) {
      if (rig.events[k].kind == "swap") {
        in_row.clear();
        prediction = 0;
      }
      if (rig.events[k].kind != "drift") continue;
      const auto payload = parse_json(rig.events[k].payload);
      std::vector<std::int64_t> now;
      for (std::size_t n = 0; n < (*payload)["alarmed"].get<std::size_t>(); ++n)
        now.push_back(1 + (n < in_row.size() ? in_row[n] : 0));
      in_row = now;
      prediction = (*payload)["prediction"]["alarm"].get<bool>() ? prediction + 1 : 0;
      ++checks;
      const auto& seen = rig.line().drift_seen;
      ASSERT_TRUE(seen);
      EXPECT_EQ(seen->feature_checks, in_row);
      EXPECT_EQ(seen->prediction_checks, prediction);
      EXPECT_EQ(seen->error_checks > 0, (*payload)["error"]["alarm"].get<bool>());
      if (!in_row.empty()) most = std::max(most, in_row.front());
    }
  }
  EXPECT_GT(checks, 10);
  EXPECT_GE(most, 2) << "bars four times as wild alarm at more than one check";
}

// A version from elsewhere whose reference is of more columns than its rows have: looked at column by column
// it would be read past the end of every row.
TEST(DriftInTheLoop, RefusesAReferenceThatIsNotOfTheVersionsColumns) {
  Rig rig(watched());
  rig.feed(rig_bars(700, 11), 0, 700);
  const serving::LiveModel::Handle serves = rig.line().live();
  ASSERT_GT(serves->bundle.number.value, 0);
  for (const bool wider : {true, false}) {
    const auto version = std::make_shared<registry::LoadedVersion>();
    version->bundle = serves->bundle;
    Json& features = version->bundle.serving->reference["features"];
    if (wider) {
      features.push_back(features.back());
    } else {
      features.erase(features.end() - 1);
    }
    const Status served = rig.line().serve(version);
    ASSERT_FALSE(served.has_value());
    EXPECT_EQ(served.error().code, ErrorCode::corrupt);
    EXPECT_NE(
        served.error().message.find(fmt::format("is of {} columns, its feature list has 3", wider ? 4 : 2)),
        std::string::npos)
        << served.error().message;
    EXPECT_EQ(rig.line().live(), serves);
    // The registry takes none such in the first place: no pointer could be moved to it.
    version->bundle.number = *rig.registry->next_number(rig.line().id());
    EXPECT_EQ(rig.registry->add(version->bundle).error().code, ErrorCode::corrupt);
  }
}

TEST(DriftInTheLoop, GoesOnAfterAStopAsIfThereHadBeenNone) {
  const BarSeries bars = wilder_from(rig_bars(1300, 11), 1000, 2);
  Rig straight(watched()), stopped(watched());
  std::size_t at = 870;
  straight.feed(bars, 0, at);
  stopped.feed(bars, 0, at);
  while (straight.line().busy) {
    straight.step(bars[at]);
    stopped.step(bars[at++]);
  }
  ASSERT_GT(straight.events_of("drift").size(), 0U);
  stopped.reopen();
  const Status restored = stopped.loop->restore({});
  ASSERT_TRUE(restored.has_value()) << restored.error().message;
  straight.feed(bars, at, bars.size());
  stopped.feed(bars, at, bars.size());
  EXPECT_EQ(drift_lines(stopped.events), drift_lines(straight.events));
  EXPECT_EQ(stopped.decisions.lines(), straight.decisions.lines());
}

TEST(DriftInTheLoop, IsTheSameEachTime) {
  const BarSeries bars = rig_bars(900, 8);
  const auto once = replayed(watched(), bars), again = replayed(watched(), bars);
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].text, again[i].text);
}

TEST(DriftInTheLoop, KnowsNothingOfTheFuture) {
  const BarSeries bars = rig_bars(1000, 8);
  const std::vector<std::size_t> cuts = {500, 777, 901};
  const Sets set = watched("[{kind: samples, min_samples: 250}, {kind: drift, checks: 1}]");
  const auto leak =
      test::find_event_leak([&](const BarSeries& some) { return replayed(set, some); }, bars, cuts, 1);
  EXPECT_FALSE(leak.has_value()) << *leak;
  int checks = 0, maps = 0;
  Rig rig(set);
  ASSERT_TRUE(replay(*rig.loop, {bars}, {}));
  for (const Event& event : rig.events) checks += event.kind == "drift" ? 1 : 0;
  EXPECT_GT(checks, 5) << "a run without checks would prove little";
  maps += rig.line().live()->bundle.serving->calibration.is_null() ? 0 : 1;
  EXPECT_EQ(maps, 1);
}

TEST(DriftInTheLoop, WatchesAPooledLineTogether) {
  Sets set = watched();
  set.emplace_back("symbols", "[BTC/USDT, ETH/USDT]");
  set.emplace_back("pool", "true");
  Rig straight(set), stopped(set);
  const BarSeries one = rig_bars(900, 11), two = rig_bars(900, 12);
  const auto feed = [&](Rig& rig, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      ASSERT_TRUE(rig.loop->step({.close_time = one.close_time(i), .items = {{0, one[i]}, {1, two[i]}}}));
    }
  };
  feed(straight, 0, 900);
  ASSERT_GT(straight.events_of("drift").size(), 2U);
  feed(stopped, 0, 700);
  std::size_t at = 700;
  while (stopped.line().busy) {
    feed(stopped, at, at + 1);
    ++at;
  }
  stopped.reopen();
  ASSERT_TRUE(stopped.loop->restore({}));
  feed(stopped, at, 900);
  EXPECT_EQ(drift_lines(stopped.events), drift_lines(straight.events));
}

}  // namespace
}  // namespace pawl::loop
