// One training on some of a job's rows: the model, and the map of its probabilities where the job asks for
// one. Private to the room.
#pragma once

#include "models/calibration.h"
#include "models/model_kind.h"
#include "training/prepared.h"

namespace pawl::training {

// The newest `share` of the rows, by time, and those before them whose labels were known when it began, the
// embargo kept: as a walk-forward has them. Either may be empty.
struct HoldOut {
  std::vector<std::size_t> before, held_out;
};
HoldOut hold_out(const Rows& rows, std::span<const std::size_t> chosen, double share, DurationMs embargo);

// What a training made. Where the job has a calibration, the model was trained on the older rows only and
// answered the newest ones unseen; too few of those, or a class that is not among them, and it is trained on
// all rows and not mapped, which the report says.
struct Fitted {
  models::Trained trained;
  Json calibration;  // as Calibration::to_json(); null: none
  Json report;       // of the calibration; null where none was asked for
};
// `classes` are the labels of all of prepared.rows: their own, or others in their place. `chosen` are indices
// of prepared.rows, rising. Deterministic at any thread count; errors as the kind's.
Result<Fitted> fit_rows(const Job& job, const Prepared& prepared, const models::ModelKind& kind,
                        const Settings& settings, std::span<const int> classes,
                        std::span<const std::size_t> chosen, int threads, const ProgressSink& progress);

// What these rows are answered by a model that was loaded from bytes, mapped where there is a calibration:
// chosen rows × the model's classes.
Result<std::vector<double>> answers_of(const models::ModelKind& kind, const std::string& bytes,
                                       const Json& calibration, const Rows& rows,
                                       std::span<const std::size_t> chosen);

}  // namespace pawl::training
