#include "store/backends/sqlite_outcomes.h"

#include <cmath>

namespace pawl::store::sqlite {

Outcomes::Outcomes(Session& session)
    : session_(session),
      insert_(session.db(),
              "INSERT INTO outcomes (prediction_id, line, known_at, entry_price, exit_price, bars_held, "
              "gross_return, side, correct, pnl_pct, correct_net) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
      find_(session.db(), "SELECT 1 FROM outcomes WHERE prediction_id = ?1"),
      prediction_(session.db(), "SELECT 1 FROM predictions WHERE id = ?1"),
      read_(session.db(),
            "SELECT prediction_id, line, known_at, entry_price, exit_price, bars_held, gross_return, side, "
            "correct, pnl_pct, correct_net FROM outcomes WHERE prediction_id > ?1 "
            "ORDER BY prediction_id LIMIT ?2"),
      read_line_(session.db(),
                 "SELECT prediction_id, line, known_at, entry_price, exit_price, bars_held, gross_return, "
                 "side, correct, pnl_pct, correct_net FROM outcomes WHERE prediction_id > ?1 AND line = ?3 "
                 "ORDER BY prediction_id LIMIT ?2"),
      count_(session.db(), "SELECT count(*) FROM outcomes"),
      count_line_(session.db(), "SELECT count(*) FROM outcomes WHERE line = ?1") {}

Status Outcomes::append(const Outcome& outcome) {
  for (const double value :
       {outcome.entry_price, outcome.exit_price, outcome.gross_return, outcome.pnl_pct}) {
    if (!std::isfinite(value)) {
      return fail(ErrorCode::invalid_argument, "the outcome of prediction {} holds what is no number",
                  outcome.prediction_id);
    }
  }
  return session_.transaction([&] { return insert(outcome); });
}

Status Outcomes::insert(const Outcome& outcome) {
  const auto has_row = [&](Statement& statement) -> Result<bool> {
    Cursor row = statement.query(outcome.prediction_id);
    const bool found = row.next();
    if (!row.status()) return propagate(row.status());
    return found;
  };
  const auto predicted = has_row(prediction_);
  if (!predicted) return propagate(predicted);
  if (!*predicted) return fail(ErrorCode::not_found, "there is no prediction {}", outcome.prediction_id);
  const auto scored = has_row(find_);
  if (!scored) return propagate(scored);
  if (*scored) {
    return fail(ErrorCode::conflict, "prediction {} has an outcome already", outcome.prediction_id);
  }
  return insert_.run(outcome.prediction_id, outcome.line, outcome.known_at, outcome.entry_price,
                     outcome.exit_price, outcome.bars_held, outcome.gross_return,
                     static_cast<int>(outcome.side), outcome.correct, outcome.pnl_pct, outcome.correct_net);
}

Result<std::vector<Outcome>> Outcomes::read_after(std::int64_t prediction_cursor, std::size_t limit,
                                                  std::string_view line) const {
  std::vector<Outcome> outcomes;
  Cursor row =
      line.empty() ? read_.query(prediction_cursor, limit) : read_line_.query(prediction_cursor, limit, line);
  while (row.next()) {
    outcomes.push_back({.prediction_id = row.integer(0),
                        .line = row.text(1),
                        .known_at = row.integer(2),
                        .entry_price = row.real(3),
                        .exit_price = row.real(4),
                        .bars_held = row.integer(5),
                        .gross_return = row.real(6),
                        .side = static_cast<Side>(row.integer(7)),
                        .correct = row.integer(8) != 0,
                        .pnl_pct = row.real(9),
                        .correct_net = row.integer(10) != 0});
  }
  if (!row.status()) return propagate(row.status());
  return outcomes;
}

Result<std::int64_t> Outcomes::count(std::string_view line) const {
  Cursor row = line.empty() ? count_.query() : count_line_.query(line);
  const std::int64_t count = row.next() ? row.integer(0) : 0;
  if (!row.status()) return propagate(row.status());
  return count;
}

}  // namespace pawl::store::sqlite
