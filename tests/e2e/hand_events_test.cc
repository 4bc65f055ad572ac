// Moves by hand stand in the event stream beside those by runs.
#include "app/hand_events.h"

#include "e2e/replayed.h"

namespace pawl::test {
namespace {

TEST(HandEvents, AreSwapsThatSayWhoAndWhy) {
  auto store = store::open_sqlite({});
  ASSERT_TRUE(store.has_value());
  const LineId line = "crypto-live/BTC_USDT";
  ASSERT_TRUE(
      app::record_hand_move(**store, line, "promote", std::nullopt, VersionNumber{3}, "looked at it", 5));
  ASSERT_TRUE(
      app::record_hand_move(**store, line, "rollback", VersionNumber{3}, VersionNumber{0}, "lost", 9));
  const auto events = (*store)->events().read_after(0, 10, "swap");
  ASSERT_TRUE(events.has_value());
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ((*events)[0].line, line);
  EXPECT_EQ((*events)[0].known_at, 5);
  EXPECT_EQ(json_of((*events)[0].payload), (Json{{"action", "promote"},
                                                 {"actor", "hand"},
                                                 {"from", nullptr},
                                                 {"to", "v000003"},
                                                 {"reason", "looked at it"}}));
  EXPECT_EQ(json_of((*events)[1].payload)["from"], "v000003");
}

}  // namespace
}  // namespace pawl::test
