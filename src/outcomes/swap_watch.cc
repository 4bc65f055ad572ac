#include "outcomes/swap_watch.h"

#include <algorithm>

#include "base/format.h"

namespace pawl::outcomes {

SwapVerdict judge_swap(std::span<const WatchedTrade> trades, const WatchRules& rules) {
  SwapVerdict verdict;
  if (rules.trades <= 0) {
    verdict.decision = SwapDecision::stay;
    verdict.reason = "swaps are not watched";
    return verdict;
  }
  verdict.trades = std::min(rules.trades, static_cast<std::int64_t>(trades.size()));
  std::int64_t new_right = 0, old_right = 0;
  for (const WatchedTrade& trade : trades.first(static_cast<std::size_t>(verdict.trades))) {
    new_right += (trade.p_new >= rules.allow_at) == trade.profitable ? 1 : 0;
    old_right += (trade.p_old >= rules.allow_at) == trade.profitable ? 1 : 0;
  }
  const auto count = static_cast<double>(verdict.trades);
  std::string numbers = "no trade has closed yet";
  if (verdict.trades > 0) {
    verdict.new_accuracy = static_cast<double>(new_right) / count;
    verdict.old_accuracy = static_cast<double>(old_right) / count;
    numbers = fmt::format("accuracy {:.3f} against {:.3f} of the model before on {} closed trades",
                          *verdict.new_accuracy, *verdict.old_accuracy, verdict.trades);
  }
  if (verdict.trades < rules.trades) {
    verdict.reason = fmt::format("{}; {} decide", numbers, rules.trades);
    return verdict;
  }
  // In trades, so that no rounding decides: "so many fewer right ones" is a whole number.
  constexpr double kRounding = 1e-9;
  const auto fewer = static_cast<double>(old_right - new_right);
  const bool worse = fewer > 0 && fewer >= rules.margin * count - kRounding;
  verdict.decision = worse ? SwapDecision::roll_back : SwapDecision::stay;
  verdict.reason =
      fmt::format("{}: {} the margin of {}", numbers, worse ? "below by" : "within", rules.margin);
  return verdict;
}

}  // namespace pawl::outcomes
