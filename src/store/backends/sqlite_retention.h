// What becomes of old rows, and what is there (E8).
#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

// See Store::prune() and Store::sizes().
Result<PruneReport> prune(Session& session, TimeMs events_before, TimeMs predictions_before);
Result<StoreSizes> sizes(Connection& db);

}  // namespace pawl::store::sqlite
