// The file: how it is opened, migrated, refused.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <memory>

#include "store/backends/sqlite_migrations.h"
#include "store/store.h"
#include "support/test_files.h"

namespace pawl::store {
namespace {

using sqlite::Connection;
using sqlite::Migration;

SqliteOptions at(const Path& file) {
  return {.file = file, .vfs = "", .read_only = false};
}

std::unique_ptr<Connection> connect(const Path& file) {
  return Connection::open(file, "", false).value();
}

TEST(SqliteFile, SurvivesClosingAndIsFoundAgain) {
  test::TempFolder folder;
  {
    auto store = open_sqlite(at(folder / "pawl.db")).value();
    ASSERT_TRUE(store->set_meta("recipe", "crypto"));
    // 7 rows of an unfinished group: closing ends it.
    for (int i = 0; i < 7; ++i) {
      ASSERT_TRUE(store->events().append({.known_at = i, .kind = "bar", .line = "X", .payload = "{}"}));
    }
  }
  auto store = open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = true}).value();
  EXPECT_EQ(store->meta("recipe").value(), "crypto");
  EXPECT_EQ(store->events().last_seq().value(), 7);
  const Status refused = store->set_meta("recipe", "other");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
}

TEST(SqliteFile, ReadersSeeAGroupOnceItIsFlushed) {
  test::TempFolder folder;
  auto writer = open_sqlite(at(folder / "pawl.db")).value();
  auto reader = open_sqlite(at(folder / "pawl.db")).value();
  ASSERT_TRUE(writer->events().append({.known_at = 1, .kind = "bar", .line = "X", .payload = "{}"}));
  EXPECT_EQ(writer->events().last_seq().value(), 1);
  EXPECT_EQ(reader->events().last_seq().value(), 0);
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(reader->events().last_seq().value(), 1);
}

TEST(SqliteFile, WhatIsNoDatabaseIsRefusedAndLeftAlone) {
  test::TempFolder folder;
  const std::string text(5000, 'x');
  test::write_file(folder / "notes.txt", text);
  const auto refused = open_sqlite(at(folder / "notes.txt"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_NE(refused.error().message.find("notes.txt"), std::string::npos);
  EXPECT_EQ(test::read_file(folder / "notes.txt"), text);
}

TEST(SqliteFile, AStrangersDatabaseIsRefusedAndLeftAlone) {
  test::TempFolder folder;
  ASSERT_TRUE(connect(folder / "theirs.db")->execute("CREATE TABLE recipes (name TEXT)"));
  const std::string before = test::read_file(folder / "theirs.db");
  const auto refused = open_sqlite(at(folder / "theirs.db"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_EQ(test::read_file(folder / "theirs.db"), before);
}

TEST(SqliteFile, ANewerSchemaIsRefused) {
  test::TempFolder folder;
  ASSERT_TRUE(open_sqlite(at(folder / "pawl.db")));
  ASSERT_TRUE(connect(folder / "pawl.db")->execute("PRAGMA user_version=999"));
  const auto refused = open_sqlite(at(folder / "pawl.db"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("999"), std::string::npos);
}

TEST(SqliteFile, AMissingFileIsNotMadeByReading) {
  test::TempFolder folder;
  const auto refused = open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  const auto no_folder = open_sqlite(at(folder / "nowhere" / "pawl.db"));
  ASSERT_FALSE(no_folder);
  EXPECT_EQ(no_folder.error().code, ErrorCode::io);
}

TEST(SqliteFile, AHeldDatabaseIsReportedAsSuch) {
  test::TempFolder folder;
  ASSERT_TRUE(open_sqlite(at(folder / "pawl.db")));
  const auto holder = connect(folder / "pawl.db");
  ASSERT_TRUE(holder->execute("BEGIN IMMEDIATE"));
  const auto waiting = connect(folder / "pawl.db");
  sqlite3_busy_timeout(waiting->handle(), 1);
  const Status refused = waiting->execute("BEGIN IMMEDIATE");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  EXPECT_NE(refused.error().message.find("another process"), std::string::npos);
}

constexpr std::array kOneStep = {Migration{1, "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (41)"}};
constexpr std::array kTwoSteps = {kOneStep[0],
                                  Migration{2, "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET x = x + 1"}};
constexpr std::array kBrokenStep = {kTwoSteps[0], kTwoSteps[1],
                                    Migration{3, "UPDATE a SET x = 0; SELECT nonsense FROM nowhere"}};

TEST(Migrations, RunInOrderAndLeaveACopyOfWhatWas) {
  test::TempFolder folder;
  const Path file = folder / "pawl.db";
  ASSERT_TRUE(sqlite::migrate(*connect(file), kOneStep));
  EXPECT_FALSE(std::filesystem::exists(folder / "pawl.db.backup-v0")) << "an empty file needs no copy";
  ASSERT_TRUE(sqlite::migrate(*connect(file), kTwoSteps));

  const auto now = connect(file);
  EXPECT_EQ(now->integer("PRAGMA user_version").value(), 2);
  EXPECT_EQ(now->integer("SELECT x FROM a").value(), 42);
  const auto before = connect(folder / "pawl.db.backup-v1");
  EXPECT_EQ(before->integer("PRAGMA user_version").value(), 1);
  EXPECT_EQ(before->integer("SELECT x FROM a").value(), 41);
  ASSERT_TRUE(sqlite::migrate(*before, kOneStep)) << "the copy is a database of pawl's";
  EXPECT_FALSE(sqlite::migrate(*now, kOneStep)) << "an older binary must not touch the newer file";
}

TEST(Migrations, AFailedStepChangesNothing) {
  test::TempFolder folder;
  const auto db = connect(folder / "pawl.db");
  ASSERT_TRUE(sqlite::migrate(*db, kOneStep));
  const Status failed = sqlite::migrate(*db, kBrokenStep);
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("migration 3"), std::string::npos) << failed.error().message;
  EXPECT_EQ(db->integer("PRAGMA user_version").value(), 1);
  EXPECT_EQ(db->integer("SELECT x FROM a").value(), 41);
}

TEST(Migrations, AreNumberedFromOneWithoutHoles) {
  int expected = 1;
  for (const Migration& step : sqlite::migrations()) EXPECT_EQ(step.version, expected++);
}

}  // namespace
}  // namespace pawl::store
