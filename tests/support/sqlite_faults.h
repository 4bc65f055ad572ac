// An SQLite VFS over the system's that counts every change on its way to the disk, can fail or kill at one
// of them, and knows what would be left of the database if the power went now: per 512-byte sector the bytes
// of the last fsync, or those written since.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/files.h"
#include "support/fault_steps.h"

namespace pawl::test {

class SqliteFaults {
 public:
  // Registered with SQLite under `name` for as long as this lives. `steps` outlives it.
  SqliteFaults(std::string name, FaultSteps& steps);
  ~SqliteFaults();
  SqliteFaults(const SqliteFaults&) = delete;
  SqliteFaults& operator=(const SqliteFaults&) = delete;

  const std::string& name() const;
  // What SQLite is told where a step fails: SQLITE_IOERR by default, SQLITE_FULL for a full disk.
  void fail_with(int sqlite_code);
  // How often SQLite asked for an fsync.
  std::int64_t syncs() const;
  // Puts every file that went through here into the state that loss of power would have left: without what
  // was not fsynced or, with `some_survive`, with a random part of those sectors. All connections are closed.
  void lose_power(std::uint64_t seed, bool some_survive);

  struct Impl;  // named by SQLite's callbacks only

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::test
