#include "loop/trade_watch.h"

#include "datasets/trade_table.h"

namespace pawl::loop {

double chance_as_said(VersionNumber version, double p_profit) {
  return version.value == 0 ? 1 : p_profit;
}

void TradeWatch::begin(VersionNumber version, serving::LiveModel::Handle former) {
  end();
  if (rules_.trades == 0) return;
  version_ = version;
  former_ = std::move(former);
}

void TradeWatch::end() {
  former_.reset();
  open_.clear();
  closed_.clear();
}

std::optional<double> TradeWatch::take_open(const Trade& trade) {
  if (!on() || trade.version != version_) return std::nullopt;
  const auto row = datasets::trade_row(trade.signal);
  const double p_former = serving::predict(*former_, row, {}).p_up;
  open_[trade.number] = {.p_new = chance_as_said(version_, trade.p_profit),
                         .p_old = chance_as_said(former(), p_former)};
  return p_former;
}

void TradeWatch::take_close(std::int64_t number, bool profitable) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  closed_.push_back(found->second);
  closed_.back().profitable = profitable;
  open_.erase(found);
}

}  // namespace pawl::loop
