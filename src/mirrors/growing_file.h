// A file that only grows, and whose length is remembered elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/files.h"

namespace pawl::mirrors {

class GrowingFile {
 public:
  // `name` is relative to `folder` and may be empty: then nothing is ever written. `header` is its first
  // line, with the newline.
  GrowingFile(FileSystem& files, const Path& folder, std::string name, std::string header)
      : files_(files), path_(folder / name), name_(std::move(name)), header_(std::move(header)) {}

  bool wanted() const { return !name_.empty(); }
  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

  // From now on it is `size` bytes long, as far as we are concerned.
  void resume_at(std::uint64_t size);
  // What is behind those goes. False where it is shorter, or gone.
  Result<bool> cut_to_size();
  // From its first line on. What is there keeps to be read under the name with ".old" behind it, where
  // `keep_former`: it is not of this store.
  Status restart(bool keep_former);
  void add(std::string_view bytes) {
    if (wanted()) pending_ += bytes;
  }
  // Writes what was added, durably.
  Status write();

 private:
  FileSystem& files_;
  Path path_;
  std::string name_, header_, pending_;
  std::uint64_t size_ = 0;
};

}  // namespace pawl::mirrors
