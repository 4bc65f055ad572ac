#include "http/routes/trade_reports.h"

#include <cassert>

#include "http/routes/ask_loop.h"

namespace pawl::http {

namespace {

// A time that has not come would carry the loop's clock with it, past every bar that is still to come.
Status expect_come(loop::Live& live, TimeMs at) {
  if (at <= live.now() + kReportAheadMost) return {};
  return fail(ErrorCode::bad_data, "time: {} has not come yet; it is {}", format_time(at),
              format_time(live.now()));
}

// The stored trade of that id, where there is one.
Result<std::optional<Trade>> stored(loop::Live& live, std::string_view id) {
  const loop::TradeLine* line = live.loop().trade_line();
  if (line == nullptr) return std::nullopt;
  return live.store().trades().find(line->id(), id);
}

Json answer_json(const Trade& trade, bool duplicate) {
  return {{"id", trade.signal.id},           {"number", trade.number},
          {"allowed", trade.allowed},        {"p_profit", json_number(trade.p_profit)},
          {"version", trade.version.text()}, {"duplicate", duplicate}};
}

}  // namespace

Result<Json> take_signal(loop::Live& live, const TradeSignal& signal) {
  if (Status come = expect_come(live, signal.at); !come) return propagate(come);
  const auto before = stored(live, signal.id);
  if (!before) return loop_failed(live, before.error());
  if (*before) {
    const TradeSignal& first = (*before)->signal;
    const auto symbol = Symbol::parse(signal.symbol);
    // When it came in is no part of it: a bot that asks again has a new time of its own.
    if (symbol && symbol->canonical() == first.symbol && signal.side == first.side &&
        signal.entry_price == first.entry_price && signal.indicators == first.indicators) {
      return answer_json(**before, true);
    }
    return fail(ErrorCode::conflict,
                "id: trade `{}` was reported before with other values; each has its own id", signal.id);
  }
  const auto answer = live.loop().signal(signal);
  if (!answer) return loop_failed(live, answer.error());
  return answer_json({.number = answer->number,
                      .line = {},
                      .signal = signal,
                      .version = answer->version,
                      .p_profit = answer->p_profit,
                      .allowed = answer->allowed},
                     false);
}

Result<Json> take_close(loop::Live& live, const TradeClose& close) {
  if (Status come = expect_come(live, close.at); !come) return propagate(come);
  const auto before = stored(live, close.id);
  if (!before) return loop_failed(live, before.error());
  bool duplicate = false;
  if (*before && (*before)->close) {
    const TradeClose& first = *(*before)->close;
    duplicate = (*before)->allowed && first.exit_price == close.exit_price &&
                first.pnl_pct == close.pnl_pct && first.profitable == close.profitable;
  }
  if (!duplicate) {
    if (Status closed = live.loop().close(close); !closed) return loop_failed(live, closed.error());
  }
  return Json{{"id", close.id}, {"closed", true}, {"duplicate", duplicate}};
}

}  // namespace pawl::http
