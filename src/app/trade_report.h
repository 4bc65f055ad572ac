// What a replay of a trade filter found, beside what every replay finds.
#pragma once

#include <string>

#include "loop/replay_trades.h"

namespace pawl::app {

struct TradeFindings {
  loop::TradeReplay replay;
  bool made_by_bot = false;  // the trades were made from the bars, by a bot of simple rules
};

Json to_json(const TradeFindings& found, const loop::TradeLine& line);
// Names and values, a row each.
std::vector<std::pair<std::string, std::string>> summary_rows(const TradeFindings& found,
                                                              const loop::TradeLine& line);

}  // namespace pawl::app
