#include "mirrors/walk_forward.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "mirrors/run_findings.h"

namespace pawl::mirrors {
namespace {

const char* const kLast[] = {"trades", "costs"};

std::vector<std::string> metrics_of(const Json& folds) {
  std::set<std::string> names;
  for (const Json& fold : folds) {
    const auto scores = fold.find("scores");
    if (scores == fold.end() || !scores->is_object()) continue;
    for (const auto& [name, value] : scores->items()) {
      if (value.is_number() || value.is_null()) names.insert(name);
    }
  }
  std::vector<std::string> ordered;
  for (const char* name : kLast) names.erase(name);
  ordered.assign(names.begin(), names.end());
  ordered.insert(ordered.end(), std::begin(kLast), std::end(kLast));
  return ordered;
}

std::string range_fields(const Json& fold, std::string_view which) {
  const auto range = fold.find(which);
  if (range == fold.end() || !range->is_object()) return ",,";
  const auto rows = json_int(*range, "rows");
  return fmt::format("{},{},{}", text_of(*range, "from"), text_of(*range, "to"),
                     rows ? fmt::format("{}", *rows) : std::string());
}

}  // namespace

std::string walk_forward_table(const Json& folds) {
  const std::vector<std::string> metrics = metrics_of(folds);
  std::string table = "fold,train_from,train_to,train_rows,test_from,test_to,test_rows";
  for (const std::string& metric : metrics) table += "," + metric;
  table += '\n';
  int number = 0;
  for (const Json& fold : folds) {
    if (!fold.is_object()) continue;
    table += fmt::format("{},{},{}", ++number, range_fields(fold, "train"), range_fields(fold, "test"));
    const auto scores = fold.find("scores");
    for (const std::string& metric : metrics) {
      const auto value = scores == fold.end() ? std::nullopt : score_of(*scores, metric);
      table += ",";
      if (value) table += json_double_text(*value);
    }
    table += '\n';
  }
  return table;
}

}  // namespace pawl::mirrors
