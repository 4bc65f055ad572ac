// The schema, as numbered steps from one version of it to the next. The number stands in `user_version`.
#pragma once

#include <span>
#include <string_view>

#include "store/backends/sqlite_connection.h"

namespace pawl::store::sqlite {

struct Migration {
  int version = 0;  // that the schema has afterwards; steps count from 1 without holes
  std::string_view sql;
};
// Every step there ever was. A step that was released is never changed again.
std::span<const Migration> migrations();

// conflict where the file is newer than these steps; corrupt where it is no database of pawl's. Reads only.
Status check_schema(Connection& db, std::span<const Migration> steps);

// Brings the schema to the last step's version, in one transaction, after a copy `<file>.backup-v<N>` was
// made. Fails as check_schema() does.
Status migrate(Connection& db, std::span<const Migration> steps);

}  // namespace pawl::store::sqlite
