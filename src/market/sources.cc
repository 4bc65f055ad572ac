#include "market/sources.h"

#include "market/sources/csv.h"
#include "market/sources/simulated.h"

namespace pawl::market {

const std::vector<DataSourceKind>& data_source_kinds() {
  static const std::vector<DataSourceKind> kinds = {
      csv_kind(),
      simulated_kind(),
  };
  return kinds;
}

const DataSourceKind* find_data_source_kind(std::string_view name) {
  for (const DataSourceKind& kind : data_source_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace pawl::market
