#include "store/backends/sqlite_migrations.h"

#include <array>

namespace pawl::store::sqlite {
namespace {

// "pawl", in the header of every database of ours: a stranger's is refused rather than written to.
constexpr std::int64_t kApplicationId = 0x7061776c;

// Times are milliseconds UTC. Rows of the append-only tables are never changed, and pruning leaves the newest
// one, so that a rowid, which SQLite gives as the largest plus one, counts from 1 and is never given twice.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bars (
  symbol TEXT NOT NULL,
  timeframe_min INTEGER NOT NULL,
  open_time INTEGER NOT NULL,
  revision INTEGER NOT NULL,          -- 0 is what the loop read first
  close_time INTEGER NOT NULL,
  open REAL NOT NULL,
  high REAL NOT NULL,
  low REAL NOT NULL,
  close REAL NOT NULL,
  volume REAL NOT NULL,
  known_at INTEGER NOT NULL,
  PRIMARY KEY (symbol, timeframe_min, open_time, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  known_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  line TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_kind ON events (kind);

CREATE TABLE predictions (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  symbol TEXT NOT NULL,
  bar_open_time INTEGER NOT NULL,
  known_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  side INTEGER NOT NULL CHECK (side BETWEEN -1 AND 1),
  p_up REAL NOT NULL,
  p_down REAL NOT NULL,
  features_digest TEXT NOT NULL
) STRICT;
CREATE INDEX predictions_by_line ON predictions (line);

CREATE TABLE outcomes (
  prediction_id INTEGER PRIMARY KEY REFERENCES predictions (id),
  line TEXT NOT NULL,
  known_at INTEGER NOT NULL,
  entry_price REAL NOT NULL,
  exit_price REAL NOT NULL,
  bars_held INTEGER NOT NULL,
  gross_return REAL NOT NULL,
  side INTEGER NOT NULL CHECK (side BETWEEN -1 AND 1),
  correct INTEGER NOT NULL,
  pnl_pct REAL NOT NULL,
  correct_net INTEGER NOT NULL
) STRICT;
CREATE INDEX outcomes_by_line ON outcomes (line);

CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  lines TEXT NOT NULL,                -- a JSON list of line ids
  trigger TEXT NOT NULL,
  reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'completed', 'failed', 'interrupted')),
  started_at INTEGER NOT NULL,
  known_at INTEGER,
  verdict TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE versions (
  line TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 0),
  folder TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  known_at INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  model_kind TEXT NOT NULL,
  has_serving INTEGER NOT NULL,
  refused TEXT NOT NULL,
  PRIMARY KEY (line, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE champions (
  line TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  FOREIGN KEY (line, version) REFERENCES versions (line, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE promotions (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  from_version INTEGER,
  to_version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  evidence_hash TEXT NOT NULL,
  FOREIGN KEY (line, to_version) REFERENCES versions (line, number)
) STRICT;
CREATE INDEX promotions_by_line ON promotions (line);

CREATE TABLE holds (
  line TEXT PRIMARY KEY,
  held INTEGER NOT NULL,
  until INTEGER
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE bars ADD COLUMN joined BLOB;  -- little-endian doubles, one for each outside series; NULL: none

CREATE TABLE trades (
  number INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  id TEXT NOT NULL,                   -- the bot's own
  symbol TEXT NOT NULL,
  side INTEGER NOT NULL CHECK (side IN (-1, 1)),
  opened_at INTEGER NOT NULL,
  entry_price REAL NOT NULL,
  rsi REAL NOT NULL,
  macd REAL NOT NULL,
  macd_signal REAL NOT NULL,
  adx REAL NOT NULL,
  atr REAL NOT NULL,
  ema_fast REAL NOT NULL,
  ema_slow REAL NOT NULL,
  volume REAL NOT NULL,
  version INTEGER NOT NULL,
  p_profit REAL NOT NULL,
  allowed INTEGER NOT NULL,
  closed_at INTEGER,                  -- NULL while it is open, like the rest
  exit_price REAL,
  pnl_pct REAL,
  profitable INTEGER,
  UNIQUE (line, id)
) STRICT;
CREATE INDEX trades_by_close ON trades (line, closed_at, number) WHERE closed_at IS NOT NULL;
)sql";

constexpr std::array kMigrations = {Migration{1, kVersion1}, Migration{2, kVersion2}};

// A copy is made beside the file, whole and durable before it has its name.
Status back_up(Connection& db, std::int64_t version) {
  if (db.in_memory()) return {};
  RealFileSystem files;
  Path copy = db.file();
  copy += fmt::format(".backup-v{}", version);
  Path half = copy;
  half += ".tmp";
  if (Status removed = files.remove_all(half); !removed) return removed;
  Statement vacuum(db, "VACUUM INTO ?1");
  if (Status copied = vacuum.run(half.string()); !copied) return copied;
  if (Status synced = files.sync(half); !synced) return synced;
  if (Status renamed = files.rename(half, copy); !renamed) return renamed;
  return files.sync(std::filesystem::absolute(copy).parent_path());
}

// The schema's version; 0 is an empty file.
Result<std::int64_t> version_of(Connection& db, std::int64_t newest) {
  const auto version = db.integer("PRAGMA user_version");
  if (!version) return version;
  const auto id = db.integer("PRAGMA application_id");
  if (!id) return id;
  const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables;
  const bool empty = *version == 0 && *id == 0 && *tables == 0;
  if (!empty && *id != kApplicationId) {
    return fail(ErrorCode::corrupt,
                "{}: this SQLite database is not pawl's: give another file, or move this one away",
                db.name());
  }
  if (*version > newest) {
    return fail(ErrorCode::conflict,
                "{}: its schema is version {}, and this pawl knows only versions up to {}: use the newer "
                "pawl that wrote it, or restore a backup made before",
                db.name(), *version, newest);
  }
  return version;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

Status check_schema(Connection& db, std::span<const Migration> steps) {
  const auto version = version_of(db, steps.back().version);
  if (!version) return propagate(version);
  return {};
}

Status migrate(Connection& db, std::span<const Migration> steps) {
  const std::int64_t newest = steps.back().version;
  const auto before = version_of(db, newest);
  if (!before) return propagate(before);
  if (*before == newest) return {};
  if (db.read_only()) {
    return fail(ErrorCode::conflict,
                "{}: its schema is version {} and must become {} first: open it to write once", db.name(),
                *before, newest);
  }
  if (*before > 0) {
    if (Status copied = back_up(db, *before); !copied) return within("before a migration", copied.error());
  }
  if (Status full = db.execute("PRAGMA synchronous=FULL; BEGIN IMMEDIATE"); !full) return full;
  const auto steps_of_it = [&]() -> Status {
    // Another process may have been faster.
    const auto now = version_of(db, newest);
    if (!now) return propagate(now);
    for (const Migration& step : steps) {
      if (step.version <= *now) continue;
      if (Status done = db.execute(std::string(step.sql)); !done) {
        return within(fmt::format("migration {}", step.version), done.error());
      }
    }
    return db.execute(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={}; COMMIT", kApplicationId, newest));
  };
  Status done = steps_of_it();
  if (!done && db.in_transaction()) static_cast<void>(db.execute("ROLLBACK"));
  if (Status normal = db.execute("PRAGMA synchronous=NORMAL"); done && !normal) return normal;
  return done;
}

}  // namespace pawl::store::sqlite
