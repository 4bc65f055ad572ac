// Our whole retrain beside XGBoost's own training calls: how much the making of features, labels, folds,
// predictions and scores, the checks and the self-test cost on top of growing the trees.
#include "base/random.h"
#include "material.h"
#include "models/kinds/flat_trees.h"
#include "models/kinds/tree_bytes.h"
#include "subjects.h"
#include "xgboost_peer.h"

namespace pawl::bench {

namespace {

constexpr int kRounds = 200, kDepth = 6, kFolds = 5, kThreads = 1;
// models/kinds/xgboost.cc derives the library's seed from the job's by this; the comparison of the two
// models' bytes below fails where it no longer does.
constexpr std::uint64_t kTreeSeedStream = 0x7472'6565;

// 40 columns that do without volume, which currencies have none of.
const std::vector<std::string>& specs() {
  static const std::vector<std::string> kSpecs = {"clv",
                                                  "lag(clv, 1)",
                                                  "body",
                                                  "ret(1)",
                                                  "lag(ret(1), 1)",
                                                  "lag(ret(1), 2)",
                                                  "ret(3)",
                                                  "ret(6)",
                                                  "ret(12)",
                                                  "ret(24)",
                                                  "ret(48)",
                                                  "close / sma(10) - 1",
                                                  "close / sma(50) - 1",
                                                  "close / sma(200) - 1",
                                                  "close / wma(30) - 1",
                                                  "ema(12) / ema(26) - 1",
                                                  "ema(12)@H1 / close - 1",
                                                  "ema(12)@H4 / close - 1",
                                                  "macd_hist(12, 26, 9) / close",
                                                  "rsi(7)",
                                                  "rsi(14)",
                                                  "rsi(14)@H1",
                                                  "roc(10)",
                                                  "stoch_k(14, 3)",
                                                  "stoch_d(14, 3, 3)",
                                                  "willr(28)",
                                                  "cci(20)",
                                                  "plus_di(14) - minus_di(14)",
                                                  "adx(14)",
                                                  "adx(14)@H1",
                                                  "bb_pctb(20, 2)",
                                                  "bb_width(20, 2)",
                                                  "donchian(48)",
                                                  "donchian(192)",
                                                  "atr(14) / close",
                                                  "atr(14)@H4 / close",
                                                  "realised_vol(24)",
                                                  "zscore(close, 50)",
                                                  "hour_sin",
                                                  "hour_cos"};
  return kSpecs;
}

Result<recipe::Recipe> retrain_recipe() {
  auto recipe = shipped_recipe({{"symbols", "[EUR/USD]"},
                                {"bars.base", "M5"},
                                {"bars.day_anchor", "America/New_York 17:00"},
                                {"bars.session", "weekdays"},
                                {"costs.per_side_bp", "0.5"},
                                {"label.horizon_bars", "12"},
                                {"model.trees", fmt::format("{}", kRounds)},
                                {"model.depth", fmt::format("{}", kDepth)},
                                {"validation.walk_forward_folds", fmt::format("{}", kFolds)}});
  if (recipe) recipe->features = specs();
  return recipe;
}

models::BoostSettings peer_settings(const training::Job& job) {
  const Json& given = job.model_settings;
  models::BoostSettings settings;
  settings.depth = given.at("depth").get<std::int64_t>();
  settings.max_bins = given.at("max_bins").get<std::int64_t>();
  settings.learning_rate = given.at("learning_rate").get<double>();
  settings.subsample = given.at("subsample").get<double>();
  settings.column_share = given.at("column_share").get<double>();
  settings.min_child_weight = given.at("min_child_weight").get<double>();
  settings.l2 = given.at("l2").get<double>();
  settings.seed = static_cast<std::uint32_t>(derive_seed(job.seed, kTreeSeedStream) >> 33);
  settings.threads = kThreads;
  return settings;
}

PeerRows peer_rows(const TrainingRows& rows, std::span<const std::size_t> chosen) {
  PeerRows peer;
  peer.columns = rows.columns.size();
  for (const std::size_t row : chosen) {
    for (std::size_t column = 0; column < peer.columns; ++column) {
      peer.values.push_back(models::FlatTrees::seen(rows.values[row * peer.columns + column]));
    }
    peer.labels.push_back(static_cast<float>(rows.classes[row]));
  }
  return peer;
}

// The matrices of every training of the job: the folds' and, last, all rows'.
std::vector<PeerRows> peer_trainings(const TrainingRows& rows) {
  std::vector<PeerRows> trainings;
  for (const std::vector<std::size_t>& fold : rows.fold_rows) trainings.push_back(peer_rows(rows, fold));
  std::vector<std::size_t> all(rows.rows());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  trainings.push_back(peer_rows(rows, all));
  return trainings;
}

Status measure(Bench& bench, const BarSeries& bars, const std::string& prefix, const std::string& what) {
  auto recipe = retrain_recipe();
  if (!recipe) return propagate(recipe);
  const training::Job job = job_of(*recipe, bars);
  auto rows = training_rows_of(job);
  if (!rows) return propagate(rows);
  const std::vector<PeerRows> trainings = peer_trainings(*rows);
  const models::BoostSettings settings = peer_settings(job);

  std::string our_model, peer_model;
  const std::vector<Contestant> contestants = {
      {"retrain",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           auto result = training::run_job(job, kThreads, {});
           if (!result) return propagate(result);
           our_model = std::move(result->artifact.model_bytes);
           return {};
         });
       }},
      {"xgboost", [&]() -> Result<double> {
         std::optional<PeerBooster> last;
         auto seconds = cpu_seconds_of([&]() -> Status {
           for (const PeerRows& training : trainings) {
             auto booster = PeerBooster::train(training, settings, kRounds);
             if (!booster) return propagate(booster);
             last = std::move(*booster);
           }
           return {};
         });
         if (!seconds) return seconds;
         auto saved = last->save();
         if (!saved) return propagate(saved);
         peer_model = models::write_tree_file(2, rows->columns, *saved);
         return seconds;
       }}};
  auto rounds = bench.take_turns(prefix + "retrain", contestants);
  if (!rounds) return propagate(rounds);
  if (our_model != peer_model) {
    return fail(ErrorCode::internal,
                "retrain: the peer trained another model than the job did, so the comparison means nothing");
  }
  std::size_t trained = 0;
  for (const PeerRows& training : trainings) trained += training.rows();
  const std::string work = fmt::format(
      "{}, {} usable rows, {} features, {} anchored walk-forward folds and the final model, {} rounds of "
      "depth {}, {} rows trained on in all, one thread",
      what, short_number(static_cast<double>(rows->rows())), rows->columns.size(), rows->fold_rows.size(),
      kRounds, kDepth, short_number(static_cast<double>(trained)));
  bench.add(prefix + "retrain_over_xgboost_ratio", "ratio",
            "CPU seconds of a whole retrain (features, labels, folds, trainings, predictions, scores, "
            "self-test) over "
            "those of XGBoost's own calls alone (binned matrix, boosting rounds) for the same trainings, "
            "whose final "
            "models have the same bytes; wanted: 1.25 at most",
            ratio((*rounds)[0], (*rounds)[1]));
  bench.add(prefix + "retrain_cpu_s", "CPU s", "the whole retrain: " + work, (*rounds)[0]);
  bench.add(prefix + "retrain_xgboost_cpu_s", "CPU s", "XGBoost's own calls for the same trainings",
            (*rounds)[1]);
  return {};
}

}  // namespace

Status bench_retrain(Bench& bench) {
  auto recipe = retrain_recipe();
  if (!recipe) return propagate(recipe);
  if (const auto file = shared_file("forex/EURUSD_M5.csv.gz")) {
    auto bars = recorded_bars(*file, "EUR/USD", kM5, recipe->calendar);
    if (!bars) return propagate(bars);
    return measure(
        bench, *bars, "",
        fmt::format("EUR/USD M5 2018–2019, {} bars", short_number(static_cast<double>(bars->size()))));
  }
  bench.skip("retrain_over_xgboost_ratio", kNoSharedData);
  return measure(bench, simulated_bars(kM5, 150'000), "simulated_", "150,000 simulated M5 bars");
}

}  // namespace pawl::bench
