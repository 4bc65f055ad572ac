// What checks of drift said, over the API.
#include <gtest/gtest.h>

#include "api_rig.h"
#include "outcomes/drift.h"

namespace pawl::http {
namespace {

constexpr TimeMs kNoon = 1'700'000'000'000;

// The n-th check of a line, as the loop writes it.
Event check_event(const std::string& line, int n, bool errors = false) {
  outcomes::DriftReport report{.version = {1}, .at = kNoon + n * kHourMs, .rows = 100 + n};
  report.features = {{.name = "clv", .psi = 0.01 * n, .psi_limit = 0.5, .groups = 4}};
  if (errors) report.error.adwin_since = report.at;
  return {.known_at = report.at, .kind = "drift", .line = line, .payload = outcomes::to_json(report).dump()};
}

void tell(ApiRig& rig, const std::vector<Event>& events) {
  rig.on_loop([&](loop::Live&) {
    for (const Event& event : events) ASSERT_TRUE(rig.store->events().append(event).has_value());
  });
}

std::vector<std::int64_t> rows_of(const Json& item) {
  std::vector<std::int64_t> rows;
  for (const Json& check : item["checks"]) rows.push_back(check["rows"]);
  return rows;
}

TEST(ApiDrift, SaysNothingBeforeTheFirstCheck) {
  ApiRig rig{loop::rig_recipe()};
  const Json answer = rig.get_json("/api/v1/drift");
  ASSERT_EQ(answer["items"].size(), 1U);
  EXPECT_EQ(answer["items"][0]["line"], "rig/BTC_USDT");
  EXPECT_EQ(answer["items"][0]["checks"], Json::array()) << "nothing was checked yet";
  EXPECT_TRUE(answer["items"][0]["advice"].is_null());
  EXPECT_EQ(rig.get_json("/api/v1/drift?line=BTC_USDT")["items"].size(), 1U);
}

TEST(ApiDrift, GivesTheNewestChecksOfALineOldestFirst) {
  ApiRig rig{loop::rig_recipe()};
  std::vector<Event> events;
  for (int n = 0; n < 60; ++n) events.push_back(check_event("rig/BTC_USDT", n, n == 59));
  tell(rig, events);
  const Json item = rig.get_json("/api/v1/drift?line=BTC_USDT")["items"][0];
  ASSERT_EQ(item["checks"].size(), 50U);
  EXPECT_EQ(rows_of(item).front(), 110);
  EXPECT_EQ(rows_of(item).back(), 159);
  EXPECT_TRUE(std::ranges::is_sorted(rows_of(item)));
  EXPECT_EQ(item["checks"][49].dump(), events.back().payload) << "as its event holds it";
  EXPECT_TRUE(item["advice"].get<std::string>().starts_with("Errors rose")) << "of the newest check";
  EXPECT_EQ(rows_of(rig.get_json("/api/v1/drift?line=BTC_USDT&checks=3")["items"][0]),
            (std::vector<std::int64_t>{157, 158, 159}));
  EXPECT_EQ(rig.get_json("/api/v1/drift?line=BTC_USDT&checks=1000")["items"][0]["checks"].size(), 60U);
}

TEST(ApiDrift, GivesTheNewestCheckOfEveryLineWhereNoneIsNamed) {
  ApiRig rig{loop::rig_recipe({{"symbols", "[BTC/USDT, ETH/USDT]"}})};
  // One line's are told long before the other's: the stream is read back to wherever they are.
  std::vector<Event> events = {check_event("rig/ETH_USDT", 1), check_event("rig/ETH_USDT", 2)};
  for (int n = 0; n < 400; ++n) events.push_back(check_event("rig/BTC_USDT", n));
  tell(rig, events);
  const Json items = rig.get_json("/api/v1/drift")["items"];
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(rows_of(items[0]), std::vector<std::int64_t>{499});
  EXPECT_EQ(rows_of(items[1]), std::vector<std::int64_t>{102});
  EXPECT_EQ(items[1]["advice"], "Nothing has to be done.");
}

TEST(ApiDrift, RefusesWhatCannotBeAnswered) {
  ApiRig rig{loop::rig_recipe()};
  const auto unknown = rig.get("/api/v1/drift?line=DOGE_USDT");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("there is no line DOGE_USDT"), std::string::npos) << unknown.body;
  for (const char* checks : {"0", "1001", "-1", "ten", "3x", ""}) {
    const auto refused = rig.get(fmt::format("/api/v1/drift?line=BTC_USDT&checks={}", checks));
    EXPECT_EQ(refused.status, 400) << checks;
    EXPECT_NE(refused.body.find("within 1 and 1000"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(rig.get("/api/v1/drift?checks=3").status, 400) << "of which line?";
}

}  // namespace
}  // namespace pawl::http
