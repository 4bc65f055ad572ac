// What a replay found, for machines and for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/trade_report.h"
#include "loop/recovery.h"
#include "loop/replay.h"
#include "market/data_source.h"

namespace pawl::app {

struct ReplayReport {
  const recipe::Recipe& recipe;
  const Engine& engine;
  loop::ReplayTotals totals;
  std::vector<VersionSummary> versions;
  std::int64_t gaps = 0, bad_rows = 0;
  std::vector<std::string> notes;
  std::vector<loop::FlipRecovery> recovery;  // of the first line, on a simulated market
  double elapsed_s = 0;
  std::optional<TradeFindings> trades;  // of a trade filter
};

// One JSON object, with a newline at the end.
std::string to_json_text(const ReplayReport& report);
// A page with a small plot of the win rate over time.
std::string summary_text(const ReplayReport& report);

}  // namespace pawl::app
