// The rows that a version is watched against. Private to the room.
#pragma once

#include "judging/drift_reference.h"
#include "training/fit_rows.h"

namespace pawl::training {

// Of the features, all of the job's rows. Of the probability and of the errors, the newest rows only,
// answered by a model that was not trained on them: the fitted one where it is calibrated, else one more that
// is trained on the older rows, as a calibration would have it. A signal is wrong where its side times the
// move over the horizon is not above zero, and none where the recipe forbids signals: as live ones are
// counted.
Result<judging::DriftReference> reference_of(const Job& job, const Prepared& prepared,
                                             const models::ModelKind& kind, const Settings& settings,
                                             const Fitted& fitted, int threads, const ProgressSink& progress);

}  // namespace pawl::training
