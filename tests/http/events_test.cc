// The event stream: from the store to the ring, without a hole or a double.
#include "http/routes/events.h"

#include <gtest/gtest.h>

#include "api_rig.h"
#include "base/random.h"
#include "support/walk_bars.h"

namespace pawl::http {
namespace {

// The numbers of events in a text of the wire.
std::vector<std::int64_t> ids_of(std::string_view text) {
  std::vector<std::int64_t> ids;
  for (std::size_t at = text.find("id: "); at != std::string_view::npos; at = text.find("\nid: ", at)) {
    at += text[at] == '\n' ? 5 : 4;
    ids.push_back(std::stoll(std::string(text.substr(at, text.find('\n', at) - at))));
  }
  return ids;
}

void expect_each_once(const std::vector<std::int64_t>& ids, std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> wanted;
  for (std::int64_t id = from; id <= to; ++id) wanted.push_back(id);
  EXPECT_EQ(ids, wanted);
}

TEST(Events, AreTheSameWhicheverWayTheyCome) {
  Random random(11);
  for (int round = 0; round < 40; ++round) {
    test::TempFolder folder;
    auto store = store::open_sqlite({.file = folder / "pawl.db"});
    ASSERT_TRUE(store.has_value());
    loop::EventHub hub(1 + static_cast<std::size_t>(random.uniform() * 20));
    const recipe::Recipe recipe = loop::rig_recipe();
    loop::WallTime time(WallClock(), 0, 0);
    serving::Board board(recipe.line_ids());
    loop::Live live(recipe, board, hub, time, {});
    loop::StatusBoard status;
    const WallClock clock;
    const Log log = Log::silent();
    const Context context{
        .recipe = recipe,
        .live = live,
        .board = board,
        .hub = hub,
        .status = status,
        .clock = clock,
        .log = log,
        .open_store =
            [&] { return store::open_sqlite({.file = folder / "pawl.db", .vfs = {}, .read_only = true}); },
        .data_folder = {},
        .program_version = {}};
    std::int64_t last = 0;
    const auto add = [&](int count, bool shown) {
      std::vector<Event> events;
      for (int i = 0; i < count; ++i) {
        Event event{.known_at = 1, .kind = "note", .line = {}, .payload = "{}"};
        last = *(*store)->events().append(event);
        event.ingest_seq = last;
        events.push_back(event);
        if (random.uniform() < 0.2) events.push_back({.kind = "progress", .payload = "{}"});
      }
      ASSERT_TRUE((*store)->flush().has_value());
      // A step that fails leaves events in the store that nobody is shown.
      if (shown) hub.publish(std::move(events));
    };
    add(static_cast<int>(random.uniform() * 30), random.uniform() < 0.7);
    const auto after = static_cast<std::int64_t>(random.uniform() * static_cast<double>(last));
    EventFeed feed(hub, std::make_shared<Readers>(context), after, {});
    std::string text;
    const auto poll = [&] {
      for (const std::string& one : feed.poll()) text += one;
    };
    for (int step = 0; step < 30; ++step) {
      if (random.uniform() < 0.6) poll();
      if (random.uniform() < 0.6) add(static_cast<int>(random.uniform() * 12), random.uniform() < 0.8);
    }
    add(1, true);
    for (int i = 0; i < 100; ++i) poll();
    expect_each_once(ids_of(text), after + 1, last);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Events, StreamOnFromWhereAClientLeftOff) {
  ApiRig rig(loop::rig_recipe(), {.ring = 16});
  const BarSeries bars = test::walk_bars(7, 200);
  rig.push(bars, 0, 60);
  const Json page = rig.get_json("/api/v1/events.json?limit=1000");
  const auto count = static_cast<std::int64_t>(page["items"].size());
  ASSERT_GT(count, 60);
  test::HttpClient client(rig.server->port());
  client.send(test::get_text("/api/v1/events", "Last-Event-ID: 5\r\n"));
  std::string text = client.read_until(fmt::format("id: {}\n", count));
  EXPECT_NE(text.find("Content-Type: text/event-stream"), std::string::npos);
  rig.push(bars, 60, 120);
  const Json rest = rig.get_json(fmt::format("/api/v1/events.json?limit=1000&after={}", count));
  const std::int64_t last = rest["items"].back()["seq"];
  text += client.read_until(fmt::format("id: {}\n", last));
  expect_each_once(ids_of(text), 6, last);
}

TEST(Events, BeginWithWhatIsNewAndAreChosenByKind) {
  ApiRig rig(loop::rig_recipe());
  const BarSeries bars = test::walk_bars(7, 60);
  rig.push(bars, 0, 40);
  test::HttpClient client(rig.server->port());
  client.send(test::get_text("/api/v1/events?kind=bar,prediction"));
  client.read_until("\r\n\r\n");
  rig.hub.publish({{.kind = "progress", .payload = R"({"run":1})"}});
  rig.push(bars, 40, 41);
  const std::string text = client.read_until("event: prediction\n");
  EXPECT_EQ(text.find("progress"), std::string::npos);
  EXPECT_NE(text.find("event: bar\ndata: {\"seq\":"), std::string::npos) << text;
  EXPECT_EQ(ids_of(text).size(), 2u);
  EXPECT_EQ(rig.get("/api/v1/events?after=never").status, 400);
  const Json page = rig.get_json("/api/v1/events.json?kind=bar&limit=3");
  EXPECT_EQ(page["next_cursor"], std::to_string(page["items"][2]["seq"].get<int>()));
}

}  // namespace
}  // namespace pawl::http
