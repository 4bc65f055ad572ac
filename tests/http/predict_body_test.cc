// The body of /predict from bytes to bars: every form that clients write, and every way to get it wrong. A9.
#include "http/predict_body.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "http/predict_bodies.h"
#include "support/walk_bars.h"

namespace pawl::http {
namespace {

using namespace test;
using pawl::test::kWalkStart;
using pawl::test::walk_bars;

BarSeries m5_bars(std::size_t count) {
  return walk_bars(1, count, kWalkStart, kM5);
}

serving::PostedWindows read(std::string body, const PredictRules& rules = {}) {
  auto posted = parse_predict_body(body, rules);
  EXPECT_TRUE(posted) << posted.error().message;
  return posted ? *posted : serving::PostedWindows();
}

std::string error_of(std::string body, const PredictRules& rules = {}) {
  const auto posted = parse_predict_body(body, rules);
  EXPECT_FALSE(posted) << body.substr(0, 300);
  if (posted) return "";
  EXPECT_EQ(posted.error().code, ErrorCode::bad_data) << posted.error().message;
  return posted.error().message;
}

void expect_error(const std::string& body, std::string_view part, const PredictRules& rules = {}) {
  const std::string message = error_of(body, rules);
  EXPECT_NE(message.find(part), std::string::npos) << message << "\nof " << body.substr(0, 300);
}

void expect_bars(const serving::PostedWindow* window, const BarSeries& bars) {
  ASSERT_NE(window, nullptr);
  ASSERT_EQ(window->received(), bars.size());
  EXPECT_EQ(window->closed().size(), bars.size() - 1) << "the last one is still forming";
  for (std::size_t i = 0; i < bars.size(); ++i) ASSERT_EQ(window->bar(i), bars[i]) << i;
}

TEST(PredictBody, ReadsEveryFormOfCandles) {
  const BarSeries m5 = m5_bars(30), h1 = walk_bars(2, 20, kWalkStart, kH1);
  for (const Form form : {Form::objects, Form::arrays}) {
    for (const Times times : {Times::dotted, Times::seconds, Times::milliseconds, Times::rfc}) {
      const auto posted = read(body_text("EUR_USD", {{"ohlcv_m5", window_text(m5, form, times)},
                                                     {"ohlcv_h1", window_text(h1, form, times)}}));
      expect_bars(posted.find(kM5), m5);
      expect_bars(posted.find(kH1), h1);
      EXPECT_EQ(posted.received(kH4), 0u);
      EXPECT_EQ(posted.symbol().canonical(), "EUR_USD");
    }
  }
}

TEST(PredictBody, FieldsMayStandInAnyOrderAndNumbersInQuotes) {
  const auto posted = read(
      R"( {"debug": true, "ohlcv_m5": [ {"volume":"7","spread":3,"close":"1.25","tags":[{"a":null}],"low":1e0,
           "high":1.5,"open":"1.125","time":"2024-01-01T00:00:00+00:00"} ,
          ["2024-01-01 00:05:00Z",1.1,1.2,1.0,1.1] ], "events":[{"event_name":"NFP"},{}],
          "client":{"build":4150,"x":[1,2.5,"\u00e9",false]}, "symbol":"EURUSD.m" })");
  const serving::PostedWindow* window = posted.find(kM5);
  ASSERT_NE(window, nullptr);
  EXPECT_EQ(window->bar(0), (Bar{.open_time = kWalkStart,
                                 .close_time = kWalkStart + kM5.duration_ms(),
                                 .open = 1.125,
                                 .high = 1.5,
                                 .low = 1,
                                 .close = 1.25,
                                 .volume = 7}));
  EXPECT_EQ(window->bar(1).volume, 0) << "a candle without volume has none";
  EXPECT_EQ(posted.symbol().canonical(), "EUR_USD");
  EXPECT_EQ(posted.events, 2u);
  EXPECT_TRUE(posted.debug);
}

TEST(PredictBody, OneNulByteBehindItIsMetaTraders) {
  std::string body = body_text("EUR_USD", {{"ohlcv_m5", window_text(m5_bars(3))}});
  body += '\0';
  expect_bars(read(body).find(kM5), m5_bars(3));
  body += '\0';
  EXPECT_NE(error_of(body), "");
}

TEST(PredictBody, TimesAreReadByTheClientsClock) {
  const auto server = market::formats::Clock::parse("New York+7h");
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "weekdays");
  ASSERT_TRUE(server && calendar);
  const PredictRules rules{.clock = *server, .calendar = *calendar};
  const auto first_open = [&](std::string_view time, std::string_view more = "") {
    const auto posted =
        read(body_text("EUR_USD", {{"ohlcv_h4", fmt::format(R"([[{},1,1,1,1,1]])", time)}}, more), rules);
    return posted.find(kH4) == nullptr ? "" : format_time(posted.find(kH4)->bar(0).open_time);
  };
  EXPECT_EQ(first_open(R"("2025.01.06 00:00")"), "2025-01-05T22:00:00Z") << "New York has winter: UTC-5+7";
  EXPECT_EQ(first_open(R"("2025.03.10 04:00")"), "2025-03-10T01:00:00Z") << "and summer, before Europe has";
  EXPECT_EQ(first_open("1736121600"), "2025-01-05T22:00:00Z") << "MetaTrader's numbers are on its clock too";
  EXPECT_EQ(first_open(R"("2025-01-05T22:00:00Z")"), "2025-01-05T22:00:00Z") << "a zone of its own is kept";
  EXPECT_EQ(first_open(R"("2025.01.06 01:00")", R"(,"utc_offset_minutes":180)"), "2025-01-05T22:00:00Z");
  expect_error(body_text("EUR_USD", {{"ohlcv_h4", R"([["2025.01.06 01:00",1,1,1,1,1]])"}}),
               "ohlcv_h4[0].timestamp: 2025-01-06T01:00:00Z is not where a bar of H4 opens");
}

TEST(PredictBody, ADayIsTheMarketsDayOfThatDate) {
  const auto calendar = MarketCalendar::make("America/New_York 17:00", "weekdays");
  const PredictRules rules{.calendar = *calendar};
  const auto posted = read(R"({"pair":"EUR_USD","ohlcv_d1":[["2025-01-06",1,1,1,1,1]]})", rules);
  EXPECT_EQ(format_time(posted.find(kD1)->bar(0).open_time), "2025-01-05T22:00:00Z");
}

TEST(PredictBody, AClockThatIsPutBackShowsAnHourTwice) {
  const auto berlin = market::formats::Clock::parse("Europe/Berlin");
  const auto posted = read(R"({"pair":"EUR_USD","ohlcv_h1":[["2024.10.27 01:00",1,1,1,1,1],
      ["2024.10.27 02:00",1,1,1,1,1],["2024.10.27 02:00",1,1,1,1,1],["2024.10.27 03:00",1,1,1,1,1]]})",
                           {.clock = *berlin});
  const serving::PostedWindow* window = posted.find(kH1);
  ASSERT_NE(window, nullptr);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(window->open_time[i] - window->open_time[i - 1], kHourMs);
  expect_error(R"({"pair":"EUR_USD","ohlcv_h1":[["2024.03.31 02:00",1,1,1,1,1]]})", "never shows this time",
               {.clock = *berlin});
}

TEST(PredictBody, AWeekendIsNoFault) {
  const auto posted = read(
      R"({"pair":"EUR_USD","ohlcv_h1":[["2024.01.05 20:00",1,1,1,1,1],["2024.01.08 00:00",1,1,1,1,1]]})");
  EXPECT_EQ(posted.received(kH1), 2u);
}

// A good candle with one field put differently.
std::string with(std::string_view field, std::string_view value) {
  std::string candle =
      R"({"timestamp":"2024.01.01 00:05","open":1.1,"high":1.2,"low":1.0,"close":1.1,"volume":5})";
  const std::string name = fmt::format("\"{}\":", field);
  const std::size_t from = candle.find(name) + name.size();
  candle.replace(from, candle.find_first_of(",}", from) - from, value);
  return fmt::format(R"({{"pair":"EUR_USD","ohlcv_m5":[["2024.01.01 00:00",1,1,1,1,1],{}]}})", candle);
}

TEST(PredictBody, FaultsAreNamedWithTheirPlace) {
  EXPECT_EQ(read(with("high", "1.2")).received(kM5), 2u);
  for (const char* field : {"open", "high", "low", "close", "volume"}) {
    for (const char* value : {"null", "true", "{}", "[1]", "\"\"", "\"1,2\"", "\"NaN\"", "\"1.2 \"", "1e999",
                              "\"1e999\"", "-1", "1e300"}) {
      expect_error(with(field, value), fmt::format("ohlcv_m5[1].{}: ", field));
    }
    for (const char* value : {"NaN", "Infinity", "-Infinity", "1.2.3", "01", ".5", "+1", "0x1"}) {
      expect_error(with(field, value), "ohlcv_m5[1]");
    }
  }
  expect_error(with("open", "0"), "ohlcv_m5[1].open: is not above zero");
  expect_error(with("high", "0.5"), "ohlcv_m5[1].high: is below the low");
  expect_error(with("low", "1.15"), "ohlcv_m5[1].low: is above the open");
  expect_error(with("close", "1.3"), "ohlcv_m5[1].high: is below the close");
  for (const char* time :
       {"\"2024.01.01 00:00\"", "\"2023.12.31 23:55\"", "\"2024.01.01 00:07\"", "\"2024.02.30 00:05\"",
        "\"2024.13.01 00:05\"", "\"2024.01.01 24:00\"", "\"yesterday\"", "\"2024.01.01 00:05:61\"",
        "\"2024.01-01 00:05\"", "\"2024.1.1 00:05\"", "\"\"", "-1", "1e18", "17040672000.5", "null",
        "\"1\\u0030\"", "\"99999999999999999\""}) {
    expect_error(with("timestamp", time), "ohlcv_m5[1].timestamp: ");
  }
  expect_error(with("timestamp", "\"2024.01.01 00:00\""), "is there twice");
  expect_error(with("timestamp", "\"2023.12.31 23:55\""), "candles go from old to new");
  expect_error(with("timestamp", "\"2024-01-01T00:05:00Z\""), "written in another way");
}

TEST(PredictBody, CandlesOfAnotherShapeAreRefused) {
  const auto of = [](std::string_view candle) {
    return fmt::format(R"({{"pair":"EUR_USD","ohlcv_m5":[{}]}})", candle);
  };
  expect_error(of("3"), "ohlcv_m5[0]: is neither an object");
  expect_error(of("null"), "ohlcv_m5[0]: is neither an object");
  expect_error(of("{}"), "ohlcv_m5[0].timestamp: is missing");
  expect_error(of("[]"), "ohlcv_m5[0].timestamp: is missing");
  expect_error(of(R"(["2024.01.01 00:00",1,1,1])"), "ohlcv_m5[0].close: is missing");
  expect_error(of(R"(["2024.01.01 00:00",1,1,1,1,1,1])"), "has more than timestamp, open");
  expect_error(of(R"({"timestamp":"2024.01.01 00:00","open":1,"high":1,"low":1})"), "close: is missing");
  expect_error(of(R"({"time":1704067200,"timestamp":1704067200,"open":1})"), "timestamp: is given twice");
  expect_error(of(R"({"open":1,"open":1})"), "open: is given twice");
}

TEST(PredictBody, BodiesOfAnotherShapeAreRefused) {
  const std::string window = R"([["2024.01.01 00:00",1,1,1,1,1]])";
  const std::string good = fmt::format(R"({{"pair":"EUR_USD","ohlcv_m5":{}}})", window);
  expect_error("", "the body is empty");
  expect_error("   \n", "the body");
  expect_error("[]", "the body: is not a JSON object");
  expect_error("3", "the body: is not a JSON object");
  expect_error("null", "the body: is not a JSON object");
  expect_error("{", "ends too early");
  expect_error(good + "x", "the body");
  expect_error(good + good, "the body");
  expect_error("{}", "pair: is missing");
  expect_error(R"({"pair":"EUR_USD"})", "ohlcv_m5: there is no window");
  expect_error(R"({"pair":7})", "pair: is not a text");
  expect_error(R"({"pair":"EUR/../USD"})", "pair: ");
  expect_error(R"({"pair":""})", "pair: ");
  expect_error(R"({"pair":"EUR_USD","symbol":"EUR_USD"})", "given twice");
  expect_error(R"({"pair":"EUR_USD","ohlcv_m5":{}})", "ohlcv_m5: is not a list of candles");
  expect_error(R"({"pair":"EUR_USD","ohlcv_m7":[]})", "ohlcv_m7: there is no such timeframe");
  expect_error(fmt::format(R"({{"pair":"EUR_USD","ohlcv_m60":{0},"ohlcv_h1":{0}}})", window), "given twice");
  expect_error(R"({"pair":"EUR_USD","events":{}})", "events: is not a list");
  expect_error(R"({"pair":"EUR_USD","debug":1})", "debug: is neither true nor false");
  for (const char* offset : {"\"60\"", "841", "-841", "1.5", "null", "1e99"}) {
    expect_error(fmt::format(R"({{"pair":"EUR_USD","utc_offset_minutes":{}}})", offset),
                 "utc_offset_minutes: ");
  }
  expect_error("{\"pair\":\"EUR\xff\"}", "UTF-8");
  expect_error(
      fmt::format(R"({{"x":{}{},"pair":"EUR_USD"}})", std::string(2000, '['), std::string(2000, ']')),
      "the body");
  expect_error(fmt::format(R"({{"x":{}1{},"pair":"EUR_USD"}})", std::string(20, '['), std::string(20, ']')),
               "nested too deeply");
  expect_error(R"({"x":[1,},"pair":"EUR_USD"})", "malformed");
  expect_error(R"({"x":[[1}],"pair":"EUR_USD"})", "the body");
}

TEST(PredictBody, TooManyCandlesAreRefused) {
  PredictRules rules;
  rules.candles_max = 5;
  EXPECT_EQ(read(body_text("EUR_USD", {{"ohlcv_m5", window_text(m5_bars(5))}}), rules).received(kM5), 5u);
  expect_error(body_text("EUR_USD", {{"ohlcv_m5", window_text(m5_bars(6))}}), "", rules);
}

TEST(PredictBody, AReaderStartsAfresh) {
  PredictReader reader({});
  std::string first = body_text("EUR_USD", {{"ohlcv_m5", window_text(m5_bars(600))}}, R"(,"debug":true)");
  std::string broken = first.substr(0, first.size() / 2);
  std::string second = body_text("GBP_USD", {{"ohlcv_h1", window_text(walk_bars(2, 4, kWalkStart, kH1))}});
  ASSERT_TRUE(reader.read(first));
  EXPECT_FALSE(reader.read(broken));
  const auto posted = reader.read(second);
  ASSERT_TRUE(posted);
  EXPECT_EQ((*posted)->symbol().canonical(), "GBP_USD");
  EXPECT_EQ((*posted)->find(kM5), nullptr);
  EXPECT_FALSE((*posted)->debug);
  expect_bars((*posted)->find(kH1), walk_bars(2, 4, kWalkStart, kH1));
}

// Whatever bytes come, the answer is windows of valid bars or an error; nothing else happens.
TEST(PredictBody, DamagedBodiesAreReadOrRefused) {
  const std::string good =
      body_text("EUR_USD",
                {{"ohlcv_m5", window_text(m5_bars(8))},
                 {"ohlcv_h1", window_text(walk_bars(2, 5, kWalkStart, kH1), Form::arrays)}},
                R"(,"events":[{"a":[1]}],"debug":false,"utc_offset_minutes":0)");
  Random random(77);
  PredictReader reader({});
  std::size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body = good;
    for (std::uint64_t change = 0; change <= random.below(3); ++change) {
      const std::size_t at = random.below(body.size());
      switch (random.below(4)) {
        case 0:
          body[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          body.erase(at, 1 + random.below(8));
          break;
        case 2:
          body.insert(at, 1, "{}[]\",:0-eE.tfn\\"[random.below(16)]);
          break;
        default:
          body.resize(at + 1);
      }
    }
    const auto posted = reader.read(body);
    if (!posted) {
      ++refused;
      EXPECT_FALSE(posted.error().message.empty());
      continue;
    }
    for (const serving::PostedWindow& window : (*posted)->windows()) {
      for (std::size_t i = 0; i < window.received(); ++i)
        ASSERT_FALSE(find_fault(window.bar(i)).any()) << body;
    }
  }
  EXPECT_GT(refused, 10'000u);
}

TEST(PredictBatch, AnswersEachRequestOfAList) {
  const std::string one = body_text("EUR_USD", {{"ohlcv_m5", window_text(m5_bars(3))}});
  std::string body =
      fmt::format(R"({{"client":1,"requests":[{0},{{"pair":7,"ohlcv_m5":[1,[2]]}},5,{0}]}})", one);
  PredictReader reader({});
  std::vector<std::string> seen;
  const Status done = reader.read_batch(body, [&](const Result<const serving::PostedWindows*>& posted) {
    seen.push_back(posted ? (*posted)->symbol().canonical() : posted.error().message);
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(seen,
            (std::vector<std::string>{"EUR_USD", "pair: is not a text",
                                      "request: is not a JSON object with pair and ohlcv_m5, …", "EUR_USD"}));
}

TEST(PredictBatch, IsRefusedAsAWholeWhereItIsNone) {
  PredictReader reader({});
  const auto refuse = [&](std::string body, std::string_view part) {
    int calls = 0;
    const Status done =
        reader.read_batch(body, [&](const Result<const serving::PostedWindows*>&) { ++calls; });
    ASSERT_FALSE(done) << body.substr(0, 100);
    EXPECT_NE(done.error().message.find(part), std::string::npos) << done.error().message;
    EXPECT_EQ(calls, 0);
  };
  refuse("", "empty");
  refuse("{}", "requests: is missing");
  refuse(R"({"requests":{}})", "requests: is not a list");
  refuse(R"({"requests":[],"requests":[]})", "given twice");
  refuse(R"({"requests":[{},{},tru]})", "requests[2]");
  refuse(R"({"requests":[{}]} x)", "the body");
  std::string many = "{\"requests\":[0";
  for (std::size_t i = 0; i < kBatchMost; ++i) many += ",0";
  refuse(many + "]}", "more than 100");
}

}  // namespace
}  // namespace pawl::http
