// Small real versions to add, damage and promote.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "domain/version.h"
#include "models/model_kind.h"

namespace pawl::registry::test {

// An artifact of any kind, trained on seeded rows whose label leans on the first column.
inline Artifact train_artifact(const std::string& kind_name, std::size_t columns, std::uint64_t seed) {
  const models::ModelKind* kind = models::find_model_kind(kind_name);
  EXPECT_NE(kind, nullptr) << kind_name;
  constexpr std::size_t kRows = 400;
  Random random(seed);
  std::vector<double> values;
  std::vector<int> labels;
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) values.push_back(random.normal());
    labels.push_back(values[row * columns] + 0.5 * random.normal() > 0 ? 1 : 0);
  }
  models::TrainRequest request;
  request.rows = {values, kRows, columns};
  request.labels = labels;
  request.seed = seed;
  for (std::size_t column = 0; column < columns; ++column)
    request.columns.push_back(fmt::format("f{}", column));
  auto trained = kind->train(Settings::defaults(kind->schema), request);
  EXPECT_TRUE(trained) << trained.error().message;

  Artifact artifact;
  artifact.model_kind = kind_name;
  artifact.model_bytes = trained->bytes;
  artifact.trained_on = {.from = 1000, .to = 2000, .rows = kRows};
  artifact.data_cut = 3000;
  const auto model = kind->load(artifact.model_bytes);
  EXPECT_TRUE(model) << model.error().message;
  for (int i = 0; i < 5; ++i) {
    SelfTestVector vector;
    for (std::size_t column = 0; column < columns; ++column) vector.row.push_back(random.normal());
    if (i == 0) vector.row.back() = std::numeric_limits<double>::quiet_NaN();  // a missing value
    vector.probabilities.resize(2);
    (*model)->predict({vector.row, 1, columns}, vector.probabilities);
    artifact.self_test.push_back(std::move(vector));
  }
  return artifact;
}

inline VersionBundle bundle_of(const LineId& line, std::int64_t number, const std::string& kind,
                               bool with_serving = true, std::uint64_t seed = 1) {
  const std::size_t columns = kind == "rules" ? 1 : 4;
  VersionBundle bundle;
  bundle.line = line;
  bundle.number = {number};
  bundle.known_at = 1'679'659'200'000;
  bundle.run_id = number;
  bundle.trained_because = "win rate 44.0 % < 45 %";
  for (std::size_t column = 0; column < columns; ++column)
    bundle.features.push_back(fmt::format("f{}", column));
  bundle.features_hash = sha256_hex("what the feature room says of them");
  bundle.settings = {{"model", {{"kind", kind}, {"rate", 0.1}}}, {"label", {{"bars", 3}}}};
  bundle.scores.set("accuracy", 0.1 + 0.2);
  bundle.scores.set_undefined("sharpe", "no trades");
  const std::uint64_t of_version = derive_seed(seed, static_cast<std::uint64_t>(number));
  bundle.judged = train_artifact(kind, columns, of_version);
  if (kind == "rules") {
    bundle.judged.data_cut = std::numeric_limits<TimeMs>::min() / 2;  // nothing was read
  } else if (with_serving) {
    bundle.serving = train_artifact(kind, columns, of_version + 1);
  }
  return bundle;
}

}  // namespace pawl::registry::test
