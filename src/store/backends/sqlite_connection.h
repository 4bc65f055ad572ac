// SQLite's C API behind owners: a connection, its prepared statements, the rows of a query. Every failure
// carries SQLite's own message, the file, and what a person can do about it.
#pragma once

#include <sqlite3.h>

#include <cassert>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace pawl::store::sqlite {

// An open database. One thread at a time.
class Connection {
 public:
  // An empty file is a private database in memory; an empty vfs is the system's.
  static Result<std::unique_ptr<Connection>> open(const Path& file, const std::string& vfs, bool read_only);

  // Statements without results, separated by semicolons.
  Status execute(const std::string& sql);
  // The first column of the first row of a query; 0 where it has no row.
  Result<std::int64_t> integer(const std::string& sql);

  // False too after SQLite itself rolled a transaction back, as it does when the disk is full.
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  bool in_memory() const { return file_.empty(); }
  bool read_only() const { return read_only_; }
  const Path& file() const { return file_; }
  std::string name() const { return in_memory() ? "the database in memory" : file_.string(); }
  sqlite3* handle() const { return handle_.get(); }
  // What the last call on this connection, which returned `code`, failed with.
  Error error(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  Connection(std::unique_ptr<sqlite3, Close> handle, Path file, bool read_only)
      : handle_(std::move(handle)), file_(std::move(file)), read_only_(read_only) {}

  std::unique_ptr<sqlite3, Close> handle_;
  Path file_;
  bool read_only_;
};

class Statement;

// Bytes that are no text; empty is NULL.
struct Blob {
  std::string_view bytes;
};

// The rows of one query, in order. Its statement is free for the next use when the cursor dies.
class Cursor {
 public:
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&&) = delete;
  ~Cursor();

  // False at the end and after a failure; status() tells which.
  bool next();
  const Status& status() const { return status_; }

  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string text(int column) const;  // or the bytes of a blob
  std::optional<std::int64_t> optional_integer(int column) const;

 private:
  friend class Statement;
  Cursor(const Connection& db, sqlite3_stmt* statement, Status status)
      : db_(&db), statement_(statement), status_(std::move(status)) {}

  const Connection* db_;
  sqlite3_stmt* statement_;  // borrowed; null where preparing it failed
  Status status_;
};

// Prepared at its first use and kept. SQLite stores -0.0 as 0; every other finite double comes back bit for
// bit. The connection outlives it.
class Statement {
 public:
  Statement(const Connection& db, std::string_view sql) : db_(db), sql_(sql) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs to the end; for statements without rows.
  template <class... Args>
  Status run(const Args&... args) {
    Cursor rows = query(args...);
    while (rows.next()) {
    }
    return rows.status();
  }

  // The arguments' bytes are borrowed: they must outlive the cursor.
  template <class... Args>
  Cursor query(const Args&... args) {
    if (Status prepared = prepare(); !prepared) return Cursor(db_, nullptr, std::move(prepared));
    int index = 0;
    int code = SQLITE_OK;
    ((code = code == SQLITE_OK ? bind(++index, args) : code), ...);
    Status bound;
    if (code != SQLITE_OK) bound = std::unexpected(db_.error(code));
    return Cursor(db_, handle_.get(), std::move(bound));
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Status prepare();
  template <std::integral Integer>
  int bind(int index, Integer value) {
    return sqlite3_bind_int64(handle_.get(), index, static_cast<sqlite3_int64>(value));
  }
  int bind(int index, double value) { return sqlite3_bind_double(handle_.get(), index, value); }
  int bind(int index, std::string_view value);
  int bind(int index, Blob value);
  int bind(int index, const std::optional<std::int64_t>& value) {
    return value ? bind(index, *value) : sqlite3_bind_null(handle_.get(), index);
  }

  const Connection& db_;
  std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace pawl::store::sqlite
