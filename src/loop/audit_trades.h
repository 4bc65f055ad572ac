// The audit of a trade filter: every answer to a signal, and every close on paper, made again from the store.
#pragma once

#include "loop/audit.h"

namespace pawl::loop {

// An answer is its chance of profit and whether it let the signal through, by the version that gave it; where
// its event is still there, also the digest of its row. A close on paper comes from the stored bars. What the
// bot itself reported is its own.
Result<AuditReport> audit_trades(const recipe::Recipe& recipe, store::Store& store,
                                 registry::Registry& registry, const ProgressSink& progress);

}  // namespace pawl::loop
