#include "models/artifact_model.h"

#include "models/calibration.h"

namespace pawl::models {

namespace {

class CalibratedModel final : public Model {
 public:
  CalibratedModel(std::unique_ptr<Model> model, Calibration calibration)
      : model_(std::move(model)), calibration_(std::move(calibration)) {}

  int classes() const override { return model_->classes(); }
  std::size_t columns() const override { return model_->columns(); }
  void predict(const Matrix& rows, std::span<double> probabilities) const override {
    model_->predict(rows, probabilities);
    calibration_.apply(probabilities);
  }
  Json describe() const override {
    Json json = model_->describe();
    json["calibration"] = calibration_.to_json();
    return json;
  }

 private:
  std::unique_ptr<Model> model_;
  Calibration calibration_;
};

}  // namespace

Result<std::unique_ptr<Model>> load_uncalibrated(const Artifact& artifact) {
  const ModelKind* kind = find_model_kind(artifact.model_kind);
  if (kind == nullptr) {
    return fail(ErrorCode::conflict, "this pawl knows no model kind \"{}\"", artifact.model_kind);
  }
  return kind->load(artifact.model_bytes);
}

Result<std::unique_ptr<Model>> load_artifact(const Artifact& artifact) {
  auto model = load_uncalibrated(artifact);
  if (!model || artifact.calibration.is_null()) return model;
  auto calibration = Calibration::from_json(artifact.calibration);
  if (!calibration) return propagate(calibration);
  if (calibration->classes() != (*model)->classes()) {
    return fail(ErrorCode::corrupt, "its calibration is of {} classes, its model of {}",
                calibration->classes(), (*model)->classes());
  }
  return std::make_unique<CalibratedModel>(std::move(*model), std::move(*calibration));
}

}  // namespace pawl::models
