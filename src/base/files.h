// The file system behind one seam, so that a test can drop unsynced writes or fail the Nth call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl {

using Path = std::filesystem::path;

// A file that grows by whole records. One thread at a time.
class Appender {
 public:
  virtual ~Appender() = default;
  // Behind what is there, with one call of the system where that takes it all. Not yet durable, but it
  // survives the death of the process. Where it fails, nothing of it is left in the file, unless torn().
  virtual Status append(std::string_view bytes) = 0;
  // Of the file, as far as it was written here or found.
  virtual std::uint64_t size() const = 0;
  // A record was cut short and could not be taken back: the file stays as it is, and every append fails.
  virtual bool torn() const = 0;
};

// The calls that change what is on disk, one by one, and those that read it. Safe from any thread.
// Durable is what was written, fsynced, and whose directory entry was fsynced after it.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // Creates or truncates the file and writes all bytes; not yet durable.
  virtual Status write(const Path& file, std::string_view bytes) = 0;
  // The same for a file that only this user may read (mode 0600), from the first byte on. What is not
  // overridden goes through write(), so that whoever counts or fails those has counted this.
  virtual Status write_private(const Path& file, std::string_view bytes);
  // Makes a file's content, or a directory's entries, durable.
  virtual Status sync(const Path& file_or_folder) = 0;
  // Replaces `to` in one step.
  virtual Status rename(const Path& from, const Path& to) = 0;
  virtual Status make_folders(const Path& folder) = 0;
  // Removes a file, a link or a whole folder; what is not there is fine.
  virtual Status remove_all(const Path& path) = 0;
  // Makes `name` a symbolic link to `target` (relative to the folder of `name`), replacing a link in one
  // step; an empty target takes the link away. conflict where `name` is anything but a link, which stays.
  virtual Status link(const Path& target, const Path& name) = 0;
  // Keeps the first `kept` bytes of a file, which may be missing where that is 0, and writes `bytes` behind
  // them; not yet durable. conflict where it is shorter. What is not overridden goes through read and write,
  // so that whoever counts or fails those has counted this.
  virtual Status append(const Path& file, std::uint64_t kept, std::string_view bytes);
  // Opens the file, or makes it. What is not overridden goes through append(), so that whoever counts or
  // fails that has counted this. The file system outlives what it gives.
  virtual Result<std::unique_ptr<Appender>> open_append(const Path& file);
  virtual Result<std::string> read(const Path& file) const = 0;
  // In bytes; not_found where it is missing.
  virtual Result<std::uint64_t> size(const Path& file) const;
  virtual bool exists(const Path& path) const = 0;
  // Names in a folder, sorted; empty where the folder is missing.
  virtual std::vector<std::string> list(const Path& folder) const = 0;
};

// The operating system's.
class RealFileSystem final : public FileSystem {
 public:
  Status write(const Path& file, std::string_view bytes) override;
  Status write_private(const Path& file, std::string_view bytes) override;
  Status sync(const Path& file_or_folder) override;
  Status rename(const Path& from, const Path& to) override;
  Status make_folders(const Path& folder) override;
  Status remove_all(const Path& path) override;
  Status link(const Path& target, const Path& name) override;
  Status append(const Path& file, std::uint64_t kept, std::string_view bytes) override;
  Result<std::unique_ptr<Appender>> open_append(const Path& file) override;
  Result<std::string> read(const Path& file) const override;
  Result<std::uint64_t> size(const Path& file) const override;
  bool exists(const Path& path) const override;
  std::vector<std::string> list(const Path& folder) const override;
};

// Writes next to the file, fsyncs, renames over it, fsyncs the folder: afterwards the file holds the old
// or the new bytes, whole, whatever stopped in between.
Status write_atomic(FileSystem& files, const Path& file, std::string_view bytes);
// The same for a file that only this user may read.
Status write_atomic_private(FileSystem& files, const Path& file, std::string_view bytes);

// Held as long as the object lives: one process per data folder. conflict where another holds it.
class FolderLock {
 public:
  static Result<FolderLock> acquire(const Path& lock_file);
  // Who holds it now, as that process wrote it down ("1234", or "unknown"); nothing where it is free or there
  // is no such file. Only a look: by the time it is read, it may be another's.
  static Result<std::optional<std::string>> holder(const Path& lock_file);
  FolderLock(FolderLock&&) noexcept;
  FolderLock& operator=(FolderLock&&) noexcept;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace pawl
