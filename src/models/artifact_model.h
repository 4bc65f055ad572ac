// The one way from an artifact to a model that answers as it was judged and serves: the kind's own model with
// the calibration that was fitted to it.
#pragma once

#include <memory>

#include "domain/version.h"
#include "models/model_kind.h"

namespace pawl::models {

// conflict where this pawl does not know the kind; corrupt, with the reason, where the bytes or the
// calibration are not what training wrote. Contributions and importance are of the model before its
// probabilities are mapped: they are asked of the kind.
Result<std::unique_ptr<Model>> load_artifact(const Artifact& artifact);
// The model alone: what its probabilities were before they were mapped.
Result<std::unique_ptr<Model>> load_uncalibrated(const Artifact& artifact);

}  // namespace pawl::models
