#include "store/backends/sqlite_session.h"

#include <utility>

namespace pawl::store::sqlite {

Session::Session(std::unique_ptr<Connection> db, std::int64_t group_rows, bool power_safe)
    : db_(std::move(db)), group_rows_(group_rows), power_safe_(power_safe) {}

Session::~Session() {
  // Nobody is left to tell of a failure; who needs to know calls flush().
  static_cast<void>(flush());
}

Status Session::begin(bool full) {
  if (full != full_) {
    // Not allowed inside a transaction, which is why it is set on the way in.
    if (Status set = db_->execute(full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"); !set) {
      return set;
    }
    full_ = full;
  }
  // IMMEDIATE: a transaction that starts as a reader cannot always become a writer later.
  return db_->execute("BEGIN IMMEDIATE");
}

Status Session::commit() {
  Status committed = db_->execute("COMMIT");
  if (!committed) roll_back();  // kept open it could be committed later, after its failure was reported
  state_ = State::idle;
  open_rows_ = 0;
  return committed;
}

void Session::roll_back() {
  if (db_->in_transaction()) static_cast<void>(db_->execute("ROLLBACK"));
  state_ = State::idle;
  open_rows_ = 0;
}

Status Session::check_alive(Status status) {
  if (state_ == State::idle || db_->in_transaction()) return status;
  const std::int64_t lost = std::exchange(open_rows_, 0);
  // A transaction() that is still running sees to its own end; until then every write must fail.
  if (state_ == State::group) state_ = State::idle;
  Error error = status ? Error{ErrorCode::io, fmt::format("{}: the transaction was undone", db_->name())}
                       : status.error();
  if (lost > 0) error.message += fmt::format("; {} rows since the last flush went with it", lost);
  return std::unexpected(std::move(error));
}

Status Session::open_group() {
  if (state_ != State::idle) return check_alive({});
  if (Status begun = begin(false); !begun) return begun;
  state_ = State::group;
  return {};
}

Status Session::close_append(Status written, std::int64_t rows) {
  written = check_alive(std::move(written));
  if (state_ != State::group) return written;
  if (written) open_rows_ += rows;
  if (written && open_rows_ < group_rows_) return written;
  // A row that was refused ends nothing, unless it was to be a group of its own.
  if (!written && open_rows_ > 0) return written;
  const Status flushed = flush();
  return written ? flushed : written;
}

Status Session::flush() {
  if (state_ != State::group) return {};
  const std::int64_t rows = open_rows_;
  Status committed = commit();
  if (committed || rows == 0) return committed;
  Error error = committed.error();
  error.message += fmt::format("; {} rows since the last flush were not kept", rows);
  return std::unexpected(std::move(error));
}

Status Session::transaction(const std::function<Status()>& work) {
  if (state_ == State::transaction) return savepoint(work);
  if (!power_safe_) return join_group(work);
  if (Status flushed = flush(); !flushed) return flushed;
  if (Status begun = begin(true); !begun) return begun;
  state_ = State::transaction;
  Status done = check_alive(work());
  if (done) return commit();
  roll_back();
  return done;
}

Status Session::join_group(const std::function<Status()>& work) {
  if (Status open = open_group(); !open) return open;
  state_ = State::transaction;  // so that nothing in `work` ends the group half-way
  Status done = savepoint(work);
  state_ = db_->in_transaction() ? State::group : State::idle;
  if (state_ == State::idle) open_rows_ = 0;
  return close_append(std::move(done), 1);
}

Status Session::savepoint(const std::function<Status()>& work) {
  if (Status alive = check_alive({}); !alive) return alive;
  if (Status set = db_->execute("SAVEPOINT part"); !set) return check_alive(set);
  Status done = check_alive(work());
  if (!db_->in_transaction()) return done;
  if (!done) {
    if (Status undone = db_->execute("ROLLBACK TO part"); !undone) return check_alive(undone);
  }
  if (Status released = db_->execute("RELEASE part"); !released) return check_alive(released);
  return done;
}

}  // namespace pawl::store::sqlite
