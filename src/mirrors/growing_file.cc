#include "mirrors/growing_file.h"

namespace pawl::mirrors {

void GrowingFile::resume_at(std::uint64_t size) {
  size_ = size;
  pending_.clear();
  if (size == 0) add(header_);
}

Result<bool> GrowingFile::cut_to_size() {
  if (!wanted()) return true;
  const auto there = files_.size(path_);
  if (!there) {
    if (there.error().code != ErrorCode::not_found) return propagate(there);
    return size_ == 0;
  }
  if (*there < size_) return false;
  if (*there > size_) {
    if (Status cut = files_.append(path_, size_, {}); !cut) return propagate(cut);
  }
  return true;
}

Status GrowingFile::restart(bool keep_former) {
  resume_at(0);
  if (!wanted()) return {};
  const auto there = files_.size(path_);
  if (!there) return there.error().code == ErrorCode::not_found ? Status() : Status(propagate(there));
  if (!keep_former || *there == 0) return files_.append(path_, 0, {});
  Path former = path_;
  former += ".old";
  return files_.rename(path_, former);
}

Status GrowingFile::write() {
  if (pending_.empty()) return {};
  const bool is_new = size_ == 0;
  if (is_new) {
    if (Status made = files_.make_folders(path_.parent_path()); !made) return made;
  }
  if (Status written = files_.append(path_, size_, pending_); !written) return written;
  if (Status synced = files_.sync(path_); !synced) return synced;
  if (is_new) {
    if (Status synced = files_.sync(path_.parent_path()); !synced) return synced;
  }
  size_ += pending_.size();
  pending_.clear();
  return {};
}

}  // namespace pawl::mirrors
