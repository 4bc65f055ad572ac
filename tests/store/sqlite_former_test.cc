// A store of a former pawl becomes one of today's, with a copy of what it was; and what only something else
// could have written is told.
#include <gtest/gtest.h>

#include <vector>

#include "store/backends/sqlite_migrations.h"
#include "store/store.h"
#include "support/test_files.h"

namespace pawl::store {
namespace {

SqliteOptions at(const Path& file) {
  return {.file = file, .vfs = "", .read_only = false};
}

constexpr const char* kBarOfFormer =
    "INSERT INTO bars (symbol, timeframe_min, open_time, revision, close_time, open, high, low, close, "
    "volume, "
    "known_at) VALUES ('SPY', 60, 0, 0, 3600000, 10, 11, 9, 10, 5, 3600000)";

TEST(FormerStore, OfTheFirstSchemaKeepsItsRowsAndGainsTradesAndJoinedValues) {
  test::TempFolder folder;
  const Path file = folder / "pawl.db";
  {
    const auto db = sqlite::Connection::open(file, "", false).value();
    ASSERT_TRUE(sqlite::migrate(*db, sqlite::migrations().first(1)));
    ASSERT_TRUE(db->execute(kBarOfFormer));
    ASSERT_TRUE(
        db->execute("INSERT INTO events (known_at, kind, line, payload) VALUES (1, 'bar', 'X', '{}')"));
  }
  const auto store = open_sqlite(at(file)).value();
  EXPECT_TRUE(std::filesystem::exists(folder / "pawl.db.backup-v1"));
  const auto bars = store->bars().read("SPY", kH1, 0, kDayMs, BarStore::Revision::first).value();
  ASSERT_EQ(bars.size(), 1u);
  EXPECT_EQ(bars.close(0), 10);
  EXPECT_EQ(bars.joined_columns(), 0u);
  EXPECT_EQ(store->events().last_seq().value(), 1);

  Trade trade;
  trade.line = "tf/EUR_USD";
  trade.signal = {.id = "first"};
  EXPECT_EQ(store->trades().open(trade).value(), 1);
  const std::vector<double> joined = {1.5};
  const Bar bar{
      .open_time = 0, .close_time = kHourMs, .open = 1, .high = 1, .low = 1, .close = 1, .volume = 0};
  EXPECT_TRUE(store->bars().append_joined("QQQ", kH1, bar, joined, 0));
}

TEST(FormerStore, AFileWhoseBarsDifferInTheirJoinedValuesIsCorrupt) {
  for (const std::string_view second : {"x'0000000000000000'", "x'00'"}) {
    test::TempFolder folder;
    ASSERT_TRUE(open_sqlite(at(folder / "pawl.db")));
    const auto db = sqlite::Connection::open(folder / "pawl.db", "", false).value();
    ASSERT_TRUE(db->execute(kBarOfFormer));
    ASSERT_TRUE(
        db->execute(fmt::format("INSERT INTO bars SELECT symbol, timeframe_min, 3600000, 0, 7200000, open, "
                                "high, low, close, volume, 7200000, {} FROM bars",
                                second)));
    const auto store = open_sqlite(at(folder / "pawl.db")).value();
    const auto read = store->bars().read("SPY", kH1, 0, kDayMs, BarStore::Revision::first);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_NE(read.error().message.find("joined"), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace pawl::store
