// What was predicted is explained from the store alone: the same row, the same bits, and contributions that
// add up to what was served; and importance is measured on rows that the version never saw.
#include "loop/explain.h"

#include <bit>
#include <map>
#include <set>

#include "domain/feature_frame.h"
#include "loop/several_rig.h"
#include "loop/trade_rig.h"

namespace pawl::loop {
namespace {

PredictionExplanation explained(Rig& rig, std::int64_t id) {
  auto made = explain_prediction(rig.recipe, *rig.store, *rig.registry, id);
  EXPECT_TRUE(made) << made.error().message;
  return made.value_or(PredictionExplanation{});
}

// A rig that was trained at bar 400 and has gone on.
std::unique_ptr<Rig> trained_rig(const Sets& set = {}, std::size_t bars = 900, std::size_t train_at = 400) {
  auto rig = std::make_unique<Rig>(set);
  const BarSeries market = rig_bars(bars);
  rig->feed(market, 0, train_at);
  rig->ask_for_training();
  rig->feed(market, train_at, bars);
  return rig;
}

class ExplainsEveryKind : public testing::TestWithParam<Sets> {};

TEST_P(ExplainsEveryKind, PredictionAsItWasLogged) {
  const auto rig = trained_rig(GetParam());
  std::map<std::int64_t, Outcome> outcomes;
  const auto stored = rig->store->outcomes().read_after(0, 100'000);
  ASSERT_TRUE(stored);
  for (const Outcome& outcome : *stored) outcomes[outcome.prediction_id] = outcome;
  std::set<std::string> kinds;
  const std::vector<Prediction> predictions = rig->predictions();
  ASSERT_GT(predictions.size(), 500U);
  for (std::size_t i = 0; i < predictions.size(); i += 23) {
    const Prediction& logged = predictions[i];
    const PredictionExplanation made = explained(*rig, logged.id);
    EXPECT_EQ(made.difference, "");
    EXPECT_EQ(made.logged.id, logged.id);
    EXPECT_EQ(row_digest(made.row), logged.features_digest);
    EXPECT_EQ(made.probabilities.back(), logged.p_up);
    EXPECT_EQ(made.features.size(), made.row.size());
    EXPECT_EQ(made.outcome.has_value(), outcomes.contains(logged.id));
    if (made.outcome) {
      EXPECT_EQ(made.outcome->pnl_pct, outcomes[logged.id].pnl_pct);
    }
    kinds.insert(made.model_kind);
    if (made.model_kind == "rules") {
      EXPECT_NE(made.contributions.rule, "");
      EXPECT_FALSE(made.check);
      EXPECT_EQ(made.artifact, "judged");
      continue;
    }
    EXPECT_EQ(made.artifact, "serving");
    ASSERT_TRUE(made.check);
    EXPECT_TRUE(made.check->holds);
    EXPECT_LE(made.check->gap, 1e-5);
    // Ranked by how much they weigh.
    const std::vector<std::size_t> order = made.ranked_columns();
    const auto weights = made.contributions.of_score(made.ranked_score());
    for (std::size_t k = 1; k < order.size(); ++k)
      EXPECT_GE(std::abs(weights[order[k - 1]]), std::abs(weights[order[k]]));
  }
  EXPECT_EQ(kinds.size(), 2U) << "the rules before the training, the model after it";
}

INSTANTIATE_TEST_SUITE_P(Models, ExplainsEveryKind,
                         testing::Values(Sets{}, Sets{{"model.kind", "logistic"}},
                                         Sets{{"label.classes", "3"},
                                              {"label.threshold", "atr"},
                                              {"label.atr_multiple", "0.3"},
                                              {"signal.kind", "top_class"}},
                                         Sets{{"signal.where", "hour_sin"}}));

TEST(Explain, WritesItAsJsonWithTheHeaviestFeatureFirst) {
  const auto rig = trained_rig();
  const std::int64_t newest = rig->predictions().back().id;
  const PredictionExplanation made = explained(*rig, newest);
  const Json json = to_json(made);
  EXPECT_EQ(json["prediction"]["id"], newest);
  EXPECT_EQ(json["prediction"]["version"], "v000001");
  EXPECT_EQ(json["reproduced"], true);
  EXPECT_EQ(json["sum_check"]["holds"], true);
  EXPECT_TRUE(json["outcome"].is_null()) << "its horizon has not passed";
  EXPECT_TRUE(json["rule"].is_null());
  ASSERT_EQ(json["features"].size(), 3U);
  double sum = json["scores"][0]["bias"];
  for (const Json& feature : json["features"]) sum += feature["contributions"][0].get<double>();
  EXPECT_EQ(json["scores"][0]["class"], "UP");
  EXPECT_NEAR(sum, json["scores"][0]["sum"].get<double>(), 1e-12);
  const double p = json["probabilities"]["UP"];
  EXPECT_NEAR(sum, std::log(p / (1 - p)), 1e-5);
}

TEST(Explain, SaysWhatIsNotThere) {
  const auto rig = trained_rig();
  const auto unknown = explain_prediction(rig->recipe, *rig->store, *rig->registry, 1'000'000);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
  EXPECT_NE(unknown.error().message.find("no prediction 1000000"), std::string::npos);
  const auto other =
      explain_prediction(rig_recipe({{"symbols", "[ETH/USDT]"}}), *rig->store, *rig->registry, 5);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  EXPECT_NE(other.error().message.find("--recipe"), std::string::npos) << other.error().message;
}

TEST(NewestPrediction, IsFoundAmongAnyNumberOfThem) {
  const auto store = std::move(*store::open_sqlite({}));
  const recipe::Recipe recipe = rig_recipe();
  const auto newest = [&] { return newest_prediction(recipe, *store, "rig/BTC_USDT", {}); };
  EXPECT_EQ(newest().error().code, ErrorCode::not_found);
  Prediction prediction{.line = "rig/BTC_USDT", .symbol = "BTC_USDT"};
  for (std::int64_t i = 1; i <= 70; ++i) {
    prediction.bar_open_time = i * kHourMs;
    prediction.line = i % 7 == 0 ? "other/line" : "rig/BTC_USDT";
    const auto id = store->predictions().append(prediction);
    ASSERT_TRUE(id);
    EXPECT_EQ(newest().value(), i % 7 == 0 ? *id - 1 : *id);
  }
}

TEST(NewestPrediction, OfAPooledLineIsThatOfTheSymbol) {
  recipe::Recipe recipe = rig_recipe();
  recipe.pool = true;
  const auto store = std::move(*store::open_sqlite({}));
  for (int i = 0; i < 3000; ++i) {
    const Prediction prediction{
        .line = "rig/pool", .symbol = i == 17 ? "AAA" : "BBB", .bar_open_time = i * kHourMs};
    ASSERT_TRUE(store->predictions().append(prediction));
  }
  EXPECT_EQ(newest_prediction(recipe, *store, "rig/pool", "BBB").value(), 3000);
  EXPECT_EQ(newest_prediction(recipe, *store, "rig/pool", "AAA").value(), 18);
  EXPECT_EQ(newest_prediction(recipe, *store, "rig/pool", "CCC").error().code, ErrorCode::not_found);
}

VersionImportance importance(Rig& rig, std::int64_t number) {
  auto found = importance_of_version(*rig.registry, rig.line().id(), {number});
  EXPECT_TRUE(found) << found.error().message;
  return found.value_or(VersionImportance{});
}

TEST(ImportanceOfAVersion, IsWhatItsTrainingRecorded) {
  const auto rig = trained_rig();
  const VersionImportance found = importance(*rig, 1);
  EXPECT_EQ(found.artifact, "serving");
  EXPECT_EQ(found.importance.kind, "gain");
  EXPECT_EQ(found.importance.columns.size(), 3U);
  const auto version = rig->registry->load("rig/BTC_USDT", {1});
  EXPECT_EQ(models::to_json(found.importance), (*version)->bundle.serving->importance);
  EXPECT_FALSE((*version)->bundle.judged.importance.is_null());
  EXPECT_FALSE(found.permutation);
  const Json rules = to_json(importance(*rig, 0));
  EXPECT_EQ(rules["importance"]["kind"], "none");
  EXPECT_FALSE(rules["importance"]["why_none"].is_null());
  EXPECT_EQ(importance_of_version(*rig->registry, "rig/BTC_USDT", {9}).error().code, ErrorCode::not_found);
}

TEST(PermutationOfAVersion, LooksOnlyAtRowsAfterItsKnowledge) {
  const auto rig = trained_rig();
  VersionImportance found = importance(*rig, 1);
  const Status added = add_permutation(rig->recipe, *rig->store, *rig->registry, {.progress = {}}, found);
  ASSERT_TRUE(added) << added.error().message;
  ASSERT_TRUE(found.permutation);
  const TimeMs cut = (*rig->registry->load("rig/BTC_USDT", {1}))->bundle.judged.data_cut;
  EXPECT_EQ(found.seen_to, cut + 4 * kHourMs) << "and the embargo of four bars";
  EXPECT_EQ(found.permutation->rows.from, found.seen_to + kHourMs);
  const BarSeries market = rig_bars(900);
  EXPECT_EQ(found.permutation->rows.to, market.close_time(899 - 4)) << "h + 1 bars before the newest";
  EXPECT_EQ(found.permutation->columns.size(), 3U);
  EXPECT_GT(found.permutation->rows.rows, 500);
  EXPECT_EQ(found.too_few, "");

  // The rules have learnt nothing, so they have seen nothing.
  VersionImportance rules = importance(*rig, 0);
  ASSERT_TRUE(add_permutation(rig->recipe, *rig->store, *rig->registry, {.progress = {}}, rules));
  EXPECT_GT(rules.permutation->rows.rows, 850);
}

// Features that remember one bar, so that only rows, and no feature, can carry what was before.
TEST(PermutationOfAVersion, IsTheSameBitsWhateverTheVersionKnew) {
  const auto rig = trained_rig({{"features", "[clv, ret(1), body]"}});
  const auto permutation_over = [&](store::Store& store) {
    VersionImportance found = importance(*rig, 1);
    const Status added = add_permutation(rig->recipe, store, *rig->registry, {.progress = {}}, found);
    EXPECT_TRUE(added) << added.error().message;
    return found;
  };
  const VersionImportance before = permutation_over(*rig->store);
  const BarSeries market = rig_bars(900);
  const auto store_with = [&](std::size_t scrambled) {
    auto store = std::move(*store::open_sqlite({}));
    std::vector<Bar> bars;
    Random random(5);
    for (std::size_t i = 0; i < market.size(); ++i) {
      Bar bar = market[i];
      if (i < scrambled) {
        bar.open = 100 + 50 * random.uniform();
        bar.close = 100 + 50 * random.uniform();
        bar.high = 160;
        bar.low = 90 * (0.5 + random.uniform() / 2);
      }
      bars.push_back(bar);
    }
    EXPECT_TRUE(store->bars().append("BTC_USDT", kH1, bars, 0));
    return store;
  };
  // The bar that closed at that very instant is the one before the first row, which may look back at it.
  const std::size_t known = market.count_known_at(before.seen_to) - 1;
  ASSERT_GT(known, 100U);
  EXPECT_EQ(to_json(permutation_over(*store_with(known))).dump(), to_json(before).dump());
  EXPECT_NE(to_json(permutation_over(*store_with(known + 60))).dump(), to_json(before).dump())
      << "what it measures on does matter";
}

TEST(PermutationOfAVersion, SaysHowManyRowsAreMissing) {
  const auto rig = trained_rig({}, 420, 410);
  VersionImportance found = importance(*rig, 1);
  ASSERT_TRUE(add_permutation(rig->recipe, *rig->store, *rig->registry, {.progress = {}}, found));
  EXPECT_TRUE(found.permutation->columns.empty());
  EXPECT_EQ(found.permutation->missing, 200 - found.permutation->rows.rows);
  EXPECT_NE(found.too_few.find(fmt::format("{} more are needed", found.permutation->missing)),
            std::string::npos)
      << found.too_few;
  EXPECT_EQ(to_json(found)["too_few_rows"], found.too_few);
}

TEST(PermutationOfAVersion, RefusesAnotherLabelAndAnotherRecipe) {
  const auto rig = trained_rig();
  VersionImportance found = importance(*rig, 1);
  const Status label = add_permutation(rig_recipe({{"label.horizon_bars", "5"}}), *rig->store, *rig->registry,
                                       {.progress = {}}, found);
  ASSERT_FALSE(label);
  EXPECT_EQ(label.error().code, ErrorCode::conflict);
  const Status line = add_permutation(rig_recipe({{"symbols", "[ETH/USDT]"}}), *rig->store, *rig->registry,
                                      {.progress = {}}, found);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().code, ErrorCode::conflict);
}

TEST(ExplainTrades, AnswersToSignalsToo) {
  TradeRig rig;
  rig.live(one_way_bars(140), 0, 140);
  ASSERT_FALSE(rig.events_of("swap").empty());
  const auto trades = rig.store->trades().read_after(0, 10'000);
  ASSERT_TRUE(trades && trades->size() > 100);
  for (const std::size_t i : {std::size_t{3}, trades->size() - 1}) {
    const Trade& trade = (*trades)[i];
    const PredictionExplanation made = explained(rig, trade.number);
    EXPECT_EQ(made.difference, "");
    EXPECT_EQ(made.logged.p_up, trade.p_profit);
    EXPECT_EQ(made.row.size(), datasets::kTradeColumns);
    EXPECT_EQ(made.outcome.has_value(), trade.close.has_value());
    EXPECT_EQ(made.model_kind, trade.version.value == 0 ? "rules" : "xgboost");
    if (made.check) {
      EXPECT_TRUE(made.check->holds);
    } else {
      EXPECT_NE(made.contributions.rule.find("allow"), std::string::npos);
    }
  }
  EXPECT_EQ(newest_prediction(rig.recipe, *rig.store, "filter/pool", {}).value(), trades->back().number);
  VersionImportance found = importance(rig, 1);
  ASSERT_TRUE(add_permutation(rig.recipe, *rig.store, *rig.registry, {.progress = {}}, found));
  EXPECT_GT(found.permutation->missing, 0) << "a hundred and some trades are too few";
  EXPECT_EQ(explain_prediction(rig.recipe, *rig.store, *rig.registry, 99'999).error().code,
            ErrorCode::not_found);
}

}  // namespace
}  // namespace pawl::loop
