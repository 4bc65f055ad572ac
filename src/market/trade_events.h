// What a bot reports of its trades, with times: over HTTP one by one, or as a file for replay and import.
//
//   {"type":"open","id":"17","symbol":"EURUSD","side":"BUY","at":"2024-03-01T10:05:00Z","price":1.0834,
//    "indicators":{"rsi":55.2,"macd":0.00012,"macd_signal":0.0001,"adx":24.8,"atr":0.0011,
//                  "ema_fast":1.0834,"ema_slow":1.0829,"volume":1250}}
//   {"type":"close","id":"17","at":"2024-03-01T11:40:00Z","price":1.0851,"pnl_pct":0.14,"profitable":true}
//
// A file is NDJSON, one such object a line, or CSV with the header of trade_events_csv_header(), whose cells
// are empty where the event has no such field. `at` of an open is when its indicators were known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "domain/trade.h"

namespace pawl::market {

using TradeEvent = std::variant<TradeSignal, TradeClose>;
TimeMs time_of(const TradeEvent& event);
const std::string& id_of(const TradeEvent& event);

// bad_data names the field. An id may be a number; the symbol is kept as it is given; `profitable` may be
// left out, and is then pnl_pct > 0. Where `now` is given, `at` may be left out and is that. Other fields are
// not looked at.
Result<TradeEvent> trade_event_from_json(const Json& json, std::optional<TimeMs> now = std::nullopt);
Json to_json(const TradeEvent& event);

// NDJSON where the first character is {, else CSV; the events by time, and in the order of the file where
// they share one. bad_data names file, line and field; also where an id is opened or closed twice, or closed
// before it was opened. A close whose open is in no line stays: the store knows older ones.
Result<std::vector<TradeEvent>> read_trade_events(std::string_view text, std::string_view file_name);

// Lines with their ends; the CSV one with its header. Reading them gives the same events, bit for bit.
std::string trade_events_ndjson(std::span<const TradeEvent> events);
std::string trade_events_csv(std::span<const TradeEvent> events);
std::string_view trade_events_csv_header();

}  // namespace pawl::market
