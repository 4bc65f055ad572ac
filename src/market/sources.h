// The kinds of data source that there are, by name: what a recipe's `source.kind` may say.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "market/data_source.h"

namespace pawl::market {

struct DataSourceKind {
  std::string name;  // "csv", "simulated"
  std::string help;  // one sentence
  Schema schema;
  // bad_config where values that each fit the schema do not fit together, or a path or time does not parse.
  Result<std::unique_ptr<DataSource>> (*make)(const Settings& settings);
};

// All of them, in the order in which they are shown. To add one, see sources.cc.
const std::vector<DataSourceKind>& data_source_kinds();
// Null where there is none of that name.
const DataSourceKind* find_data_source_kind(std::string_view name);

}  // namespace pawl::market
