#include "app/trade_report.h"

namespace pawl::app {

namespace {

std::string share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? std::string("–")
                    : fmt::format("{:.1f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string pnl(double sum, std::int64_t trades) {
  return trades == 0 ? std::string("–") : fmt::format("{:+.4f} % a trade", sum / static_cast<double>(trades));
}

}  // namespace

Json to_json(const TradeFindings& found, const loop::TradeLine& line) {
  const loop::TradeTally& tally = line.tally();
  return {{"made_by", found.made_by_bot ? "a bot of simple rules, from the bars" : "the given file"},
          {"signals", found.replay.signals},
          {"refused", found.replay.refused},
          {"closed", line.closed_trades()},
          {"still_open", line.open_trades()},
          {"closes_of_refused_left_out", found.replay.closes_of_refused},
          {"closes_without_open_left_out", found.replay.closes_without_open},
          {"allowed",
           {{"closed", tally.allowed},
            {"profitable", tally.allowed_profitable},
            {"pnl_pct", json_number(tally.allowed_pnl_pct)}}},
          {"refused_on_paper",
           {{"closed", tally.refused},
            {"profitable", tally.refused_profitable},
            {"pnl_pct", json_number(tally.refused_pnl_pct)}}},
          {"right", tally.right}};
}

std::vector<std::pair<std::string, std::string>> summary_rows(const TradeFindings& found,
                                                              const loop::TradeLine& line) {
  const loop::TradeTally& tally = line.tally();
  std::vector<std::pair<std::string, std::string>> rows;
  rows.emplace_back("trades",
                    fmt::format("{} signals, {} refused; {}", found.replay.signals, found.replay.refused,
                                found.made_by_bot ? "made from the bars by a bot of simple rules"
                                                  : "as recorded in the file"));
  rows.emplace_back("allowed", fmt::format("{} closed, {} profitable, {}", tally.allowed,
                                           share(tally.allowed_profitable, tally.allowed),
                                           pnl(tally.allowed_pnl_pct, tally.allowed)));
  rows.emplace_back("refused", fmt::format("{} closed on paper, {} would have been profitable, {}",
                                           tally.refused, share(tally.refused_profitable, tally.refused),
                                           pnl(tally.refused_pnl_pct, tally.refused)));
  rows.emplace_back("the answer was right",
                    share(tally.right, tally.allowed + tally.refused) + " of the time");
  if (found.replay.closes_without_open > 0) {
    rows.emplace_back("left out", fmt::format("{} closes of trades that the file does not open",
                                              found.replay.closes_without_open));
  }
  return rows;
}

}  // namespace pawl::app
