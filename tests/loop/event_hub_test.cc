// The ring of newest events: where somebody goes on who has seen some of them.
#include "loop/live/event_hub.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace pawl::loop {
namespace {

// Events with these numbers; 0 is progress, which has none.
void publish(EventHub& hub, std::initializer_list<std::int64_t> numbers) {
  std::vector<Event> events;
  for (const std::int64_t number : numbers) events.push_back({.ingest_seq = number, .kind = "note"});
  hub.publish(std::move(events));
}
std::vector<std::int64_t> numbers_from(const EventHub& hub, std::uint64_t place, std::size_t limit = 100) {
  std::vector<std::int64_t> numbers;
  for (const EventHub::Entry& entry : hub.read(place, limit).entries)
    numbers.push_back(entry.event.ingest_seq);
  return numbers;
}
using Numbers = std::vector<std::int64_t>;

TEST(EventHub, GivesEachEntryItsPlace) {
  EventHub hub;
  publish(hub, {1, 2, 0, 3});
  EXPECT_EQ(hub.end(), 4U);
  const EventHub::Page page = hub.read(1, 2);
  EXPECT_FALSE(page.missed);
  EXPECT_EQ(page.next, 3U);
  ASSERT_EQ(page.entries.size(), 2U);
  EXPECT_EQ(page.entries[0].place, 1U);
  EXPECT_EQ(numbers_from(hub, page.next), (Numbers{3}));
  EXPECT_EQ(numbers_from(hub, hub.end()), Numbers{});
}

TEST(EventHub, GoesOnAfterANumberThatWasSeen) {
  EventHub hub;
  publish(hub, {5, 6, 0, 7});
  for (const auto& [seen, left] :
       {std::pair<std::int64_t, Numbers>{4, {5, 6, 0, 7}}, {5, {6, 0, 7}}, {6, {0, 7}}, {7, {}}, {99, {}}}) {
    const auto place = hub.place_after(seen);
    ASSERT_TRUE(place) << seen;
    EXPECT_EQ(numbers_from(hub, *place), left) << "after " << seen;
  }
  EXPECT_FALSE(hub.place_after(3)) << "4 is in the store and not in the ring";
  EXPECT_FALSE(hub.place_after(0));
}

TEST(EventHub, KnowsNothingOfTheStoreBeforeItHasToldAnything) {
  EventHub hub;
  EXPECT_FALSE(hub.place_after(0));
  publish(hub, {0, 0});
  EXPECT_FALSE(hub.place_after(0));
  EXPECT_FALSE(hub.place_after(12));
}

TEST(EventHub, SaysWhatItHasNoMore) {
  EventHub hub(3);
  publish(hub, {1, 2, 3, 4, 5});
  EXPECT_EQ(numbers_from(hub, 0), (Numbers{3, 4, 5}));
  EXPECT_TRUE(hub.read(1, 10).missed);
  EXPECT_FALSE(hub.read(2, 10).missed);
  EXPECT_FALSE(hub.place_after(1)) << "2 has left the ring";
  ASSERT_TRUE(hub.place_after(2));
  EXPECT_EQ(numbers_from(hub, *hub.place_after(2)), (Numbers{3, 4, 5}));
  // Progress drives out all that has a number.
  publish(hub, {0, 0, 0});
  EXPECT_FALSE(hub.place_after(4));
  ASSERT_TRUE(hub.place_after(5));
  publish(hub, {6});
  EXPECT_EQ(numbers_from(hub, *hub.place_after(5)).back(), 6);
}

TEST(EventHub, TellsAfterEachPublish) {
  EventHub hub;
  int told = 0;
  hub.on_publish([&] { ++told; });
  publish(hub, {1, 2});
  publish(hub, {});
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace pawl::loop
