#include "store/backends/sqlite_predictions.h"

#include <cmath>

namespace pawl::store::sqlite {

Predictions::Predictions(Session& session)
    : session_(session),
      insert_(session.db(),
              "INSERT INTO predictions (line, symbol, bar_open_time, known_at, version, side, p_up, p_down, "
              "features_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      read_(session.db(),
            "SELECT id, line, symbol, bar_open_time, known_at, version, side, p_up, p_down, features_digest "
            "FROM predictions WHERE id > ?1 ORDER BY id LIMIT ?2"),
      read_line_(session.db(),
                 "SELECT id, line, symbol, bar_open_time, known_at, version, side, p_up, p_down, "
                 "features_digest FROM predictions WHERE id > ?1 AND line = ?3 ORDER BY id LIMIT ?2"),
      count_(session.db(), "SELECT count(*) FROM predictions"),
      count_line_(session.db(), "SELECT count(*) FROM predictions WHERE line = ?1") {}

Result<std::int64_t> Predictions::append(const Prediction& prediction) {
  if (!std::isfinite(prediction.p_up) || !std::isfinite(prediction.p_down)) {
    return fail(ErrorCode::invalid_argument, "a prediction of {} for {} has a probability that is no number",
                prediction.line, format_time(prediction.bar_open_time));
  }
  std::int64_t id = 0;
  const Status appended = session_.append(1, [&]() -> Status {
    Status inserted =
        insert_.run(prediction.line, prediction.symbol, prediction.bar_open_time, prediction.known_at,
                    prediction.version.value, static_cast<int>(prediction.side), prediction.p_up,
                    prediction.p_down, prediction.features_digest);
    id = session_.db().last_insert_id();
    return inserted;
  });
  if (!appended) return propagate(appended);
  return id;
}

Result<std::vector<Prediction>> Predictions::read_after(std::int64_t cursor, std::size_t limit,
                                                        std::string_view line) const {
  std::vector<Prediction> predictions;
  Cursor row = line.empty() ? read_.query(cursor, limit) : read_line_.query(cursor, limit, line);
  while (row.next()) {
    predictions.push_back({.id = row.integer(0),
                           .line = row.text(1),
                           .symbol = row.text(2),
                           .bar_open_time = row.integer(3),
                           .known_at = row.integer(4),
                           .version = {row.integer(5)},
                           .side = static_cast<Side>(row.integer(6)),
                           .p_up = row.real(7),
                           .p_down = row.real(8),
                           .features_digest = row.text(9)});
  }
  if (!row.status()) return propagate(row.status());
  return predictions;
}

Result<std::int64_t> Predictions::count(std::string_view line) const {
  Cursor row = line.empty() ? count_.query() : count_line_.query(line);
  const std::int64_t count = row.next() ? row.integer(0) : 0;
  if (!row.status()) return propagate(row.status());
  return count;
}

}  // namespace pawl::store::sqlite
