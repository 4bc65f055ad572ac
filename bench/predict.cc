// Asking the trees: our flat evaluator beside XGBoost's own in-place prediction, one row and many; and
// loading a model, which includes holding it against the library's answers.
#include "material.h"
#include "models/kinds/flat_trees.h"
#include "models/kinds/tree_bytes.h"
#include "subjects.h"
#include "xgboost_peer.h"

namespace pawl::bench {

namespace {

constexpr std::size_t kRows = 10'000, kOnePeerRows = 2'000;
constexpr int kLoads = 20;

}  // namespace

Status bench_predict(Bench& bench) {
  auto recipe = shipped_recipe();
  if (!recipe) return propagate(recipe);
  const training::Job job = job_of(*recipe, simulated_bars(recipe->base, 12'000));
  auto trained = training::run_job(job, 1, {});
  if (!trained) return propagate(trained);
  auto data = training_rows_of(job);
  if (!data) return propagate(data);
  const std::string& bytes = trained->artifact.model_bytes;
  const models::ModelKind* kind = models::find_model_kind("xgboost");
  auto model = kind->load(bytes);
  if (!model) return propagate(model);
  auto file = models::read_tree_file(bytes);
  if (!file) return propagate(file);
  auto peer = PeerBooster::load(file->ubj);
  if (!peer) return propagate(peer);

  const std::size_t columns = data->columns.size();
  data->values.resize(kRows * columns);
  std::vector<float> floats;
  for (const double value : data->values) floats.push_back(models::FlatTrees::seen(value));
  std::vector<double> ours(kRows * 2);
  std::vector<float> theirs(kRows);
  const std::span<const double> rows(data->values);
  const std::span<const float> peer_rows(floats);

  const std::vector<Contestant> contestants = {
      {"one",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           for (std::size_t i = 0; i < kRows; ++i) {
             (*model)->predict({rows.subspan(i * columns, columns), 1, columns},
                               std::span(ours).subspan(2 * i, 2));
           }
           return {};
         });
       }},
      {"xgboost one",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           for (std::size_t i = 0; i < kOnePeerRows; ++i) {
             if (Status asked = peer->predict(peer_rows.subspan(i * columns, columns), 1, columns,
                                              std::span(theirs).subspan(i, 1));
                 !asked) {
               return asked;
             }
           }
           return {};
         });
       }},
      {"batch",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           (*model)->predict({rows, kRows, columns}, ours);
           return {};
         });
       }},
      {"xgboost batch",
       [&] { return cpu_seconds_of([&] { return peer->predict(peer_rows, kRows, columns, theirs); }); }},
      {"load",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           for (int i = 0; i < kLoads; ++i) {
             if (auto loaded = kind->load(bytes); !loaded) return propagate(loaded);
           }
           return {};
         });
       }},
      {"xgboost load", [&] {
         return cpu_seconds_of([&]() -> Status {
           for (int i = 0; i < kLoads; ++i) {
             if (auto loaded = PeerBooster::load(file->ubj); !loaded) return propagate(loaded);
           }
           return {};
         });
       }}};
  auto rounds = bench.take_turns("predict", contestants);
  if (!rounds) return propagate(rounds);
  for (std::size_t i = 0; i < kRows; ++i) {
    if (ours[2 * i + 1] != static_cast<double>(theirs[i])) {
      return fail(ErrorCode::internal, "predict: row {} differs from the library's answer", i);
    }
  }
  const std::string what = fmt::format("{} trees of depth {}, {} columns", file->trees.trees(),
                                       recipe->model.settings.integer("depth"), columns);
  bench.add("predict_one_us", "us", "one row through our evaluator: " + what,
            scaled((*rounds)[0], 1e6 / kRows));
  bench.add("predict_one_xgboost_us", "us", "the same row through XGBoost's in-place prediction, one thread",
            scaled((*rounds)[1], 1e6 / kOnePeerRows));
  bench.add("predict_batch_rows_per_s", "rows/s",
            fmt::format("{} rows in one call to our evaluator, one thread; the same bits as XGBoost's",
                        short_number(kRows)),
            rate((*rounds)[2], kRows));
  bench.add("predict_batch_xgboost_rows_per_s", "rows/s", "the same rows in one call to XGBoost, one thread",
            rate((*rounds)[3], kRows));
  bench.add("model_load_ms", "ms",
            fmt::format(
                "a model of {} kB from bytes to ready: strict reading, flattening, 32 rows held bit for bit "
                "against the library",
                short_number(static_cast<double>(bytes.size()) / 1e3)),
            scaled((*rounds)[4], 1e3 / kLoads));
  bench.add("model_load_xgboost_ms", "ms", "XGBoost loading the same trees, unchecked",
            scaled((*rounds)[5], 1e3 / kLoads));
  return {};
}

}  // namespace pawl::bench
