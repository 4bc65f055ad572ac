// Whether a store's file is whole, without opening it as a store: for `pawl doctor`.
#pragma once

#include "base/files.h"
#include "base/result.h"

namespace pawl::store {

struct StoreCheck {
  std::int64_t schema_version = 0;  // of the file
  std::int64_t newest_version =
      0;  // that this binary knows; an older file is migrated when it is opened to write
};
// Reads the whole file (seconds a gigabyte) and changes nothing; another process may write meanwhile. corrupt
// where pages or indices do not fit together, or it is no database of pawl's; conflict where it is newer.
Result<StoreCheck> check_sqlite(const Path& file);

}  // namespace pawl::store
