// A file system whose changes are counted together with those of SQLite (fault_steps.h). Wraps any other:
// over CrashingFileSystem it cuts the power, over the real one it kills the process.
#pragma once

#include "base/files.h"
#include "support/fault_steps.h"

namespace pawl::test {

class SteppedFileSystem final : public FileSystem {
 public:
  // Both outlive this.
  SteppedFileSystem(FileSystem& files, FaultSteps& steps) : files_(files), steps_(steps) {}

  Status write(const Path& file, std::string_view bytes) override {
    return steps_.allow() ? files_.write(file, bytes) : injected("write", file);
  }
  Status sync(const Path& path) override {
    return steps_.allow() ? files_.sync(path) : injected("sync", path);
  }
  Status rename(const Path& from, const Path& to) override {
    return steps_.allow() ? files_.rename(from, to) : injected("rename", from);
  }
  Status make_folders(const Path& folder) override {
    return steps_.allow() ? files_.make_folders(folder) : injected("make the folder", folder);
  }
  Status remove_all(const Path& path) override {
    return steps_.allow() ? files_.remove_all(path) : injected("remove", path);
  }
  Status link(const Path& target, const Path& name) override {
    return steps_.allow() ? files_.link(target, name) : injected("link", name);
  }
  Result<std::string> read(const Path& file) const override { return files_.read(file); }
  bool exists(const Path& path) const override { return files_.exists(path); }
  std::vector<std::string> list(const Path& folder) const override { return files_.list(folder); }

 private:
  static Status injected(std::string_view doing, const Path& path) {
    return fail(ErrorCode::io, "cannot {} {}: injected fault", doing, path.string());
  }
  FileSystem& files_;
  FaultSteps& steps_;
};

}  // namespace pawl::test
