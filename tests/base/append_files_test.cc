// Files that grow by whole records: a record is there as a whole, or not at all.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "base/files.h"
#include "support/faulty_files.h"
#include "support/test_files.h"

namespace pawl {
namespace {

using test::CrashingFileSystem;
using test::read_file;
using test::TempFolder;
using test::write_file;

// While it lives, no file of this process grows beyond so many bytes: the write that crosses it is short,
// and the next one fails, as on a disk that fills up.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(OpenAppend, MakesAFileAndGoesOnBehindItsEnd) {
  const TempFolder folder;
  RealFileSystem files;
  auto file = files.open_append(folder / "log");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->size(), 0u);
  EXPECT_TRUE((*file)->append("one\n"));
  EXPECT_TRUE((*file)->append("two\n"));
  file = files.open_append(folder / "log");
  EXPECT_EQ((*file)->size(), 8u);
  EXPECT_TRUE((*file)->append("three\n"));
  EXPECT_EQ((*file)->size(), 14u);
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\nthree\n");
}

TEST(OpenAppend, FailuresSayWhatToDo) {
  const TempFolder folder;
  RealFileSystem files;
  const auto missing = files.open_append(folder / "no" / "log");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  auto full = files.open_append("/dev/full");
  ASSERT_TRUE(full) << full.error().message;
  const Status written = (*full)->append("one\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::io);
  EXPECT_NE(written.error().message.find("free some space"), std::string::npos) << written.error().message;
  EXPECT_EQ((*full)->size(), 0u);
  EXPECT_FALSE((*full)->torn()) << "nothing of it was written";
}

TEST(OpenAppend, AShortWriteIsTakenBack) {
  const TempFolder folder;
  RealFileSystem files;
  auto file = files.open_append(folder / "log");
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->append("first\n"));
  {
    const FileSizeLimit limit(10);
    EXPECT_FALSE((*file)->append("second, and longer\n"));
  }
  EXPECT_FALSE((*file)->torn());
  EXPECT_EQ((*file)->size(), 6u);
  EXPECT_EQ(read_file(folder / "log"), "first\n");
  EXPECT_TRUE((*file)->append("third\n"));
  EXPECT_EQ(read_file(folder / "log"), "first\nthird\n");
}

// What a fake does with append() happens to open_append() as well.
TEST(OpenAppend, GoesThroughAppendWhereAFileSystemHasNoneOfItsOwn) {
  const TempFolder folder;
  RealFileSystem real;
  CrashingFileSystem files(real, folder.path());
  write_file(folder / "log", "there\n");
  auto file = files.open_append(folder / "log");
  ASSERT_TRUE(file);
  files.fail_call(1);
  EXPECT_FALSE((*file)->append("one\n"));
  EXPECT_EQ((*file)->size(), 6u);
  EXPECT_EQ(files.calls(), 1);
}

}  // namespace
}  // namespace pawl
