// Bars over the API: what is taken, and what is refused by name.
#include <gtest/gtest.h>

#include "api_rig.h"
#include "support/walk_bars.h"

namespace pawl::http {
namespace {

using test::HttpAnswer;

struct ApiBars : testing::Test {
  ApiRig rig{loop::rig_recipe()};
  BarSeries bars = test::walk_bars(7, 60);

  // The `detail` of a refusal.
  std::string refused(const Json& body, int status = 400) const {
    const HttpAnswer answer = rig.post("/api/v1/bars", body);
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    const auto json = parse_json(answer.body);
    return json && json->contains("detail") ? (*json)["detail"].get<std::string>() : answer.body;
  }
};

TEST_F(ApiBars, AreStoredAndTheNewestIsPredictedFrom) {
  const Json report = rig.post_json("/api/v1/bars", ApiRig::body_of(bars, 0, 30));
  EXPECT_EQ(report["added"], 30);
  EXPECT_EQ(report["paper"], true);
  ASSERT_EQ(report["predictions"].size(), 1u);
  EXPECT_EQ(report["predictions"][0]["bar_open_time"], format_time(bars.open_time(29)));
  Json all = ApiRig::body_of(bars, 30, 40);
  all["predict"] = "all";
  EXPECT_EQ(rig.post_json("/api/v1/bars", all)["predictions"].size(), 10u);
  const Json page = rig.get_json("/api/v1/predictions?limit=4");
  EXPECT_EQ(page["items"].size(), 4u);
  const Json next = rig.get_json("/api/v1/predictions?cursor=" + page["next_cursor"].get<std::string>());
  EXPECT_EQ(next["items"].size(), 7u);
  EXPECT_TRUE(next["next_cursor"].is_null());
  // Three bars later they are outcomes.
  EXPECT_EQ(rig.get_json("/api/v1/outcomes?line=BTCUSDT")["items"].size(), 7u);
}

TEST_F(ApiBars, MayBeSentAgain) {
  rig.push(bars, 0, 20);
  const Json again = rig.post_json("/api/v1/bars", ApiRig::body_of(bars, 10, 25));
  EXPECT_EQ(again["added"], 5);
  EXPECT_EQ(again["duplicates"], 10);
  Json other = ApiRig::body_of(bars, 12, 13);
  other["bars"][0]["volume"] = 12345;
  const Json revised = rig.post_json("/api/v1/bars", other);
  EXPECT_EQ(revised["revised"], 1);
  EXPECT_EQ(revised["added"], 0);
  // The first is what was predicted from, and stays what is read.
  const Json read = rig.get_json("/api/v1/bars?from=" + format_time(bars.open_time(12)) + "&limit=1");
  EXPECT_EQ(read["items"][0]["volume"], bars.volume(12));
}

TEST_F(ApiBars, ComeInAnyOrderAndShape) {
  Json body = ApiRig::body_of(bars, 0, 3);
  std::swap(body["bars"][0], body["bars"][2]);
  EXPECT_EQ(rig.post_json("/api/v1/bars", body)["added"], 3);
  Json one = ApiRig::bar_json(bars[3]);
  one.erase("open_time");
  one["time"] = bars.open_time(3) / 1000;  // seconds since 1970
  EXPECT_EQ(rig.post_json("/api/v1/bars", {{"symbol", "BTC/USDT"}, {"bar", one}})["added"], 1);
  const Json list = Json::array({{{"symbol", "BTCUSDT"}, {"bars", ApiRig::body_of(bars, 4, 6)["bars"]}}});
  EXPECT_EQ(rig.post_json("/api/v1/bars", list)["added"], 2);
  EXPECT_EQ(rig.post_json("/api/v1/bars", {{"series", list}})["duplicates"], 2);
}

// B12: what was missed is there before the next prediction, or nothing is predicted.
TEST_F(ApiBars, WithAHoleAreTakenOnlyWhenItIsSaid) {
  rig.push(bars, 0, 10);
  Json body = ApiRig::body_of(bars, 15, 17);
  EXPECT_NE(refused(body, 409).find("bars[0]: BTC/USDT: bars from "), std::string::npos);
  body["accept_gap"] = true;
  const Json report = rig.post_json("/api/v1/bars", body);
  EXPECT_EQ(report["added"], 2);
  EXPECT_EQ(report["gaps"].size(), 1u);
  // What lies in the hole cannot come any more.
  refused(ApiRig::body_of(bars, 12, 13), 409);
}

TEST_F(ApiBars, ThatAreWrongAreNamedAndNoneIsTaken) {
  const auto with = [&](std::string_view field, const Json& value) {
    Json body = ApiRig::body_of(bars, 0, 5);
    body["bars"][3][std::string(field)] = value;
    return refused(body);
  };
  EXPECT_EQ(with("close", "1.08").substr(0, 40), "bars[3].close: must be a number, not str");
  EXPECT_EQ(with("close", nullptr), "bars[3].close: is missing") << "a NaN is sent as null";
  EXPECT_NE(with("low", -1).find("bars[3]: low"), std::string::npos);
  EXPECT_NE(with("high", 0.5).find("bars[3]: "), std::string::npos);
  EXPECT_NE(with("hihg", 1).find("bars[3].hihg: unknown field, did you mean \"high\"?"), std::string::npos);
  EXPECT_NE(with("open_time", "2024-01-01T03:30:00Z").find("is not where a H1 bar opens"), std::string::npos);
  EXPECT_NE(with("open_time", "soon").find("bars[3].open_time: "), std::string::npos);
  EXPECT_NE(with("time", 1).find("open_time and time are the same"), std::string::npos);
  EXPECT_NE(with("open_time", format_time(bars.open_time(2))).find("too"), std::string::npos);
  // Still forming.
  const TimeMs hour = rig.clock.now() / kHourMs * kHourMs;
  Json forming = ApiRig::body_of(bars, 0, 1);
  forming["bars"][0]["open_time"] = format_time(hour);
  EXPECT_NE(refused(forming).find("has not come yet"), std::string::npos);
  EXPECT_EQ(rig.get_json("/api/v1/bars")["items"].size(), 0u);
}

TEST_F(ApiBars, BodiesThatAreNoneAreRefused) {
  const auto raw = [&](const std::string& body) {
    const HttpAnswer answer = rig.ask(test::post_text("/api/v1/bars", body));
    EXPECT_EQ(answer.status, 400) << body;
    return answer.body;
  };
  raw("");
  raw("[1]");
  raw("{\"bars\":[NaN]}");
  raw("{\"bars\":{}}");
  raw("{\"bars\":[],\"bar\":{}}");
  raw("{\"bars\":[{}]}");
  raw("{\"bars\":[],\"predict\":\"sometimes\"}");
  raw("{\"bars\":[],\"accept_gap\":1}");
  raw("{\"bars\":[{\"open_time\":1e300}]}");
  EXPECT_NE(raw(std::string(40, '[') + std::string(40, ']')).find("nested more than 32 deep"),
            std::string::npos);
  EXPECT_EQ(rig.post("/api/v1/bars", {{"symbol", "EURUSD"}, {"bars", Json::array()}}).status, 404);
  EXPECT_EQ(rig.post("/api/v1/bars", {{"symbol", "../etc"}, {"bars", Json::array()}}).status, 400);
}

TEST_F(ApiBars, AreReadInPages) {
  rig.push(bars, 0, 50);
  const Json newest = rig.get_json("/api/v1/bars?symbol=btc/usdt&limit=5");
  ASSERT_EQ(newest["items"].size(), 5u);
  EXPECT_EQ(newest["items"][4]["open_time"], format_time(bars.open_time(49)));
  std::size_t read = 0;
  std::string cursor = format_time(bars.open_time(3));
  for (int pages = 0; pages < 10; ++pages) {
    const Json page = rig.get_json("/api/v1/bars?limit=20&from=2024-01-01&cursor=" + cursor);
    for (const Json& bar : page["items"])
      EXPECT_EQ(bar["open_time"], format_time(bars.open_time(3 + read++)));
    if (page["next_cursor"].is_null()) break;
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(read, 47u);
  EXPECT_EQ(rig.get("/api/v1/bars?limit=0").status, 400);
  EXPECT_EQ(rig.get("/api/v1/bars?from=yesterday").status, 400);
  EXPECT_EQ(rig.get("/api/v1/bars?symbol=DOGE").status, 404);
}

}  // namespace
}  // namespace pawl::http
