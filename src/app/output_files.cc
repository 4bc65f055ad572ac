#include "app/output_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pawl::app {

namespace {

Path folder_of(const Path& file) {
  return file.has_parent_path() ? file.parent_path() : Path(".");
}

bool is_folder(const Path& path) {
  std::error_code unknown;
  return std::filesystem::is_directory(path, unknown);
}

bool same_folder(const Path& a, const Path& b) {
  const auto plain = [](const Path& path) { return (path / "").lexically_normal(); };
  return plain(a) == plain(b);
}

}  // namespace

Status expect_writable(std::string_view flag, const std::string& file, const std::string& folder_to_come) {
  if (file.empty() || file == "-") return {};
  const Path folder = folder_of(file);
  if (is_folder(file)) return fail(ErrorCode::io, "{} {}: that is a folder; name a file", flag, file);
  if (is_folder(folder)) {
    // A device or a pipe may be written although nothing new may be made beside it.
    if (access(folder.c_str(), W_OK) == 0 || access(file.c_str(), W_OK) == 0) return {};
    return fail(ErrorCode::io, "{} {}: nothing can be written to the folder {}; choose another", flag, file,
                folder.string());
  }
  if (!folder_to_come.empty() && same_folder(folder, folder_to_come)) return {};
  return fail(ErrorCode::io, "{} {}: there is no folder {}; make it first: mkdir -p {}", flag, file,
              folder.string(), folder.string());
}

EventFile::~EventFile() {
  if (out_ && made_ && !begun_) std::remove(name_.c_str());
}

Status EventFile::open(const std::string& file) {
  name_ = file;
  return name_.empty() || !is_folder(folder_of(name_)) ? Status() : open_now();
}

Status EventFile::open_now() {
  made_ = !RealFileSystem().exists(name_);
  out_.reset(std::fopen(name_.c_str(), "ab"));
  if (!out_) return fail(ErrorCode::io, "cannot write {}: {}", name_, std::strerror(errno));
  return {};
}

Status EventFile::begin() {
  if (name_.empty()) return {};
  if (!out_) {
    if (Status opened = open_now(); !opened) return opened;
  }
  begun_ = true;
  struct stat status{};
  const int descriptor = fileno(out_.get());
  // A pipe or a terminal has nothing to cut.
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(descriptor, 0) != 0) {
    return fail(ErrorCode::io, "cannot write {}: {}", name_, std::strerror(errno));
  }
  return {};
}

void EventFile::write(const Event& event) {
  if (!out_) return;
  const std::string line = to_ndjson(event) + "\n";
  failed_ = failed_ || std::fwrite(line.data(), 1, line.size(), out_.get()) != line.size();
}

Status EventFile::close() {
  if (!out_) return {};
  failed_ = failed_ || std::fflush(out_.get()) != 0;
  out_.reset();
  if (failed_) return fail(ErrorCode::io, "{}: not all events could be written; is the disk full?", name_);
  return {};
}

WholeFile::~WholeFile() {
  if (out_) std::remove(temporary_.c_str());
}

Status WholeFile::open(const std::string& file) {
  if (file.empty() || file == "-") return {};
  if (Status writable = expect_writable("-o", file, ""); !writable) return writable;
  name_ = file;
  temporary_ = folder_of(name_) / fmt::format(".{}.{}.tmp", name_.filename().string(), getpid());
  out_.reset(std::fopen(temporary_.c_str(), "wb"));
  return out_ ? Status() : failure();
}

Status WholeFile::write(std::string_view bytes) {
  return std::fwrite(bytes.data(), 1, bytes.size(), stream()) == bytes.size() ? Status() : failure();
}

Status WholeFile::finish() {
  if (std::fflush(stream()) != 0) return failure();
  if (!out_) return {};
  RealFileSystem files;
  if (fsync(fileno(out_.get())) != 0) return failure();
  if (Status renamed = files.rename(temporary_, name_); !renamed) return renamed;
  out_.reset();
  return files.sync(folder_of(name_));
}

std::unexpected<Error> WholeFile::failure() const {
  return fail(ErrorCode::io, "cannot write {}: {}", out_ || !name_.empty() ? name_.string() : "stdout",
              std::strerror(errno));
}

}  // namespace pawl::app
