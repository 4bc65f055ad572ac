// What files that grow and links that move ask of the file system.
#include <gtest/gtest.h>

#include "base/files.h"
#include "support/faulty_files.h"
#include "support/test_files.h"

namespace pawl {
namespace {

using test::CrashingFileSystem;
using test::read_file;
using test::TempFolder;
using test::write_file;

// The operating system's own way, and the one through read and write that every wrapper has.
class Append : public testing::TestWithParam<bool> {
 protected:
  FileSystem& files() { return GetParam() ? static_cast<FileSystem&>(real_) : wrapped_; }
  TempFolder folder_;

 private:
  RealFileSystem real_;
  CrashingFileSystem wrapped_{real_, folder_.path()};
};

TEST_P(Append, KeepsTheBeginningAndDropsWhatCameBehindIt) {
  const Path file = folder_ / "log";
  ASSERT_TRUE(files().append(file, 0, "one\n")) << "made where it is missing";
  ASSERT_TRUE(files().append(file, 4, "two\nthr"));
  EXPECT_EQ(files().size(file).value(), 11u);
  ASSERT_TRUE(files().append(file, 8, "three\n")) << "the half-written line goes";
  EXPECT_EQ(read_file(file), "one\ntwo\nthree\n");
  ASSERT_TRUE(files().append(file, 4, ""));
  EXPECT_EQ(read_file(file), "one\n");
  ASSERT_TRUE(files().append(file, 0, "new\n"));
  EXPECT_EQ(read_file(file), "new\n");
}

TEST_P(Append, RefusesAFileThatSomebodyCut) {
  const Path file = folder_ / "log";
  write_file(file, "one\n");
  const Status appended = files().append(file, 5, "two\n");
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, ErrorCode::conflict);
  EXPECT_EQ(read_file(file), "one\n");
  EXPECT_EQ(files().append(folder_ / "gone", 5, "").error().code, ErrorCode::not_found);
  EXPECT_EQ(files().size(folder_ / "gone").error().code, ErrorCode::not_found);
}

INSTANTIATE_TEST_SUITE_P(Both, Append, testing::Bool());

TEST(Link, MovesInOneStepAndSparesWhatIsNoLink) {
  TempFolder folder;
  RealFileSystem files;
  ASSERT_TRUE(files.make_folders(folder / "models"));
  write_file(folder / "one", "1");
  write_file(folder / "two", "2");
  const Path name = folder / "models/prod";
  ASSERT_TRUE(files.link("../one", name));
  EXPECT_EQ(read_file(name), "1");
  ASSERT_TRUE(files.link("../two", name));
  EXPECT_EQ(read_file(name), "2");
  EXPECT_EQ(files.list(folder / "models"), std::vector<std::string>{"prod"}) << "nothing is left beside it";
  ASSERT_TRUE(files.remove_all(folder / "two"));
  ASSERT_TRUE(files.link("../one", name)) << "a link that leads nowhere is a link";
  ASSERT_TRUE(files.link("", name));
  EXPECT_FALSE(files.exists(name));
  EXPECT_EQ(read_file(folder / "one"), "1") << "the link goes, not what it led to";
  ASSERT_TRUE(files.link("", name)) << "gone already is fine";

  write_file(name, "a model of somebody's own");
  const Status linked = files.link("../one", name);
  ASSERT_FALSE(linked);
  EXPECT_EQ(linked.error().code, ErrorCode::conflict);
  EXPECT_EQ(files.link("", name).error().code, ErrorCode::conflict);
  EXPECT_EQ(read_file(name), "a model of somebody's own");
}

}  // namespace
}  // namespace pawl
