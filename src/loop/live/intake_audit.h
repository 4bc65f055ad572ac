// Predictions from posted windows, made again from the candles that came with them (F2).
#pragma once

#include <functional>

#include "loop/audit.h"
#include "serving/windows.h"
#include "store/store.h"

namespace pawl::loop {

using VersionLoader = std::function<Result<serving::LiveModel::Handle>(const LineId&, VersionNumber)>;

// Every client_prediction event: windows of the same candles, the same version, and the features, sides and
// probabilities compared bit for bit. Where a candle was posted with several values, the first and the latest
// are tried; what comes out of neither, or has candles missing, counts as unavailable: what the client saw is
// not there any more. The prediction's id is the event's number.
Result<AuditReport> audit_client_predictions(const serving::WindowRules& rules, store::Store& store,
                                             const VersionLoader& load);

}  // namespace pawl::loop
