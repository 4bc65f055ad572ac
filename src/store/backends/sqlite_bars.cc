#include "store/backends/sqlite_bars.h"

#include "base/bytes.h"

namespace pawl::store::sqlite {
namespace {

// Columns 0 … 6 of a query: open_time, close_time, open, high, low, close, volume.
Bar bar_of(const Cursor& row) {
  return {.open_time = row.integer(0),
          .close_time = row.integer(1),
          .open = row.real(2),
          .high = row.real(3),
          .low = row.real(4),
          .close = row.real(5),
          .volume = row.real(6)};
}

constexpr std::size_t kDoubleBytes = 8;

std::string encode(std::span<const double> joined) {
  ByteWriter out;
  for (const double value : joined) out.f64(value);
  return out.take();
}

}  // namespace

Bars::Bars(Session& session)
    : session_(session),
      insert_(session.db(),
              "INSERT INTO bars (symbol, timeframe_min, open_time, revision, close_time, open, high, low, "
              "close, volume, known_at, joined) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"),
      newest_(session.db(),
              "SELECT open_time, close_time, open, high, low, close, volume, revision, joined FROM bars "
              "WHERE symbol = ?1 AND timeframe_min = ?2 AND open_time = ?3 ORDER BY revision DESC LIMIT 1"),
      last_(session.db(),
            "SELECT open_time, close_time, open, high, low, close, volume, revision, joined FROM bars "
            "WHERE symbol = ?1 AND timeframe_min = ?2 ORDER BY open_time DESC, close_time DESC LIMIT 1"),
      before_(session.db(),
              "SELECT open_time, close_time FROM bars WHERE symbol = ?1 AND timeframe_min = ?2 "
              "AND open_time < ?3 ORDER BY open_time DESC, close_time DESC LIMIT 1"),
      after_(session.db(),
             "SELECT open_time FROM bars WHERE symbol = ?1 AND timeframe_min = ?2 AND open_time > ?3 "
             "ORDER BY open_time LIMIT 1"),
      read_(session.db(),
            "SELECT open_time, close_time, open, high, low, close, volume, joined FROM bars "
            "WHERE symbol = ?1 AND timeframe_min = ?2 AND open_time >= ?3 AND open_time < ?4 "
            "AND (?5 OR revision = 0) ORDER BY open_time, revision"),
      list_(session.db(),
            "SELECT symbol, timeframe_min, sum(revision = 0), sum(revision > 0), min(open_time), "
            "max(open_time) FROM bars GROUP BY symbol, timeframe_min ORDER BY symbol, timeframe_min") {}

Result<BarAppend> Bars::append(std::string_view symbol, Timeframe timeframe, std::span<const Bar> bars,
                               TimeMs now) {
  return append_rows({symbol, timeframe}, bars, std::nullopt, now);
}

Result<BarAppend> Bars::append_joined(std::string_view symbol, Timeframe timeframe, const Bar& bar,
                                      std::span<const double> joined, TimeMs now) {
  const std::string bytes = encode(joined);
  return append_rows({symbol, timeframe}, {&bar, 1}, bytes, now);
}

Result<BarAppend> Bars::append_rows(Series series, std::span<const Bar> bars, Joined joined, TimeMs now) {
  for (const Bar& bar : bars) {
    if (const BarFault fault = find_fault(bar); fault.any()) {
      return fail(ErrorCode::bad_data, "{} {}: the bar of {} has a {} that {}; nothing was stored",
                  series.symbol, series.timeframe.name(), format_time(bar.open_time), fault.field,
                  fault.reason);
    }
  }
  BarAppend count;
  const auto all = [&]() -> Status {
    auto last = last_bar(series);
    if (!last) return propagate(last);
    for (const Bar& bar : bars) {
      if (Status done = append_one(series, bar, joined, now, *last, count); !done) return done;
    }
    return {};
  };
  const auto rows = static_cast<std::int64_t>(bars.size());
  // One bar is one statement, which is whole by itself; a savepoint would cost more than the row.
  const Status appended =
      session_.append(rows, [&] { return bars.size() == 1 ? all() : session_.savepoint(all); });
  if (!appended) return propagate(appended);
  return count;
}

// `last` is the series' last bar: most bars follow it, and then need no look at their neighbours.
Status Bars::append_one(Series series, const Bar& bar, Joined joined, TimeMs now, std::optional<Stored>& last,
                        BarAppend& count) {
  const std::string_view given = joined.value_or(std::string_view());
  if (!last || (bar.open_time > last->bar.open_time && bar.open_time >= last->bar.close_time)) {
    if (last) {
      if (Status fits = check_joined(series, bar, given, *last); !fits) return fits;
    }
    if (Status added = insert(series, bar, 0, given, bar.known_at()); !added) return added;
    ++count.added;
    last = Stored{bar, 0, std::string(given)};
    return {};
  }
  const auto stored = newest_at(series, bar.open_time);
  if (!stored) return propagate(stored);
  // A bar by itself keeps the values that were joined to it.
  const std::string_view values = *stored && !joined ? std::string_view((*stored)->joined) : given;
  if (Status fits = check_joined(series, bar, values, *last); !fits) return fits;
  if (*stored && (*stored)->bar == bar && (*stored)->joined == values) {
    ++count.duplicates;
    return {};
  }
  if (Status fits = check_neighbours(series, bar); !fits) return fits;
  if (bar.open_time == last->bar.open_time && bar.close_time > last->bar.close_time) last->bar = bar;
  if (*stored) {
    ++count.revised;
    return insert(series, bar, (*stored)->revision + 1, values, now);
  }
  ++count.added;
  return insert(series, bar, 0, values, bar.known_at());
}

Status Bars::check_joined(Series series, const Bar& bar, std::string_view joined, const Stored& last) const {
  if (joined.size() == last.joined.size()) return {};
  return fail(
      ErrorCode::bad_data,
      "{} {}: the bar of {} comes with {} values of outside series, and the stored bars have {} each; "
      "nothing was stored. Keep the recipe's outside series as they were, or begin a new data folder",
      series.symbol, series.timeframe.name(), format_time(bar.open_time), joined.size() / kDoubleBytes,
      last.joined.size() / kDoubleBytes);
}

// Bars of a series never overlap, in any mix of revisions.
Status Bars::check_neighbours(Series series, const Bar& bar) const {
  std::optional<TimeMs> clash;
  {
    Cursor before = before_.query(series.symbol, series.timeframe.minutes(), bar.open_time);
    if (before.next() && before.integer(1) > bar.open_time) clash = before.integer(0);
    if (!before.status()) return before.status();
  }
  {
    Cursor after = after_.query(series.symbol, series.timeframe.minutes(), bar.open_time);
    if (after.next() && after.integer(0) < bar.close_time) clash = after.integer(0);
    if (!after.status()) return after.status();
  }
  if (!clash) return {};
  return fail(ErrorCode::bad_data, "{} {}: the bar of {} overlaps the stored one of {}; nothing was stored",
              series.symbol, series.timeframe.name(), format_time(bar.open_time), format_time(*clash));
}

// The rows of last_ and newest_.
Result<std::optional<Bars::Stored>> Bars::stored_of(Cursor row) {
  std::optional<Stored> stored;
  if (row.next()) stored = Stored{bar_of(row), row.integer(7), row.text(8)};
  if (!row.status()) return propagate(row.status());
  return stored;
}

Result<std::optional<Bars::Stored>> Bars::last_bar(Series series) const {
  return stored_of(last_.query(series.symbol, series.timeframe.minutes()));
}

Result<std::optional<Bars::Stored>> Bars::newest_at(Series series, TimeMs open_time) const {
  return stored_of(newest_.query(series.symbol, series.timeframe.minutes(), open_time));
}

Status Bars::insert(Series series, const Bar& bar, std::int64_t revision, std::string_view joined,
                    TimeMs known_at) {
  return insert_.run(series.symbol, series.timeframe.minutes(), bar.open_time, revision, bar.close_time,
                     bar.open, bar.high, bar.low, bar.close, bar.volume, known_at, Blob{joined});
}

Result<BarSeries> Bars::read(std::string_view symbol, Timeframe timeframe, TimeMs from, TimeMs to,
                             Revision revision) const {
  BarSeries series;
  std::vector<double> joined;
  std::optional<Stored> pending;  // the newest revision seen so far of the present bar
  Cursor row = read_.query(symbol, timeframe.minutes(), from, to, revision == Revision::latest);
  // append() refused such rows; a file that has them was written by something else.
  const auto corrupt = [&](std::string_view what, TimeMs at, TimeMs other) {
    return fail(ErrorCode::corrupt, "{}: the {} {} bars of {} and {} {}", session_.db().name(), symbol,
                timeframe.name(), format_time(at), format_time(other), what);
  };
  const auto hand_over = [&]() -> Status {
    if (!pending) return {};
    if (series.empty()) {
      joined.resize(pending->joined.size() / kDoubleBytes);
      series = BarSeries(joined.size());
    } else if (pending->bar.open_time < series.back().close_time) {
      return corrupt("overlap", series.back().open_time, pending->bar.open_time);
    }
    if (pending->joined.size() != joined.size() * kDoubleBytes) {
      return corrupt("do not have as many joined values",
                     series.empty() ? pending->bar.open_time : series.back().open_time,
                     pending->bar.open_time);
    }
    ByteReader in(pending->joined);
    for (double& value : joined) value = in.f64();
    series.append(pending->bar, joined);
    return {};
  };
  while (row.next()) {
    const Bar bar = bar_of(row);
    if (!pending || bar.open_time != pending->bar.open_time) {
      if (Status fits = hand_over(); !fits) return propagate(fits);
    }
    pending = Stored{bar, 0, row.text(7)};
  }
  if (!row.status()) return propagate(row.status());
  if (Status fits = hand_over(); !fits) return propagate(fits);
  return series;
}

Result<std::vector<BarStore::Listing>> Bars::list() const {
  std::vector<Listing> listings;
  Cursor row = list_.query();
  while (row.next()) {
    listings.push_back({.symbol = row.text(0),
                        .timeframe = Timeframe::minutes(static_cast<int>(row.integer(1))),
                        .bars = row.integer(2),
                        .revisions = row.integer(3),
                        .first_open = row.integer(4),
                        .last_open = row.integer(5)});
  }
  if (!row.status()) return propagate(row.status());
  return listings;
}

}  // namespace pawl::store::sqlite
