// Files that a command writes piece by piece, and what is asked of them before it begins.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"
#include "domain/event.h"

namespace pawl::app {

// That `file`, given by `flag`, can be written, before anything else is changed on the disk. Its folder must
// be there, or be `folder_to_come`, which the command itself makes. Empty and "-" (stdout) are fine.
Status expect_writable(std::string_view flag, const std::string& file, const std::string& folder_to_come);

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, FileCloser>;

// The event stream as it grows, one line an event, for whoever follows it. In this order: open, begin, write,
// close. Errors of writing are kept until the end: an observer cannot fail.
class EventFile {
 public:
  EventFile() = default;
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;
  ~EventFile();

  // An empty name is no file: the other calls then do nothing. What the file holds stays until begin(), so
  // that a run that cannot begin costs nothing; one whose folder is still to come is opened there.
  Status open(const std::string& file);
  Status begin();
  void write(const Event& event);
  Status close();

 private:
  Status open_now();
  OpenFile out_;
  std::string name_;
  bool made_ = false, begun_ = false, failed_ = false;
};

// A file that is there whole or not at all; an empty name or "-" is stdout.
class WholeFile {
 public:
  WholeFile() = default;
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  ~WholeFile();  // what was written without finish() is removed

  Status open(const std::string& file);
  Status write(std::string_view bytes);
  Status finish();

 private:
  std::FILE* stream() const { return out_ ? out_.get() : stdout; }
  std::unexpected<Error> failure() const;
  OpenFile out_;
  Path name_, temporary_;
};

}  // namespace pawl::app
