#include "serving/live_model.h"

#include <array>

#include "domain/feature_frame.h"

namespace pawl::serving {

Prediction predict(const registry::LoadedVersion& version, std::span<const double> row,
                   const judging::SignalRule& signal) {
  const models::Model& model = version.live();
  std::array<double, 3> probabilities{};
  const auto classes = static_cast<std::size_t>(model.classes());
  const std::span<double> answer = std::span(probabilities).first(classes);
  model.predict({row, 1, row.size()}, answer);
  Prediction prediction;
  prediction.line = version.bundle.line;
  prediction.version = version.bundle.number;
  prediction.p_down = answer.front();
  prediction.p_up = answer.back();
  prediction.side = signal.side(answer);
  prediction.features_digest = row_digest(row);
  return prediction;
}

}  // namespace pawl::serving
