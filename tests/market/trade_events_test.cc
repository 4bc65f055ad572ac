// C3: a bot's reports with times, as JSON, NDJSON and CSV.
#include "market/trade_events.h"

#include <gtest/gtest.h>

namespace pawl::market {
namespace {

const std::string kOpen =
    R"({"type":"open","id":"17","symbol":"EURUSD","side":"BUY","at":"2024-03-01T10:05:00Z","price":1.0834,)"
    R"("indicators":{"rsi":55.2,"macd":0.00012,"macd_signal":0.0001,"adx":24.8,"atr":0.0011,)"
    R"("ema_fast":1.0834,"ema_slow":1.0829,"volume":1250}})";
const std::string kClose =
    R"({"type":"close","id":"17","at":"2024-03-01T11:40:00Z","price":1.0851,"pnl_pct":0.14,"profitable":true})";

std::string without(std::string text, const std::string& part) {
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.erase(at, part.size());
}

std::string message(const std::string& text) {
  const auto events = read_trade_events(text, "trades.ndjson");
  if (events) return "no error";
  EXPECT_EQ(events.error().code, ErrorCode::bad_data);
  return events.error().message;
}

TEST(TradeEvents, C3AnOpenAndACloseAreRead) {
  const auto events = read_trade_events(kOpen + "\n\n" + kClose + "\n", "trades.ndjson");
  ASSERT_TRUE(events) << events.error().message;
  ASSERT_EQ(events->size(), 2u);
  const auto& open = std::get<TradeSignal>((*events)[0]);
  EXPECT_EQ(open.id, "17");
  EXPECT_EQ(open.symbol, "EURUSD") << "as given";
  EXPECT_EQ(open.side, Side::buy);
  EXPECT_EQ(format_time(open.at), "2024-03-01T10:05:00Z");
  EXPECT_EQ(open.entry_price, 1.0834);
  EXPECT_EQ(open.indicators,
            (std::array<double, 8>{55.2, 0.00012, 0.0001, 24.8, 0.0011, 1.0834, 1.0829, 1250}));
  const auto& close = std::get<TradeClose>((*events)[1]);
  EXPECT_EQ(close.exit_price, 1.0851);
  EXPECT_EQ(close.pnl_pct, 0.14);
  EXPECT_TRUE(close.profitable);
}

TEST(TradeEvents, C3WhatIsLeftOutHasAMeaningOrIsMissed) {
  const Json close = Json::parse(without(kClose, R"(,"profitable":true)"));
  EXPECT_TRUE(std::get<TradeClose>(trade_event_from_json(close).value()).profitable);
  const Json undated = Json::parse(without(kClose, R"("at":"2024-03-01T11:40:00Z",)"));
  EXPECT_EQ(time_of(trade_event_from_json(undated, 12345).value()), 12345);
  EXPECT_FALSE(trade_event_from_json(undated));
  Json numbered = close;
  numbered["id"] = 17;
  EXPECT_EQ(id_of(trade_event_from_json(numbered).value()), "17");
}

TEST(TradeEvents, C3ErrorsNameFileLineAndField) {
  EXPECT_NE(message(kOpen + "\n" + without(kClose, R"("pnl_pct":0.14,)")).find("trades.ndjson:2: "),
            std::string::npos);
  EXPECT_NE(message(without(kOpen, R"("adx":24.8,)")).find("adx"), std::string::npos);
  EXPECT_NE(message(without(kOpen, R"("side":"BUY",)")).find("side"), std::string::npos);
  EXPECT_NE(message(without(kOpen, R"("type":"open",)")).find("type"), std::string::npos);
  EXPECT_NE(message(R"({"type":"opened","id":"1","at":"2024-03-01"})").find("neither open nor close"),
            std::string::npos);
  EXPECT_NE(message("{not json").find("trades.ndjson:1: "), std::string::npos);
  EXPECT_EQ(message(kOpen + "\n" + kOpen),
            "trades.ndjson:2: trade `17` is opened already in line 1; each is once");
  EXPECT_EQ(message(kClose + "\n" + kClose),
            "trades.ndjson:2: trade `17` is closed already in line 1; each is once");
  std::string late = kOpen;
  late.replace(late.find("10:05"), 5, "12:05");
  EXPECT_EQ(message(late + "\n" + kClose),
            "trades.ndjson:1: trade `17` is closed before it is opened, in line 2");
}

TEST(TradeEvents, C3EventsComeByTime) {
  std::string earlier = kOpen;
  earlier.replace(earlier.find("\"17\""), 4, "\"16\"").replace(earlier.find("10:05"), 5, "09:05");
  const auto events = read_trade_events(kOpen + "\n" + kClose + "\n" + earlier, "t").value();
  EXPECT_EQ(id_of(events[0]), "16");
  EXPECT_EQ(id_of(events[2]), "17");
}

TEST(TradeEvents, C3BothFormsGiveTheSameEventsBack) {
  TradeSignal odd{.id = "a,\"b\"",
                  .symbol = "EUR/USD",
                  .side = Side::sell,
                  .at = 1'700'000'000'250,
                  .entry_price = 0.1 + 0.2,
                  .indicators = {1e-300, -2, 3, 4, 5, 6, 7, 1.0 / 3}};
  const TradeClose loss{
      .id = odd.id, .at = odd.at, .exit_price = 2.0 / 3, .pnl_pct = -0.7, .profitable = true};
  const std::vector<TradeEvent> events = {odd, loss};
  const std::string ndjson = trade_events_ndjson(events), csv = trade_events_csv(events);
  EXPECT_TRUE(csv.starts_with(trade_events_csv_header()));
  for (const std::string& text : {ndjson, csv}) {
    const auto back = read_trade_events(text, "t");
    ASSERT_TRUE(back) << back.error().message << "\n" << text;
    ASSERT_EQ(back->size(), 2u);
    EXPECT_EQ(to_json(back->at(0)), to_json(events[0]));
    EXPECT_EQ(to_json(back->at(1)), to_json(events[1]));
    EXPECT_EQ(std::get<TradeSignal>(back->at(0)).indicators, odd.indicators);
  }
}

TEST(TradeEvents, C3ACsvFileSaysWhichFieldIsWrong) {
  const std::string header = std::string(trade_events_csv_header()) + "\n";
  EXPECT_EQ(message(header + "open,1,EURUSD,UP,2024-03-01T10:05:00Z,1.1,1,2,3,4,5,6,7,8,,\n"),
            "trades.ndjson:2: field `side`: \"UP\" is neither BUY nor SELL, 1 nor -1");
  EXPECT_NE(message(header + "close,1,,,2024-03-01T10:05:00Z,1.1,,,,,,,,,,\n").find("pnl_pct"),
            std::string::npos);
  EXPECT_EQ(message("type,id\nopen,1\n").substr(0, 42), "trades.ndjson:1: column `symbol` is missin");
}

}  // namespace
}  // namespace pawl::market
