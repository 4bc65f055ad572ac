#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace pawl {
namespace {

namespace fs = std::filesystem;

// An open file descriptor, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

int open_retrying(const Path& path, int flags, mode_t mode = 0) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

std::string_view what_to_do(int error) {
  switch (error) {
    case ENOENT:
      return "; see that it and its folder exist";
    case EACCES:
    case EPERM:
      return "; give this user the right to it";
    case EROFS:
      return "; the disk is mounted read-only, choose another folder";
    case ENOSPC:
    case EDQUOT:
      return "; free some space on that disk";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    case EISDIR:
      return "; name a file, not a folder";
    case ENOTDIR:
      return "; a part of the path is a file, not a folder";
    case EIO:
      return "; the disk reports damage, see the system's log";
    default:
      return "";
  }
}

std::unexpected<Error> system_failure(std::string_view doing, const Path& path, int error) {
  const ErrorCode code = error == ENOENT ? ErrorCode::not_found : ErrorCode::io;
  return fail(code, "cannot {} {}: {}{}", doing, path.string(), std::generic_category().message(error),
              what_to_do(error));
}

std::unexpected<Error> shorter(const Path& file, std::uint64_t kept) {
  return fail(ErrorCode::conflict, "{} is shorter than the {} bytes that were written to it; who cut it?",
              file.string(), kept);
}

Status write_and_close(Descriptor& out, const Path& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(out.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write", file, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  // Network file systems report a full disk only here.
  if (::close(out.release()) != 0 && errno != EINTR) return system_failure("write", file, errno);
  return {};
}

// What is written behind the end is cut off by the next append, so nothing stays torn.
class PlainAppender final : public Appender {
 public:
  PlainAppender(FileSystem& files, Path file, std::uint64_t size)
      : files_(files), file_(std::move(file)), size_(size) {}
  Status append(std::string_view bytes) override {
    if (Status appended = files_.append(file_, size_, bytes); !appended) return appended;
    size_ += bytes.size();
    return {};
  }
  std::uint64_t size() const override { return size_; }
  bool torn() const override { return false; }

 private:
  FileSystem& files_;
  const Path file_;
  std::uint64_t size_;
};

class OpenAppender final : public Appender {
 public:
  OpenAppender(int descriptor, Path file, std::uint64_t size)
      : out_(descriptor), file_(std::move(file)), size_(size) {}
  Status append(std::string_view bytes) override;
  std::uint64_t size() const override { return size_; }
  bool torn() const override { return torn_; }

 private:
  Descriptor out_;
  const Path file_;
  std::uint64_t size_;
  bool torn_ = false;
};

Status OpenAppender::append(std::string_view bytes) {
  if (torn_)
    return fail(ErrorCode::io, "{} ends with half a record; nothing more is written to it", file_.string());
  std::string_view left = bytes;
  while (!left.empty()) {
    const ssize_t written = ::write(out_.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      torn_ = left.size() < bytes.size() && ::ftruncate(out_.get(), static_cast<off_t>(size_)) != 0;
      return system_failure("write", file_, error);
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  size_ += bytes.size();
  return {};
}

}  // namespace

Result<std::unique_ptr<Appender>> FileSystem::open_append(const Path& file) {
  std::uint64_t present = 0;
  if (exists(file)) {
    auto found = size(file);
    if (!found) return propagate(found);
    present = *found;
  }
  return std::make_unique<PlainAppender>(*this, file, present);
}

Result<std::unique_ptr<Appender>> RealFileSystem::open_append(const Path& file) {
  Descriptor out(open_retrying(file, O_WRONLY | O_CREAT | O_APPEND, 0644));
  if (!out.is_open()) return system_failure("write", file, errno);
  struct stat status{};
  if (::fstat(out.get(), &status) != 0) return system_failure("write", file, errno);
  return std::make_unique<OpenAppender>(out.release(), file, static_cast<std::uint64_t>(status.st_size));
}

Status FileSystem::append(const Path& file, std::uint64_t kept, std::string_view bytes) {
  auto content = kept == 0 ? Result<std::string>(std::string()) : read(file);
  if (!content) return propagate(content);
  if (content->size() < kept) return shorter(file, kept);
  content->resize(kept);
  *content += bytes;
  return write(file, *content);
}

Result<std::uint64_t> FileSystem::size(const Path& file) const {
  auto content = read(file);
  if (!content) return propagate(content);
  return content->size();
}

Status RealFileSystem::write(const Path& file, std::string_view bytes) {
  Descriptor out(open_retrying(file, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  if (!out.is_open()) return system_failure("write", file, errno);
  return write_and_close(out, file, bytes);
}

Status FileSystem::write_private(const Path& file, std::string_view bytes) {
  return write(file, bytes);
}

Status RealFileSystem::write_private(const Path& file, std::string_view bytes) {
  constexpr mode_t kOwnerOnly = 0600;
  Descriptor out(open_retrying(file, O_WRONLY | O_CREAT | O_TRUNC, kOwnerOnly));
  if (!out.is_open()) return system_failure("write", file, errno);
  // Of a file that was there, too.
  if (::fchmod(out.get(), kOwnerOnly) != 0) return system_failure("make private", file, errno);
  return write_and_close(out, file, bytes);
}

Status RealFileSystem::append(const Path& file, std::uint64_t kept, std::string_view bytes) {
  Descriptor out(open_retrying(file, kept == 0 ? O_WRONLY | O_CREAT : O_WRONLY, 0644));
  if (!out.is_open()) return system_failure("write", file, errno);
  struct stat status{};
  if (::fstat(out.get(), &status) != 0) return system_failure("write", file, errno);
  if (std::cmp_less(status.st_size, kept)) return shorter(file, kept);
  if (std::cmp_greater(status.st_size, kept) && ::ftruncate(out.get(), static_cast<off_t>(kept)) != 0) {
    return system_failure("cut", file, errno);
  }
  if (::lseek(out.get(), 0, SEEK_END) < 0) return system_failure("write", file, errno);
  return write_and_close(out, file, bytes);
}

Result<std::uint64_t> RealFileSystem::size(const Path& file) const {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return system_failure("read", file, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Status RealFileSystem::link(const Path& target, const Path& name) {
  std::error_code error;
  const fs::file_status there = fs::symlink_status(name, error);
  if (fs::exists(there) && !fs::is_symlink(there)) {
    return fail(ErrorCode::conflict, "{} is a file of somebody's, not a link; move it out of the way",
                name.string());
  }
  if (target.empty()) return remove_all(name);
  const Path temporary =
      name.parent_path() / fmt::format(".{}.{}-{}.tmp", name.filename().string(), ::getpid(), ::gettid());
  if (Status removed = remove_all(temporary); !removed) return removed;
  if (::symlink(target.c_str(), temporary.c_str()) != 0) return system_failure("link", temporary, errno);
  return rename(temporary, name);
}

Status RealFileSystem::sync(const Path& file_or_folder) {
  const Descriptor target(open_retrying(file_or_folder, O_RDONLY));
  if (!target.is_open()) return system_failure("sync", file_or_folder, errno);
  while (::fsync(target.get()) != 0) {
    if (errno != EINTR) return system_failure("sync", file_or_folder, errno);
  }
  return {};
}

Status RealFileSystem::rename(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    return system_failure(fmt::format("rename {} to", from.string()), to, error);
  }
  return {};
}

Status RealFileSystem::make_folders(const Path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return system_failure("make the folder", folder, error.value());
  return {};
}

Status RealFileSystem::remove_all(const Path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return system_failure("remove", path, error.value());
  return {};
}

Result<std::string> RealFileSystem::read(const Path& file) const {
  const Descriptor in(open_retrying(file, O_RDONLY));
  if (!in.is_open()) return system_failure("read", file, errno);
  struct stat status{};
  if (::fstat(in.get(), &status) != 0) return system_failure("read", file, errno);
  std::string bytes;
  if (S_ISREG(status.st_mode)) bytes.reserve(static_cast<std::size_t>(status.st_size));
  std::array<char, 1 << 16> buffer;
  while (true) {
    const ssize_t count = ::read(in.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("read", file, errno);
    if (count == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

bool RealFileSystem::exists(const Path& path) const {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<std::string> RealFileSystem::list(const Path& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

namespace {

using Writing = Status (FileSystem::*)(const Path&, std::string_view);

Status replace_file(FileSystem& files, const Path& file, std::string_view bytes, Writing writing) {
  const Path folder = file.has_parent_path() ? file.parent_path() : Path(".");
  // The name is this thread's own, so that two writers of one file never share a half-written one.
  const Path temporary =
      folder / fmt::format(".{}.{}-{}.tmp", file.filename().string(), ::getpid(), ::gettid());
  Status status = (files.*writing)(temporary, bytes);
  if (status) status = files.sync(temporary);
  if (status) status = files.rename(temporary, file);
  if (!status) {
    // What went wrong first is what is reported; a leftover is harmless and overwritten next time.
    static_cast<void>(files.remove_all(temporary));
    return status;
  }
  return files.sync(folder);
}

// What the process that holds a lock has written into its file.
std::string written_holder(int descriptor) {
  std::array<char, 32> holder{};
  const ssize_t length = ::pread(descriptor, holder.data(), holder.size(), 0);
  return length > 0 ? std::string(holder.data(), static_cast<std::size_t>(length)) : "unknown";
}

}  // namespace

Status write_atomic(FileSystem& files, const Path& file, std::string_view bytes) {
  return replace_file(files, file, bytes, &FileSystem::write);
}

Status write_atomic_private(FileSystem& files, const Path& file, std::string_view bytes) {
  return replace_file(files, file, bytes, &FileSystem::write_private);
}

Result<FolderLock> FolderLock::acquire(const Path& lock_file) {
  Descriptor file(open_retrying(lock_file, O_RDWR | O_CREAT, 0644));
  if (!file.is_open()) return system_failure("open the lock", lock_file, errno);
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_failure("lock", lock_file, errno);
    return fail(
        ErrorCode::conflict,
        "{} is locked by another running pawl (process {}); stop that one or choose another data folder",
        lock_file.string(), written_holder(file.get()));
  }
  // For the message above only: the lock itself is the kernel's and ends with the process.
  const std::string holder = fmt::format("{}", ::getpid());
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), holder.data(), holder.size(), 0) < 0) {
    return system_failure("write", lock_file, errno);
  }
  return FolderLock(file.release());
}

Result<std::optional<std::string>> FolderLock::holder(const Path& lock_file) {
  const Descriptor file(open_retrying(lock_file, O_RDONLY));
  if (!file.is_open() && errno == ENOENT) return std::optional<std::string>();
  if (!file.is_open()) return system_failure("open the lock", lock_file, errno);
  while (::flock(file.get(), LOCK_SH | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return system_failure("look at the lock", lock_file, errno);
    return std::optional(written_holder(file.get()));
  }
  return std::optional<std::string>();
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pawl
