#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "support/faulty_files.h"
#include "support/test_files.h"

namespace pawl {
namespace {

using test::CrashingFileSystem;
using test::TempFolder;
using test::UnsyncedNames;

TEST(RealFileSystem, WritesReadsListsRenamesAndRemoves) {
  TempFolder folder;
  RealFileSystem files;
  ASSERT_TRUE(files.make_folders(folder / "a/b"));
  ASSERT_TRUE(files.make_folders(folder / "a/b")) << "there already is fine";
  const std::string bytes("zero \0 and more", 15);
  ASSERT_TRUE(files.write(folder / "a/b/two", bytes));
  ASSERT_TRUE(files.write(folder / "a/b/one", "longer than the next"));
  ASSERT_TRUE(files.write(folder / "a/b/one", "short"));
  ASSERT_TRUE(files.sync(folder / "a/b/one"));
  ASSERT_TRUE(files.sync(folder / "a/b"));
  EXPECT_EQ(files.read(folder / "a/b/two").value(), bytes);
  EXPECT_EQ(files.read(folder / "a/b/one").value(), "short");
  EXPECT_EQ(files.list(folder / "a/b"), (std::vector<std::string>{"one", "two"}));
  ASSERT_TRUE(files.rename(folder / "a/b/one", folder / "a/b/two"));
  EXPECT_EQ(files.read(folder / "a/b/two").value(), "short");
  EXPECT_FALSE(files.exists(folder / "a/b/one"));
  ASSERT_TRUE(files.remove_all(folder / "a"));
  ASSERT_TRUE(files.remove_all(folder / "a")) << "gone already is fine";
  EXPECT_FALSE(files.exists(folder / "a"));
  EXPECT_TRUE(files.list(folder / "a").empty());
}

TEST(RealFileSystem, FailuresNameThePathTheReasonAndTheWayOut) {
  TempFolder folder;
  RealFileSystem files;
  const auto missing = files.read(folder / "gone");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_EQ(missing.error().message, "cannot read " + (folder / "gone").string() +
                                         ": No such file or directory; see that it and its folder exist");
  test::write_file(folder / "file", "x");
  EXPECT_NE(files.make_folders(folder / "file/inside").error().message.find("is a file"), std::string::npos);
  EXPECT_EQ(files.read(folder.path()).error().code, ErrorCode::io);
  EXPECT_FALSE(files.write(folder / "no/such", "x"));
  EXPECT_FALSE(files.sync(folder / "gone"));
  EXPECT_FALSE(files.rename(folder / "gone", folder / "other"));
}

TEST(WriteAtomic, ReplacesAndLeavesNothingBeside) {
  TempFolder folder;
  RealFileSystem files;
  ASSERT_TRUE(write_atomic(files, folder / "a", "old"));
  ASSERT_TRUE(write_atomic(files, folder / "a", "new"));
  EXPECT_EQ(test::read_file(folder / "a"), "new");
  EXPECT_EQ(files.list(folder.path()), std::vector<std::string>{"a"});
}

TEST(WriteAtomic, FailingAnywhereLeavesTheOldFileAndNoTemporary) {
  RealFileSystem real;
  for (int n = 1; n <= 4; ++n) {
    TempFolder folder;
    test::write_file(folder / "a", "old");
    CrashingFileSystem files(real, folder.path());
    files.fail_call(n);
    const Status status = write_atomic(files, folder / "a", "new");
    ASSERT_FALSE(status) << n;
    EXPECT_EQ(status.error().code, ErrorCode::io);
    // Only the last step, the sync of the folder, comes after the new file is in place.
    EXPECT_EQ(test::read_file(folder / "a"), n == 4 ? "new" : "old");
    EXPECT_EQ(real.list(folder.path()), std::vector<std::string>{"a"});
  }
}

TEST(WriteAtomic, PowerLossAtAnyCallLeavesOldOrNew) {
  RealFileSystem real;
  const std::string old_bytes(1000, 'o'), new_bytes(2000, 'n');
  for (const bool existed : {true, false}) {
    for (const UnsyncedNames names : {UnsyncedNames::dropped, UnsyncedNames::kept}) {
      for (std::uint64_t seed = 0; seed < 4; ++seed) {
        for (int n = 1; n <= 5; ++n) {
          TempFolder folder;
          if (existed) test::write_file(folder / "a", old_bytes);
          CrashingFileSystem files(real, folder.path());
          files.lose_power_at(n);
          const bool done = write_atomic(files, folder / "a", new_bytes).has_value();
          EXPECT_EQ(done, n == 5) << "four calls: write, sync, rename, sync of the folder";
          files.apply_power_loss(seed, names);
          const auto left = real.read(folder / "a");
          if (done) {
            EXPECT_EQ(left.value(), new_bytes) << "what was reported as written is there";
          } else if (existed) {
            ASSERT_TRUE(left);
            EXPECT_TRUE(*left == old_bytes || *left == new_bytes) << n;
          } else {
            EXPECT_TRUE(!left || *left == new_bytes) << n;
          }
        }
      }
    }
  }
}

TEST(WriteAtomic, ThreadsWritingOneFileNeverMix) {
  TempFolder folder;
  RealFileSystem files;
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'e'; ++c) {
    threads.emplace_back([&, c] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(write_atomic(files, folder / "f", std::string(5000, c)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string left = test::read_file(folder / "f");
  EXPECT_EQ(left, std::string(5000, left[0]));
}

TEST(WriteAtomicPrivate, LeavesAFileThatOnlyItsOwnerReads) {
  TempFolder folder;
  RealFileSystem files;
  test::write_file(folder / "f", "old, and for everybody");
  ASSERT_TRUE(write_atomic_private(files, folder / "f", "new"));
  EXPECT_EQ(test::read_file(folder / "f"), "new");
  EXPECT_EQ(std::filesystem::status(folder / "f").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(files.list(folder.path()), std::vector<std::string>{"f"}) << "no temporary file is left";
}

TEST(FolderLock, IsHeldByOneAndFreedAtTheEnd) {
  TempFolder folder;
  {
    auto lock = FolderLock::acquire(folder / "lock");
    ASSERT_TRUE(lock) << lock.error().message;
    const FolderLock moved = std::move(*lock);
    const auto second = FolderLock::acquire(folder / "lock");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos) << "names the holder";
    EXPECT_EQ(FolderLock::holder(folder / "lock").value(), std::to_string(getpid()));
  }
  EXPECT_EQ(FolderLock::holder(folder / "lock").value(), std::nullopt)
      << "a process that has ended holds nothing";
  EXPECT_EQ(FolderLock::holder(folder / "never").value(), std::nullopt);
  EXPECT_TRUE(FolderLock::acquire(folder / "lock"));
  EXPECT_FALSE(FolderLock::acquire(folder / "no/such/folder/lock"));
}

}  // namespace
}  // namespace pawl
