// The transactions of one connection. What guarantees what:
//
// - A group holds appended rows of the append-only tables in one open transaction until `group_rows` are in
//   it, or somebody calls flush() or begins a transaction. Committed with synchronous=NORMAL: the rows are
//   in the write-ahead log, which the operating system has; they survive the death of the process, and lose
//   at most the newest groups with the power, never their order or their wholeness.
// - A transaction commits with synchronous=FULL: SQLite fsyncs the log, and with it every group before,
//   before commit returns. It survives loss of power.
#pragma once

#include <functional>
#include <memory>

#include "store/backends/sqlite_connection.h"

namespace pawl::store::sqlite {

class Session {
 public:
  // Without `power_safe`, a transaction is whole, but becomes part of the group rather than a commit of its
  // own.
  Session(std::unique_ptr<Connection> db, std::int64_t group_rows, bool power_safe);
  ~Session();  // ends the group
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Connection& db() { return *db_; }
  const Connection& db() const { return *db_; }

  // Runs `write`, which adds up to `rows` rows to append-only tables, within the group or the transaction
  // that is open. Where it fails by itself (a constraint), what was in the group before stays.
  template <class Write>
  Status append(std::int64_t rows, const Write& write) {
    if (Status open = open_group(); !open) return open;
    return close_append(write(), rows);
  }
  Status flush();
  // All of `work` or nothing. Within another transaction it joins that one, and a failure undoes only its
  // own part.
  Status transaction(const std::function<Status()>& work);
  // The same within a group, for a batch of rows that must not be kept in part.
  Status savepoint(const std::function<Status()>& work);

 private:
  enum class State { idle, group, transaction };
  Status open_group();
  Status close_append(Status written, std::int64_t rows);
  Status begin(bool full);
  Status join_group(const std::function<Status()>& work);
  Status commit();
  void roll_back();
  // SQLite undoes a whole transaction by itself on some failures: what was open is then gone.
  Status check_alive(Status status);

  std::unique_ptr<Connection> db_;
  std::int64_t group_rows_;
  bool power_safe_;
  State state_ = State::idle;
  std::int64_t open_rows_ = 0;
  bool full_ = false;  // the connection's present synchronous setting
};

}  // namespace pawl::store::sqlite
