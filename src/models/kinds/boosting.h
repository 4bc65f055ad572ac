// Growing trees round by round, with a held-out tail that says when to stop.
#pragma once

#include <optional>
#include <string>

#include "models/kinds/xgboost_library.h"
#include "models/model_kind.h"

namespace pawl::models {

struct EarlyStopping {
  int patience_rounds = 0;   // 0: off
  double held_share = 0.2;   // the last share of the rows
  std::size_t gap_rows = 0;  // left out between the rows fitted and the rows held
};

struct StoppingPoint {
  int best_round = 0;    // how many rounds gave the lowest loss
  int rounds_tried = 0;  // how many were grown to know it
  std::size_t fitted_rows = 0, held_rows = 0;
  double best_log_loss = 0, last_log_loss = 0;
};

// Grows on the front of the rows until the mean log loss of their tail has not improved for
// `patience_rounds`. insufficient_data where the front lacks a class or either side is empty.
Result<StoppingPoint> find_stopping_point(const TrainRequest& request, const BoostSettings& settings,
                                          const EarlyStopping& stopping, int rounds_max);

// Grows exactly `rounds` on all rows; the UBJ bytes of the result.
Result<std::string> grow(const TrainRequest& request, const BoostSettings& settings, int rounds);

}  // namespace pawl::models
