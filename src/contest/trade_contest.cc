#include "contest/trade_contest.h"

#include <algorithm>
#include <cassert>

namespace pawl::contest {

namespace {

constexpr int kClasses = 2;

Result<datasets::AnsweredRows> ask(const Contender& contender, std::span<const std::size_t> rows,
                                   const TradeContestRequest& request) {
  const datasets::TradeTable& trades = *request.trades;
  const models::Model& model = *contender.model;
  if (model.columns() != trades.columns.size() || model.classes() != kClasses) {
    return fail(ErrorCode::conflict,
                "{} {} reads {} columns and answers {} classes; a trade has {} columns and is profitable or "
                "not: it is no filter of trades",
                request.line, contender.version.text(), model.columns(), model.classes(),
                trades.columns.size());
  }
  const datasets::TradeTable asked = trades.select(rows);
  std::vector<double> probabilities(rows.size() * kClasses);
  model.predict({asked.values, rows.size(), trades.columns.size()}, probabilities);
  return datasets::AnsweredRows{std::move(probabilities), datasets::scoring_columns(trades, rows)};
}

// The trades that neither side has seen, in the order in which they were opened.
std::vector<std::size_t> judged_rows(const TradeContestRequest& request, TimeMs after) {
  const datasets::TradeTable& trades = *request.trades;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < trades.size(); ++i) {
    if (trades.known_at[i] > after && trades.label_known_at[i] <= request.as_of) rows.push_back(i);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return trades.known_at[a] < trades.known_at[b]; });
  return rows;
}

}  // namespace

Result<Evidence> hold_trade_contest(const TradeContestRequest& request) {
  assert(request.champion.model && request.challenger.model && request.trades);
  Evidence evidence;
  evidence.line = request.line;
  evidence.symbol = request.name;
  evidence.first_model = request.first_model;
  evidence.champion = request.champion.version;
  evidence.challenger = request.challenger.version;
  // A trade's label is known at its close, so one that opened after a cut was not in the rows before it.
  const TimeMs after =
      std::max({request.judged_from, request.champion.data_cut, request.challenger.data_cut});
  const std::vector<std::size_t> rows = judged_rows(request, after);
  evidence.rows = static_cast<std::int64_t>(rows.size());
  if (rows.empty()) {
    evidence.judged_from = evidence.judged_to = after;
    evidence.eligible = false;
    evidence.why_ineligible = fmt::format(
        "no trade that opened after {} and that neither version has seen has closed yet", format_time(after));
    return evidence;
  }
  const datasets::TradeTable& trades = *request.trades;
  evidence.judged_from = trades.known_at[rows.front()];
  evidence.judged_to = trades.known_at[rows.back()];
  const auto profitable =
      std::count_if(rows.begin(), rows.end(), [&](std::size_t row) { return trades.classes[row] == 1; });
  const auto more = std::max(profitable, evidence.rows - profitable);
  evidence.majority_class_accuracy = static_cast<double>(more) / static_cast<double>(evidence.rows);
  auto champion = ask(request.champion, rows, request);
  if (!champion) return propagate(champion);
  auto challenger = ask(request.challenger, rows, request);
  if (!challenger) return propagate(challenger);
  const judging::ScoringRules rules = datasets::trade_rules(trades, rows);
  const auto score = [&](const datasets::AnsweredRows& side) {
    return datasets::score_rows(side.probabilities, kClasses, side.columns, request.signal, rules);
  };
  evidence.champion_scores = score(*champion);
  evidence.challenger_scores = score(*challenger);
  const std::vector<const datasets::AnsweredRows*> old_side = {&*champion}, new_side = {&*challenger};
  evidence.paired = datasets::pair_answers(old_side, new_side, kClasses, false, request.signal, rules);
  evidence.difference = judging::difference_of(evidence.paired);
  return evidence;
}

}  // namespace pawl::contest
