#include "store/backends/sqlite_connection.h"

#include <system_error>
#include <utility>

namespace pawl::store::sqlite {
namespace {

// A writer waits this long for another process's transaction before it gives up.
constexpr int kBusyTimeoutMs = 20'000;

struct Advice {
  ErrorCode code;
  std::string_view what_to_do;
};

// By primary result code. A busy file is `io`, not `conflict`: callers read conflict as "somebody was
// first", and nobody was.
Advice advice_for(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::io, "another process is writing to it: stop that one, or try again"};
    case SQLITE_FULL:
      return {ErrorCode::io, "the disk is full: free some space, then try again"};
    case SQLITE_NOTADB:
      return {ErrorCode::corrupt, "this file is not a database of pawl's: give another, or move it away"};
    case SQLITE_CORRUPT:
      return {ErrorCode::corrupt, "the file is damaged: restore it from a backup"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {ErrorCode::io, "it may not be written to: check its owner, its permissions and its folder's"};
    case SQLITE_CANTOPEN:
      return {ErrorCode::io, "it cannot be opened: check that its folder exists and may be written to"};
    case SQLITE_IOERR:
      return {ErrorCode::io, "the operating system failed to read or write it: check the disk"};
    case SQLITE_CONSTRAINT:
      return {ErrorCode::conflict, "the row contradicts what is stored"};
    default:
      return {ErrorCode::internal, "SQLite did not do what it should; please report this"};
  }
}

Error describe(int code, std::string_view message, const std::string& name) {
  const Advice advice = advice_for(code);
  return {advice.code, fmt::format("{}: {} (SQLite {}): {}", name, message, code, advice.what_to_do)};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const Path& file, const std::string& vfs,
                                                     bool read_only) {
  std::error_code ignored;
  if (read_only && !std::filesystem::exists(file, ignored)) {
    return fail(ErrorCode::not_found, "{}: there is no such database", file.string());
  }
  const int flags =
      SQLITE_OPEN_NOMUTEX | (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* raw = nullptr;
  const std::string name = file.empty() ? ":memory:" : file.string();
  const int code = sqlite3_open_v2(name.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<sqlite3, Close> handle(raw);  // SQLite gives a handle even where opening failed
  if (code != SQLITE_OK) {
    return std::unexpected(describe(code, raw ? sqlite3_errmsg(raw) : sqlite3_errstr(code), name));
  }
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  return std::unique_ptr<Connection>(new Connection(std::move(handle), file, read_only));
}

Status Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return {};
}

Result<std::int64_t> Connection::integer(const std::string& sql) {
  Statement statement(*this, sql);
  Cursor rows = statement.query();
  const std::int64_t value = rows.next() ? rows.integer(0) : 0;
  if (!rows.status()) return propagate(rows.status());
  return value;
}

Error Connection::error(int code) const {
  return describe(code, sqlite3_errmsg(handle_.get()), name());
}

Cursor::Cursor(Cursor&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      status_(std::move(other.status_)) {}

Cursor::~Cursor() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);  // they are borrowed
}

bool Cursor::next() {
  if (!status_ || !statement_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    status_ = std::unexpected(db_->error(code));
  } else {
    // Stepping a finished statement would run it again.
    sqlite3_reset(std::exchange(statement_, nullptr));
  }
  return false;
}

std::string Cursor::text(int column) const {
  const int size = sqlite3_column_bytes(statement_, column);
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::optional<std::int64_t> Cursor::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

Status Statement::prepare() {
  if (handle_) {
    assert(!sqlite3_stmt_busy(handle_.get()) && "a cursor over this statement is still alive");
    return {};
  }
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db_.handle(), sql_.data(), static_cast<int>(sql_.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected(db_.error(code));
  handle_.reset(raw);
  return {};
}

int Statement::bind(int index, std::string_view value) {
  // An empty view may have no address, which SQLite would take for NULL.
  return sqlite3_bind_text64(handle_.get(), index, value.data() ? value.data() : "", value.size(),
                             SQLITE_STATIC, SQLITE_UTF8);
}

int Statement::bind(int index, Blob value) {
  if (value.bytes.empty()) return sqlite3_bind_null(handle_.get(), index);
  return sqlite3_bind_blob64(handle_.get(), index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC);
}

}  // namespace pawl::store::sqlite
