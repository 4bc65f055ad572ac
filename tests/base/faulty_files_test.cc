// The fault-injecting file system itself: every other room's crash tests lean on it.
#include "support/faulty_files.h"

#include <gtest/gtest.h>

#include <set>

#include "support/test_files.h"

namespace pawl::test {
namespace {

class CrashingFileSystemTest : public testing::Test {
 protected:
  TempFolder folder;
  RealFileSystem real;
  CrashingFileSystem files{real, folder.path()};
  std::string left(const std::string& name) { return real.read(folder / name).value_or("(gone)"); }
};

TEST_F(CrashingFileSystemTest, SyncedFileWithSyncedNameSurvives) {
  ASSERT_TRUE(files.write(folder / "a", "whole"));
  ASSERT_TRUE(files.sync(folder / "a"));
  ASSERT_TRUE(files.sync(folder.path()));
  files.apply_power_loss(1);
  EXPECT_EQ(left("a"), "whole");
}

TEST_F(CrashingFileSystemTest, FileWithoutItsNameSyncedIsGoneOrThere) {
  for (const UnsyncedNames names : {UnsyncedNames::dropped, UnsyncedNames::kept}) {
    ASSERT_TRUE(files.write(folder / "a", "whole"));
    ASSERT_TRUE(files.sync(folder / "a"));
    files.apply_power_loss(1, names);
    EXPECT_EQ(left("a"), names == UnsyncedNames::kept ? "whole" : "(gone)");
  }
}

TEST_F(CrashingFileSystemTest, UnsyncedContentIsEmptyOrHalf) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    ASSERT_TRUE(files.write(folder / "a", "12345678"));
    ASSERT_TRUE(files.sync(folder.path()));
    files.apply_power_loss(seed);
    seen.insert(left("a"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"", "1234"}));
}

TEST_F(CrashingFileSystemTest, OverwritingInPlaceIsNotSafe) {
  write_file(folder / "a", "old and there before");
  ASSERT_TRUE(files.write(folder / "a", "new"));
  files.apply_power_loss(1);
  EXPECT_NE(left("a"), "old and there before");
  EXPECT_NE(left("a"), "new");
}

TEST_F(CrashingFileSystemTest, RenameWithoutSyncingTheContentFirstIsCaught) {
  write_file(folder / "a", "old");
  ASSERT_TRUE(files.write(folder / "t", "newest"));
  ASSERT_TRUE(files.rename(folder / "t", folder / "a"));
  ASSERT_TRUE(files.sync(folder.path()));
  files.apply_power_loss(1);
  EXPECT_TRUE(left("a").empty() || left("a") == "new") << left("a");
}

TEST_F(CrashingFileSystemTest, UnsyncedRenameIsUndone) {
  write_file(folder / "a", "old");
  ASSERT_TRUE(files.write(folder / "t", "new"));
  ASSERT_TRUE(files.sync(folder / "t"));
  ASSERT_TRUE(files.sync(folder.path()));
  ASSERT_TRUE(files.rename(folder / "t", folder / "a"));
  EXPECT_EQ(left("a"), "new");
  files.apply_power_loss(1);
  EXPECT_EQ(left("a"), "old");
  EXPECT_EQ(left("t"), "new");
}

TEST_F(CrashingFileSystemTest, UnsyncedRemovalComesBack) {
  ASSERT_TRUE(real.make_folders(folder / "versions/v1"));
  write_file(folder / "versions/v1/model", "bytes");
  ASSERT_TRUE(files.remove_all(folder / "versions/v1"));
  EXPECT_FALSE(real.exists(folder / "versions/v1"));
  files.apply_power_loss(1);
  EXPECT_EQ(left("versions/v1/model"), "bytes");

  ASSERT_TRUE(files.remove_all(folder / "versions/v1"));
  ASSERT_TRUE(files.sync(folder / "versions"));
  files.apply_power_loss(1);
  EXPECT_FALSE(real.exists(folder / "versions/v1"));
  EXPECT_TRUE(real.exists(folder / "versions"));
}

TEST_F(CrashingFileSystemTest, FolderVanishesUnlessItsParentIsSynced) {
  ASSERT_TRUE(files.make_folders(folder / "a/b"));
  ASSERT_TRUE(files.write(folder / "a/b/f", "x"));
  ASSERT_TRUE(files.sync(folder / "a/b/f"));
  ASSERT_TRUE(files.sync(folder / "a/b"));
  ASSERT_TRUE(files.sync(folder.path()));
  files.apply_power_loss(1);
  EXPECT_TRUE(real.exists(folder / "a"));
  EXPECT_FALSE(real.exists(folder / "a/b")) << "a was synced never";
}

TEST_F(CrashingFileSystemTest, MovedFolderTakesItsContentAlong) {
  ASSERT_TRUE(files.make_folders(folder / "staged"));
  ASSERT_TRUE(files.write(folder / "staged/model", "bytes"));
  ASSERT_TRUE(files.sync(folder / "staged/model"));
  ASSERT_TRUE(files.sync(folder / "staged"));
  ASSERT_TRUE(files.rename(folder / "staged", folder / "v1"));
  ASSERT_TRUE(files.sync(folder.path()));
  files.apply_power_loss(1);
  EXPECT_EQ(left("v1/model"), "bytes");
  EXPECT_FALSE(real.exists(folder / "staged"));
}

TEST_F(CrashingFileSystemTest, TheNthCallFailsAndTheNextWorks) {
  files.fail_call(2);
  EXPECT_TRUE(files.write(folder / "a", "1"));
  const Status second = files.write(folder / "b", "1234");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::io);
  EXPECT_EQ(left("b"), "12") << "a full disk leaves a part";
  EXPECT_TRUE(files.write(folder / "c", "3"));
  EXPECT_EQ(files.calls(), 3);
}

TEST_F(CrashingFileSystemTest, WithoutPowerNothingAnswersUntilItIsBack) {
  write_file(folder / "before", "x");
  files.lose_power_at(2);
  EXPECT_TRUE(files.write(folder / "a", "1"));
  EXPECT_FALSE(files.power_is_lost());
  EXPECT_FALSE(files.sync(folder / "a"));
  EXPECT_TRUE(files.power_is_lost());
  EXPECT_FALSE(files.write(folder / "b", "1"));
  EXPECT_FALSE(files.rename(folder / "a", folder / "c"));
  EXPECT_FALSE(files.make_folders(folder / "d"));
  EXPECT_FALSE(files.remove_all(folder / "before"));
  EXPECT_FALSE(files.read(folder / "before"));
  EXPECT_FALSE(files.exists(folder / "before"));
  EXPECT_TRUE(files.list(folder.path()).empty());
  files.apply_power_loss(1);
  EXPECT_EQ(files.list(folder.path()), std::vector<std::string>{"before"});
  EXPECT_TRUE(files.write(folder / "b", "1"));
}

}  // namespace
}  // namespace pawl::test
