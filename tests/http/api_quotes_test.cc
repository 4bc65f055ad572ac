// Quotes over the API: bars are made of them, and a stale one is none (E1).
#include <gtest/gtest.h>

#include "api_rig.h"

namespace pawl::http {
namespace {

struct ApiQuotes : testing::Test {
  ApiRig rig{loop::rig_recipe()};

  Json quote(const std::string& time, double mid) const {
    return {{"symbol", "BTC/USDT"}, {"mid", mid}, {"time", time}};
  }
};

TEST_F(ApiQuotes, BecomeTheBarThatTheyFallInto) {
  rig.post_json("/api/v1/quotes", quote("2024-03-04T10:00:05Z", 100));
  rig.post_json("/api/v1/quotes",
                {{"symbol", "BTCUSDT"}, {"bid", 102}, {"ask", 104}, {"time", "2024-03-04T10:20:00Z"}});
  const Json third = rig.post_json("/api/v1/quotes", quote("2024-03-04T10:59:59Z", 99));
  EXPECT_EQ(third["bars_closed"], 0);
  EXPECT_EQ(third["forming"], "2024-03-04T10:00:00Z");
  EXPECT_EQ(rig.post_json("/api/v1/quotes", quote("2024-03-04T11:00:00Z", 98))["bars_closed"], 1);
  const Json bar = rig.get_json("/api/v1/bars")["items"][0];
  EXPECT_EQ(bar["open_time"], "2024-03-04T10:00:00Z");
  EXPECT_EQ(bar["open"], 100);
  EXPECT_EQ(bar["high"], 103) << "the middle of bid and ask";
  EXPECT_EQ(bar["low"], 99);
  EXPECT_EQ(bar["close"], 99);
}

TEST_F(ApiQuotes, AreRefusedByNameWhereTheyAreNone) {
  rig.post_json("/api/v1/quotes", quote("2024-03-04T10:20:00Z", 100));
  for (const auto& [body, named] :
       std::vector<std::pair<Json, std::string>>{{quote("2024-03-04T10:19:59Z", 100), "before the last one"},
                                                 {quote("2024-03-04T10:21:00Z", 0), "mid"},
                                                 {{{"symbol", "BTC/USDT"}, {"bid", 2}, {"ask", 1}}, "ask"},
                                                 {{{"symbol", "BTC/USDT"}, {"bid", 2}}, "ask"},
                                                 {quote("2124-03-04T10:21:00Z", 100), "has not come yet"},
                                                 {{{"symbol", "ETH/USDT"}, {"mid", 2}}, "ETH"}}) {
    const test::HttpAnswer answer = rig.post("/api/v1/quotes", body);
    EXPECT_EQ(answer.status / 100, 4) << answer.body;
    EXPECT_NE(answer.body.find(named), std::string::npos) << answer.body;
  }
  EXPECT_TRUE(rig.get_json("/api/v1/bars")["items"].empty());
}

TEST(QuoteBars, LeaveOutWhatIsStale) {
  const recipe::Recipe recipe =
      loop::rig_recipe({{"quotes.polling_interval_s", "60"}, {"quotes.stale_after_s", "90"}});
  loop::QuoteBars bars(recipe);
  constexpr TimeMs kNow = 1'709'546'400'000;
  EXPECT_EQ(bars.refuse({0, kNow - 90'000, 5}, kNow), "");
  EXPECT_NE(bars.refuse({0, kNow - 91'000, 5}, kNow).find("a stale quote is no quote"), std::string::npos);
}

TEST(QuoteBars, EndWithTheClockToo) {
  const recipe::Recipe recipe = loop::rig_recipe();
  loop::QuoteBars bars(recipe);
  constexpr TimeMs kHour = 1'709'546'400'000;  // 10:00
  EXPECT_FALSE(bars.take({0, kHour + 5, 7}));
  EXPECT_EQ(bars.next_end(), kHour + kHourMs);
  EXPECT_TRUE(bars.take_ended(kHour + kHourMs - 1).empty());
  const auto ended = bars.take_ended(kHour + kHourMs);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].second.close, 7);
  EXPECT_TRUE(bars.take_ended(kHour + 9 * kHourMs).empty()) << "each once";
}

}  // namespace
}  // namespace pawl::http
