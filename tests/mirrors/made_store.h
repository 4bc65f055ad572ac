// A store as a loop would have filled it, made by hand: bars, predictions from their rows, outcomes, runs
// with verdicts and swaps. So that every number in a file can be looked up in the test that expects it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/evidence.h"
#include "domain/feature_frame.h"
#include "features/engine.h"
#include "mirrors/mirrors.h"
#include "registry/bundles.h"
#include "support/test_files.h"
#include "support/walk_bars.h"

namespace pawl::mirrors::test {

using pawl::test::kWalkStart;
using pawl::test::read_file;
using pawl::test::TempFolder;
using pawl::test::walk_bars;
using pawl::test::write_file;

// H1 bars of one symbol, two features; `more` is YAML at the top level.
inline recipe::Recipe made_recipe(const std::string& more, const std::string& symbols = "[BTC/USDT]") {
  const std::string yaml =
      fmt::format(R"(schema: 1
recipe: made
symbols: {}
source: {{kind: simulated}}
features: [clv, ret(1), sma(3) / close, rsi(2)]
label: {{kind: horizon_return, horizon_bars: 3}}
model: {{kind: xgboost, trees: 50, depth: 2}}
gate: {{policy: better}}
{}
{})",
                  symbols, more.find("signal:") == std::string::npos ? "signal: {kind: edge}" : "", more);
  auto loaded = recipe::load_recipe(yaml, "made.yaml", {});
  EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
  if (!loaded) std::abort();
  return std::move(*loaded);
}

struct Scores {
  double accuracy = 0, f1 = 0;
};

class MadeStore {
 public:
  explicit MadeStore(recipe::Recipe made, const Path& folder = {}) : recipe(std::move(made)) {
    auto opened = store::open_sqlite({.file = folder.empty() ? Path() : folder / "pawl.db"});
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().message);
    store = std::move(*opened);
    registry = std::make_unique<registry::Registry>(*store, files, folder);
    for (const LineId& line : recipe.line_ids()) {
      if (registry->champion(line).value()) continue;
      add_version(line, 0, "rules");
      promote(line, std::nullopt, 0, kWalkStart, "baseline");
    }
  }

  // Bar number `at` of a walk, and its event.
  void bar(const Symbol& symbol, const Bar& bar) {
    ASSERT_TRUE(store->bars().append(symbol.canonical(), recipe.base, std::span(&bar, 1), bar.known_at()));
    event("bar", symbol.canonical(), bar.known_at(),
          {{"open_time", format_time(bar.open_time)},
           {"open", bar.open},
           {"high", bar.high},
           {"low", bar.low},
           {"close", bar.close},
           {"timeframe", recipe.base.name()},
           {"volume", bar.volume}});
    history[symbol.canonical()].append(bar);
  }
  // What version `number` says at the newest bar of the symbol, from its own row there.
  std::int64_t predict(const Symbol& symbol, std::int64_t number, double p_up, Side side) {
    const LineId line = recipe.line_of(symbol);
    const BarSeries& bars = history[symbol.canonical()];
    const auto version = registry->load(line, {number});
    EXPECT_TRUE(version.has_value()) << (version ? "" : version.error().message);
    const std::vector<double> row = row_of((*version)->bundle.features, bars);
    Prediction prediction{.line = line,
                          .symbol = symbol.canonical(),
                          .bar_open_time = bars.back().open_time,
                          .known_at = bars.back().known_at(),
                          .version = {number},
                          .side = side,
                          .p_up = p_up,
                          .p_down = 1 - p_up,
                          .features_digest = row_digest(row)};
    prediction.id = store->predictions().append(prediction).value();
    event("prediction", line, prediction.known_at,
          {{"id", prediction.id}, {"version", number}, {"p_up", p_up}, {"side", side_name(side)}});
    return prediction.id;
  }
  void outcome(const LineId& line, std::int64_t prediction, TimeMs at, Side side, bool correct,
               double pnl_pct) {
    const Outcome outcome{.prediction_id = prediction,
                          .line = line,
                          .known_at = at,
                          .entry_price = 100.5,
                          .exit_price = 101.25,
                          .bars_held = 3,
                          .gross_return = 101.25 / 100.5 - 1,
                          .side = side,
                          .correct = correct,
                          .pnl_pct = pnl_pct,
                          .correct_net = pnl_pct > 0};
    ASSERT_TRUE(store->outcomes().append(outcome));
    event("outcome", line, at,
          {{"prediction_id", prediction}, {"correct", correct}, {"side", side_name(side)}});
  }

  // The findings of a run for one line, in the form of the run's document.
  static Json findings(const LineId& line, std::int64_t champion, std::int64_t challenger, bool promoted,
                       const Scores& old_scores, const Scores& new_scores) {
    const auto side = [](std::int64_t number, const Scores& scores) {
      return Json{{"version", VersionNumber{number}.text()},
                  {"scores",
                   {{"accuracy", scores.accuracy},
                    {"f1", scores.f1},
                    {"precision", 0.75},
                    {"recall", 0.7},
                    {"roc_auc", nullptr},
                    {"undefined", {{"roc_auc", "one class"}}}}}};
    };
    return {{"line", line},
            {"champion", side(champion, old_scores)},
            {"challenger", side(challenger, new_scores)},
            {"train", to_json(RowRange{kWalkStart, kWalkStart + 150 * kHourMs, 150})},
            {"checks", Json::array()},
            {"verdict", promoted ? "promote" : "keep"},
            {"reasons", {promoted ? "it is better" : "it is not better"}}};
  }
  std::int64_t begin_run(const std::vector<LineId>& lines, const std::string& trigger,
                         const std::string& reason, TimeMs at) {
    const std::int64_t id =
        store->runs().begin({.lines = lines, .trigger = trigger, .reason = reason, .started_at = at}).value();
    event("trigger", lines.size() == 1 ? lines.front() : "", at,
          {{"run", id}, {"lines", lines}, {"trigger", trigger}, {"reason", reason}});
    return id;
  }
  // Adds the challengers, moves the pointers and tells, as the loop does.
  void end_run(std::int64_t id, const std::vector<Json>& by_line, TimeMs at) {
    store::RunRecord record = store->runs().find(id).value().value();
    record.state = store::RunState::completed;
    record.known_at = at;
    record.verdict = "keep";
    record.document = by_line.front();
    record.document["failure"] = nullptr;
    if (by_line.size() > 1) record.document["by_line"] = by_line;
    for (const Json& found : by_line) {
      const bool promoted = found["verdict"] == "promote";
      if (promoted) record.verdict = "promote";
      const LineId line = found["line"];
      const auto champion = VersionNumber::parse(found["champion"]["version"].get<std::string>()).value();
      const auto challenger = VersionNumber::parse(found["challenger"]["version"].get<std::string>()).value();
      if (challenger != champion) add_version(line, challenger.value, "logistic", id, at, &found);
      event("verdict", line, at,
            {{"run", id},
             {"verdict", found["verdict"]},
             {"challenger", challenger.text()},
             {"champion", champion.text()},
             {"reasons", found["reasons"]}});
      if (!promoted) continue;
      promote(line, champion, challenger.value, at, "promote");
      event("swap", line, at, {{"run", id}, {"from", champion.text()}, {"to", challenger.text()}});
    }
    record.document["verdict"] = record.verdict;
    ASSERT_TRUE(store->runs().update(record));
  }
  void fail_run(std::int64_t id, const std::string& why, TimeMs at) {
    store::RunRecord record = store->runs().find(id).value().value();
    record.state = store::RunState::failed;
    record.known_at = at;
    record.document = {{"failure", why}};
    ASSERT_TRUE(store->runs().update(record));
    event("run_failed", record.lines.front(), at, {{"run", id}, {"why", why}});
  }
  void roll_back(const LineId& line, TimeMs at, const std::string& reason) {
    const VersionNumber from = registry->champion(line).value().value();
    const auto to = registry->roll_back(line, std::nullopt, at, "hand", reason, std::nullopt);
    ASSERT_TRUE(to.has_value()) << to.error().message;
    event("swap", line, at,
          {{"action", "rollback"},
           {"actor", "hand"},
           {"from", from.text()},
           {"to", to->text()},
           {"reason", reason}});
  }

  void event(const std::string& kind, const std::string& line, TimeMs at, const Json& payload) {
    ASSERT_TRUE(
        store->events().append({.known_at = at, .kind = kind, .line = line, .payload = payload.dump()}));
  }
  // The row of the newest bar.
  std::vector<double> row_of(const std::vector<std::string>& specs, const BarSeries& bars) const {
    auto list = features::FeatureList::parse(specs, recipe.base, recipe.calendar);
    EXPECT_TRUE(list.has_value()) << (list ? "" : list.error().message);
    features::Engine engine(*list);
    std::vector<double> rows(bars.size() * specs.size());
    std::vector<std::uint8_t> ready(bars.size());
    engine.update(bars.all(), rows, ready);
    return {rows.end() - static_cast<std::ptrdiff_t>(specs.size()), rows.end()};
  }

  recipe::Recipe recipe;
  RealFileSystem files;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<registry::Registry> registry;
  std::map<std::string, BarSeries> history;

 private:
  void add_version(const LineId& line, std::int64_t number, const std::string& kind, std::int64_t run = 0,
                   TimeMs at = kWalkStart, const Json* found = nullptr) {
    VersionBundle bundle = registry::test::bundle_of(line, number, kind);
    bundle.features.assign(recipe.features.begin(),
                           recipe.features.begin() + static_cast<std::ptrdiff_t>(kind == "rules" ? 1 : 4));
    bundle.run_id = run;
    bundle.known_at = at;
    if (found != nullptr) {
      auto scores = Scorecard::from_json((*found)["challenger"]["scores"]);
      ASSERT_TRUE(scores.has_value()) << scores.error().message;
      bundle.scores = *scores;
      bundle.judged.trained_on.rows = 150;
      if (found->contains("training")) bundle.settings["training"] = (*found)["training"];
    }
    const Status added = registry->add(bundle);
    ASSERT_TRUE(added.has_value()) << added.error().message;
  }
  void promote(const LineId& line, std::optional<VersionNumber> from, std::int64_t to, TimeMs at,
               const std::string& action) {
    const Status promoted = registry->promote(
        {{.line = line, .expected = from, .to = {to}, .action = action, .reason = "made"}}, at, "run 1");
    ASSERT_TRUE(promoted.has_value()) << promoted.error().message;
  }
};

// What stands in every regular file and link below a folder, but for the store and its versions.
inline std::map<std::string, std::string> mirrored(const Path& folder) {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (name.starts_with("pawl.db") || name.starts_with("versions")) continue;
    if (entry.is_symlink()) {
      found[name] = "→ " + fs::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      found[name] = read_file(entry.path());
    }
  }
  return found;
}

inline std::unique_ptr<Mirrors> open_mirrors(MadeStore& made, const Path& folder) {
  auto mirrors = Mirrors::open(made.recipe, *made.store, *made.registry, made.files, folder);
  EXPECT_TRUE(mirrors.has_value()) << (mirrors ? "" : mirrors.error().message);
  return mirrors ? std::move(*mirrors) : nullptr;
}

inline void catch_up(Mirrors& mirrors, std::size_t events = std::numeric_limits<std::size_t>::max()) {
  const Status done = mirrors.catch_up(events);
  ASSERT_TRUE(done.has_value()) << done.error().message;
}

}  // namespace pawl::mirrors::test
