#include "support/sqlite_faults.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <new>
#include <optional>
#include <set>

#include "base/random.h"

namespace pawl::test {
namespace {

constexpr std::int64_t kSector = 512;

// What is known of one file: its bytes as of the last fsync, and the sectors written since.
struct Tracked {
  std::optional<std::string> durable;  // nothing: not on the disk for sure
  std::set<std::int64_t> dirty;
  bool deleted = false;  // but its name may come back: the folder was not synced since
};

}  // namespace

struct SqliteFaults::Impl {
  std::string name;
  FaultSteps& steps;
  int failure = SQLITE_IOERR;
  std::int64_t syncs = 0;
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs vfs{};
  std::map<std::string, Tracked> files;
  RealFileSystem disk;

  void sync_folder() {
    for (auto& [path, tracked] : files) {
      if (tracked.deleted) tracked = {};
    }
  }
  // `code` where this change must fail, else SQLITE_OK.
  int step(int code) { return steps.allow() ? SQLITE_OK : (failure == SQLITE_IOERR ? code : failure); }
};

namespace {

using Impl = SqliteFaults::Impl;

// SQLite allocates szOsFile bytes for this; the real file stands right behind it.
struct File {
  sqlite3_file base;
  Impl* impl;
  Tracked* tracked;  // null for files that are not the database's
  char path[1024];
};
constexpr std::size_t kRealOffset =
    (sizeof(File) + alignof(std::max_align_t) - 1) / alignof(std::max_align_t) * alignof(std::max_align_t);

File& file_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}
sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kRealOffset);
}
Impl& impl_of(sqlite3_vfs* vfs) {
  return *static_cast<Impl*>(vfs->pAppData);
}

int close_file(sqlite3_file* file) {
  sqlite3_file* real = real_of(file);
  return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}
int read_file_at(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  sqlite3_file* real = real_of(file);
  return real->pMethods->xRead(real, bytes, count, offset);
}
int write_file_at(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  File& self = file_of(file);
  sqlite3_file* real = real_of(file);
  if (self.tracked) {
    if (const int code = self.impl->step(SQLITE_IOERR_WRITE); code != SQLITE_OK) return code;
    for (auto sector = offset / kSector; sector <= (offset + count - 1) / kSector; ++sector) {
      self.tracked->dirty.insert(sector);
    }
  }
  return real->pMethods->xWrite(real, bytes, count, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  File& self = file_of(file);
  sqlite3_file* real = real_of(file);
  if (self.tracked) {
    if (const int code = self.impl->step(SQLITE_IOERR_TRUNCATE); code != SQLITE_OK) return code;
  }
  return real->pMethods->xTruncate(real, size);
}
int sync_file(sqlite3_file* file, int flags) {
  File& self = file_of(file);
  sqlite3_file* real = real_of(file);
  if (!self.tracked) return real->pMethods->xSync(real, flags);
  if (const int code = self.impl->step(SQLITE_IOERR_FSYNC); code != SQLITE_OK) return code;
  ++self.impl->syncs;
  // The real disk is not waited for: what it would have kept is known here.
  const auto bytes = self.impl->disk.read(self.path);
  if (!bytes) return SQLITE_IOERR_FSYNC;
  // The system's VFS syncs the folder too when a new journal or log is synced for the first time.
  if (!self.tracked->durable) self.impl->sync_folder();
  self.tracked->durable = *bytes;
  self.tracked->dirty.clear();
  return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  sqlite3_file* real = real_of(file);
  return real->pMethods->xFileSize(real, size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}
int control_file(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void barrier(sqlite3_file* file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

// Version 2: no memory mapping, so that every byte comes past.
constexpr sqlite3_io_methods kMethods = {
    2,           close_file,  read_file_at, write_file_at, truncate_file, sync_file,       file_size,
    lock_file,   unlock_file, check_lock,   control_file,  sector_size,   characteristics, map_shared,
    lock_shared, barrier,     unmap_shared, nullptr,       nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* memory, int flags, int* out_flags) {
  Impl& impl = impl_of(vfs);
  File* self = new (memory) File{};
  self->impl = &impl;
  const bool ours = path && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  if (ours) {
    const bool exists = impl.disk.exists(path);
    if (!exists && (flags & SQLITE_OPEN_CREATE) != 0) {
      if (const int code = impl.step(SQLITE_CANTOPEN); code != SQLITE_OK) return code;
    }
    std::string(path).copy(self->path, sizeof self->path - 1);
    const auto [entry, fresh] = impl.files.try_emplace(path);
    // A file that was there before the first look at it was somebody's finished work.
    if (fresh && exists) entry->second.durable = impl.disk.read(path).value_or("");
    // Made anew: what it was before is gone, but for a folder that was not synced.
    if (!exists) entry->second.deleted = false;
    self->tracked = &entry->second;
  }
  sqlite3_file* real = real_of(memory);
  real->pMethods = nullptr;
  const int code = impl.real->xOpen(impl.real, path, real, flags, out_flags);
  if (code == SQLITE_OK) self->base.pMethods = &kMethods;
  return code;
}
int delete_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  Impl& impl = impl_of(vfs);
  const auto tracked = impl.files.find(path);
  if (tracked == impl.files.end()) return impl.real->xDelete(impl.real, path, sync_folder);
  if (const int code = impl.step(SQLITE_IOERR_DELETE); code != SQLITE_OK) return code;
  const int code = impl.real->xDelete(impl.real, path, 0);
  tracked->second.deleted = true;
  tracked->second.dirty.clear();
  if (sync_folder) impl.sync_folder();
  return code;
}
int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
  Impl& impl = impl_of(vfs);
  return impl.real->xAccess(impl.real, path, flags, result);
}
int full_path(sqlite3_vfs* vfs, const char* path, int size, char* out) {
  Impl& impl = impl_of(vfs);
  return impl.real->xFullPathname(impl.real, path, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) {
  return impl_of(vfs).real->xRandomness(impl_of(vfs).real, size, out);
}
int sleep_us(sqlite3_vfs* vfs, int microseconds) {
  return impl_of(vfs).real->xSleep(impl_of(vfs).real, microseconds);
}
int current_time(sqlite3_vfs* vfs, double* time) {
  return impl_of(vfs).real->xCurrentTime(impl_of(vfs).real, time);
}
int last_error(sqlite3_vfs* vfs, int size, char* out) {
  return impl_of(vfs).real->xGetLastError(impl_of(vfs).real, size, out);
}

}  // namespace

SqliteFaults::SqliteFaults(std::string name, FaultSteps& steps)
    : impl_(new Impl{.name = std::move(name), .steps = steps, .vfs = {}, .files = {}, .disk = {}}) {
  impl_->real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = impl_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(kRealOffset) + impl_->real->szOsFile;
  vfs.mxPathname = impl_->real->mxPathname;
  vfs.zName = impl_->name.c_str();
  vfs.pAppData = impl_.get();
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep_us;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  sqlite3_vfs_register(&vfs, 0);
}

SqliteFaults::~SqliteFaults() {
  sqlite3_vfs_unregister(&impl_->vfs);
}

const std::string& SqliteFaults::name() const {
  return impl_->name;
}

void SqliteFaults::fail_with(int sqlite_code) {
  impl_->failure = sqlite_code;
}

std::int64_t SqliteFaults::syncs() const {
  return impl_->syncs;
}

void SqliteFaults::lose_power(std::uint64_t seed, bool some_survive) {
  Random random(seed);
  for (auto& [path, tracked] : impl_->files) {
    const std::string now = impl_->disk.read(path).value_or("");
    std::optional<std::string> left = tracked.durable;
    if (some_survive) {
      for (const std::int64_t sector : tracked.dirty) {
        const auto from = static_cast<std::size_t>(sector * kSector);
        if (from >= now.size() || random.below(2) == 0) continue;
        const std::size_t count = std::min<std::size_t>(kSector, now.size() - from);
        if (!left) left = std::string();
        if (left->size() < from + count) left->resize(from + count, '\0');
        left->replace(from, count, now, from, count);
      }
    }
    if (left) {
      EXPECT_TRUE(impl_->disk.write(path, *left));
    } else {
      EXPECT_TRUE(impl_->disk.remove_all(path));
    }
    // SQLite keeps the log's index in shared memory, which does not outlive the machine.
    EXPECT_TRUE(impl_->disk.remove_all(path + "-shm"));
  }
  impl_->files.clear();
}

}  // namespace pawl::test
