// A bot's signals and closes, taken by the loop. Both may be sent again: a report that is there already, with
// the same values, is answered as it was the first time and counts as a duplicate.
#pragma once

#include "base/json.h"
#include "domain/trade.h"
#include "loop/live/live.h"

namespace pawl::http {

// What a report may be ahead of the loop's clock: another machine's clock is never quite ours.
inline constexpr DurationMs kReportAheadMost = kMinuteMs;

// The loop's thread only. {"id","number","allowed","p_profit","version","duplicate"}; conflict where the id
// is taken by another signal, bad_data where its time has not come.
Result<Json> take_signal(loop::Live& live, const TradeSignal& signal);
// {"id","closed":true,"duplicate"}
Result<Json> take_close(loop::Live& live, const TradeClose& close);

}  // namespace pawl::http
