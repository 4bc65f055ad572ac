// What must outlive the process, one small interface per noun. backends/sqlite.cc is the embedded one.
//
// Order and time: `events` is the one append-only stream; bars, predictions and outcomes are its typed rows.
// Durability: bars, events and predictions survive the death of the process once their group is committed
// (`group_rows` reached, or flush(); WAL, synchronous NORMAL). Everything else, and every transaction(), is
// on the disk before success is reported (the write-ahead log is fsynced: FULL) and survives loss of power,
// with all that was appended before it.
// Threads: one store object is used by one thread at a time; several may be open on one file.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "domain/bar_series.h"
#include "domain/event.h"
#include "domain/prediction.h"
#include "domain/timeframe.h"
#include "domain/trade.h"
#include "domain/version.h"

namespace pawl::store {

struct BarAppend {
  std::int64_t added = 0, duplicates = 0, revised = 0;
};

class BarStore {
 public:
  virtual ~BarStore() = default;
  // Bars of one series in any order. A bar that is there with the same values counts as a duplicate; one with
  // other values is kept as the next revision, known at `now`, and the first stays what the loop reads.
  virtual Result<BarAppend> append(std::string_view symbol, Timeframe timeframe, std::span<const Bar> bars,
                                   TimeMs now) = 0;
  // One bar with the values of the outside series that were joined to it, bit for bit, NaN included. Other
  // values are a revision too. Every bar of a series has as many of them (none at all being as many as 0):
  // bad_data otherwise. append() of a bar that is there asks and changes nothing about them.
  virtual Result<BarAppend> append_joined(std::string_view symbol, Timeframe timeframe, const Bar& bar,
                                          std::span<const double> joined, TimeMs now) = 0;
  enum class Revision { first, latest };
  // Bars with open time in [from, to), in time order, with their joined values.
  virtual Result<BarSeries> read(std::string_view symbol, Timeframe timeframe, TimeMs from, TimeMs to,
                                 Revision revision) const = 0;
  struct Listing {
    std::string symbol;
    Timeframe timeframe;
    std::int64_t bars = 0, revisions = 0;
    TimeMs first_open = 0, last_open = 0;
  };
  virtual Result<std::vector<Listing>> list() const = 0;
};

class EventStore {
 public:
  virtual ~EventStore() = default;
  // Gives the event its ingest_seq and returns it.
  virtual Result<std::int64_t> append(const Event& event) = 0;
  // Up to `limit` events after a cursor, in order; an empty kind is all kinds.
  virtual Result<std::vector<Event>> read_after(std::int64_t cursor, std::size_t limit,
                                                std::string_view kind = {}) const = 0;
  virtual Result<std::int64_t> last_seq() const = 0;
};

class PredictionStore {
 public:
  virtual ~PredictionStore() = default;
  // Gives the prediction its id and returns it.
  virtual Result<std::int64_t> append(const Prediction& prediction) = 0;
  // Up to `limit` predictions with id above `cursor`; an empty line is all lines.
  virtual Result<std::vector<Prediction>> read_after(std::int64_t cursor, std::size_t limit,
                                                     std::string_view line = {}) const = 0;
  virtual Result<std::int64_t> count(std::string_view line = {}) const = 0;
};

class OutcomeStore {
 public:
  virtual ~OutcomeStore() = default;
  // conflict where the prediction has an outcome already: each is scored once.
  virtual Status append(const Outcome& outcome) = 0;
  virtual Result<std::vector<Outcome>> read_after(std::int64_t prediction_cursor, std::size_t limit,
                                                  std::string_view line = {}) const = 0;
  virtual Result<std::int64_t> count(std::string_view line = {}) const = 0;
};

// The trades that bots report, and the signals that were refused. What is acknowledged survives loss of
// power.
class TradeStore {
 public:
  virtual ~TradeStore() = default;
  // Gives the trade its number and returns it; it is open, whatever `number` and `close` say. conflict where
  // the line has that id already; invalid_argument where it is empty, the side is HOLD, or a value no number.
  virtual Result<std::int64_t> open(const Trade& trade) = 0;
  // not_found where nothing was opened under that id; conflict where it is closed: each is closed once;
  // invalid_argument where it closes before it opened or a value is no number.
  virtual Status close(const LineId& line, const TradeClose& close) = 0;
  virtual Result<std::optional<Trade>> find(const LineId& line, std::string_view id) const = 0;
  // Up to `limit` trades with a number above `cursor`, as they were opened; an empty line is all lines.
  virtual Result<std::vector<Trade>> read_after(std::int64_t cursor, std::size_t limit,
                                                std::string_view line = {}) const = 0;
  // Every closed trade of a line in the order in which they closed; those of one instant by number.
  virtual Result<std::vector<Trade>> closed(const LineId& line) const = 0;
  virtual Result<std::int64_t> count(std::string_view line = {}) const = 0;
};

enum class RunState { running, completed, failed, interrupted };
std::string_view run_state_name(RunState state);

// One retrain from trigger to verdict. `document` holds everything it saw, in the form that replay prints.
struct RunRecord {
  std::int64_t id = 0;
  std::vector<LineId> lines;
  std::string trigger, reason;
  RunState state = RunState::running;
  TimeMs started_at = 0;
  std::optional<TimeMs> known_at;  // when it ended
  std::string verdict;  // "promote", "keep", "insufficient", empty while it runs or where it failed
  Json document = Json::object();
};

class RunStore {
 public:
  virtual ~RunStore() = default;
  virtual Result<std::int64_t> begin(const RunRecord& run) = 0;  // gives the id
  virtual Status update(const RunRecord& run) = 0;
  virtual Result<std::optional<RunRecord>> find(std::int64_t id) const = 0;
  virtual Result<std::vector<RunRecord>> list(std::string_view line = {}) const = 0;  // by id
};

// The rows behind the registry; nobody else writes them.
struct VersionRow {
  LineId line;
  VersionNumber number;
  std::string folder;  // below the data folder; empty where the bytes are in memory only
  std::string content_hash;
  TimeMs known_at = 0;
  std::int64_t run_id = 0;
  std::string model_kind;
  bool has_serving = false;
  std::string refused;  // why it may not serve, where verification failed; else empty
};

// An entry of the append-only promotion log.
struct PromotionRow {
  std::int64_t id = 0;
  LineId line;
  std::optional<VersionNumber> from;
  VersionNumber to;
  TimeMs at = 0;
  std::string actor;   // "run 12", "hand"
  std::string action;  // "baseline", "promote", "rollback", "force", "import"
  std::string reason;
  std::string evidence_hash;  // SHA-256 of the contest's evidence; empty where there was none
};

class VersionStore {
 public:
  virtual ~VersionStore() = default;
  virtual Status add(const VersionRow& row) = 0;  // conflict where the number is taken
  virtual Status set_refused(const LineId& line, VersionNumber number, std::string_view why) = 0;
  // The version has a serving artifact now: its files are in `folder`, its manifest has that hash.
  virtual Status set_serving(const LineId& line, VersionNumber number, std::string_view folder,
                             std::string_view content_hash) = 0;
  virtual Result<std::optional<VersionRow>> find(const LineId& line, VersionNumber number) const = 0;
  virtual Result<std::vector<VersionRow>> list(std::string_view line = {}) const = 0;
  virtual Result<VersionNumber> next_number(const LineId& line) const = 0;
  // The serving version of a line.
  virtual Result<std::optional<VersionNumber>> champion(const LineId& line) const = 0;
  // Moves the pointers of several lines and writes the log in one transaction, durable on return. conflict
  // where a champion is no longer the row's `from`; then nothing moved.
  virtual Status promote(std::span<const PromotionRow> rows) = 0;
  virtual Result<std::vector<PromotionRow>> promotions(std::string_view line = {}) const = 0;
  // After a rollback by hand the line holds: no promotion by a run until the time passes or it is released.
  virtual Status set_hold(const LineId& line, std::optional<TimeMs> until, bool held) = 0;
  struct Hold {
    bool held = false;
    std::optional<TimeMs> until;
  };
  virtual Result<Hold> hold(const LineId& line) const = 0;
};

// What prune() dropped.
struct PruneReport {
  std::int64_t events = 0, predictions = 0, outcomes = 0;
};

// What there is of each noun, and what it takes.
struct StoreSizes {
  struct Table {
    std::string name;  // "predictions"
    std::int64_t rows = 0, bytes = 0;
  };
  std::vector<Table> tables;    // by name; bytes with their indices
  std::int64_t file_bytes = 0;  // on the disk, with the write-ahead log; in memory: what it takes there
  std::int64_t free_bytes = 0;  // of those, what pruning left for rows to come
};

class Store {
 public:
  virtual ~Store() = default;
  virtual BarStore& bars() = 0;
  virtual EventStore& events() = 0;
  virtual PredictionStore& predictions() = 0;
  virtual OutcomeStore& outcomes() = 0;
  virtual TradeStore& trades() = 0;
  virtual RunStore& runs() = 0;
  virtual VersionStore& versions() = 0;

  // Small named facts: "kind" (live, replay), "recipe" and so on.
  virtual Status set_meta(std::string_view key, std::string_view value) = 0;
  virtual Result<std::optional<std::string>> meta(std::string_view key) const = 0;

  // Everything written by `work` is kept, or none of it. Nested calls join the outer one.
  virtual Status transaction(const std::function<Status()>& work) = 0;
  // Drops events known before `events_before`, and predictions known before `predictions_before` with their
  // outcomes; durable on return. Kept whatever their age: predictions without an outcome, which are still to
  // be scored; the newest event and prediction, so that no number is given twice; and every bar, trade, run,
  // version and promotion, from which the past is told. Freed space is used again; the file does not shrink.
  virtual Result<PruneReport> prune(TimeMs events_before, TimeMs predictions_before) = 0;
  virtual Result<StoreSizes> sizes() = 0;

  // Ends the current group of writes, so that it survives the death of the process. An open group keeps
  // other connections from writing: a live process flushes at the end of each step.
  virtual Status flush() = 0;
};

struct SqliteOptions {
  Path file;        // empty: in memory
  std::string vfs;  // an SQLite VFS by name, for fault injection; empty: the system's
  bool read_only = false;
  // Rows per group commit of the append-only tables; 1 commits each.
  std::int64_t group_rows = 100;
  // False: nothing waits for the disk and transactions join the groups, so that a crash may cost the newest
  // writes of any kind since the last flush(), though never the file. For replay, which can be run again.
  bool power_safe = true;
};
// Opens, makes or migrates the database. A newer schema than this binary knows is refused (conflict); before
// a migration a copy `pawl.db.backup-v<N>` is made. corrupt where the file is no database of pawl's.
Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options);

}  // namespace pawl::store
