// Appending to the store on disk: in groups, one by one, and beside them SQLite by itself with the same rows
// in the same groups.
#include <sqlite3.h>

#include <filesystem>

#include "material.h"
#include "store/store.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

constexpr std::int64_t kGroup = 100;

// A fresh folder, removed with all in it.
class Scratch {
 public:
  static Result<Scratch> make() {
    std::string name = (std::filesystem::temp_directory_path() / "pawl-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) return fail(ErrorCode::io, "{}: cannot be made", name);
    return Scratch(name);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Path file() const { return path_ / "pawl.db"; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}
  Path path_;
};

Event event_of(std::size_t i) {
  return {.known_at = static_cast<TimeMs>(i) * kHourMs,
          .kind = "bar",
          .line = "BTC_USDT",
          .payload = R"({"close":16543.67,"high":16544.76,"low":16538.45,"open":16541.77,)"
                     R"("open_time":"2023-01-01T00:00:00Z","timeframe":"M1","volume":83.08143})"};
}

Result<double> through_store(std::size_t rows, std::int64_t group_rows) {
  auto folder = Scratch::make();
  if (!folder) return propagate(folder);
  auto store = store::open_sqlite({.file = folder->file(), .group_rows = group_rows});
  if (!store) return propagate(store);
  return wall_seconds_of([&]() -> Status {
    for (std::size_t i = 0; i < rows; ++i) {
      if (auto appended = (*store)->events().append(event_of(i)); !appended) return propagate(appended);
    }
    return (*store)->flush();
  });
}

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

Status execute(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return fail(ErrorCode::internal, "sqlite: {}", sqlite3_errmsg(db));
}

// The floor: one prepared INSERT with the same columns, the same settings, transactions of the same size.
Result<double> through_sqlite(std::size_t rows) {
  auto folder = Scratch::make();
  if (!folder) return propagate(folder);
  sqlite3* opened = nullptr;
  const int code = sqlite3_open(folder->file().c_str(), &opened);
  const std::unique_ptr<sqlite3, CloseDatabase> db(opened);
  if (code != SQLITE_OK) return fail(ErrorCode::internal, "sqlite: cannot open {}", folder->file().string());
  if (Status set =
          execute(db.get(),
                  "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000;"
                  "CREATE TABLE events (seq INTEGER PRIMARY KEY, known_at INTEGER NOT NULL, kind TEXT NOT "
                  "NULL, line TEXT NOT NULL, payload TEXT NOT NULL)");
      !set) {
    return propagate(set);
  }
  sqlite3_stmt* prepared = nullptr;
  sqlite3_prepare_v2(db.get(), "INSERT INTO events (known_at, kind, line, payload) VALUES (?1, ?2, ?3, ?4)",
                     -1, &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> insert(prepared);
  return wall_seconds_of([&]() -> Status {
    for (std::size_t i = 0; i < rows; ++i) {
      if (i % kGroup == 0) {
        if (Status begun = execute(db.get(), "BEGIN IMMEDIATE"); !begun) return begun;
      }
      const Event event = event_of(i);
      sqlite3_bind_int64(prepared, 1, event.known_at);
      sqlite3_bind_text(prepared, 2, event.kind.data(), static_cast<int>(event.kind.size()), SQLITE_STATIC);
      sqlite3_bind_text(prepared, 3, event.line.data(), static_cast<int>(event.line.size()), SQLITE_STATIC);
      sqlite3_bind_text(prepared, 4, event.payload.data(), static_cast<int>(event.payload.size()),
                        SQLITE_STATIC);
      if (sqlite3_step(prepared) != SQLITE_DONE) {
        return fail(ErrorCode::internal, "sqlite: {}", sqlite3_errmsg(db.get()));
      }
      sqlite3_reset(prepared);
      if (i % kGroup == kGroup - 1 || i + 1 == rows) {
        if (Status committed = execute(db.get(), "COMMIT"); !committed) return committed;
      }
    }
    return {};
  });
}

}  // namespace

Status bench_store(Bench& bench) {
  const std::size_t grouped = 50'000, single = 5'000;
  const std::vector<Contestant> contestants = {{"groups", [&] { return through_store(grouped, kGroup); }},
                                               {"sqlite", [&] { return through_sqlite(grouped); }},
                                               {"one by one", [&] { return through_store(single, 1); }}};
  auto rounds = bench.take_turns("store", contestants);
  if (!rounds) return propagate(rounds);
  bench.add("store_append_rows_per_s", "rows/s",
            fmt::format("{} events of 150 bytes appended to the store on disk, a commit every {} rows (WAL, "
                        "synchronous NORMAL); wall time",
                        short_number(static_cast<double>(grouped)), kGroup),
            rate((*rounds)[0], static_cast<double>(grouped)));
  bench.add(
      "store_append_sqlite_floor_rows_per_s", "rows/s",
      "floor: SQLite's C interface with a prepared INSERT, the same rows, settings and commits, no index",
      rate((*rounds)[1], static_cast<double>(grouped)));
  bench.add("store_append_single_rows_per_s", "rows/s",
            fmt::format("{} events, a commit for each", short_number(static_cast<double>(single))),
            rate((*rounds)[2], static_cast<double>(single)));
  return {};
}

}  // namespace pawl::bench
