#include "contest/contest.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <set>

#include "datasets/scoring_columns.h"

namespace pawl::contest {

namespace {

Result<int> classes_of(const Contender& contender, const ContestRequest& request) {
  const int classes = contender.model->classes();
  if (classes != request.labeller->classes()) {
    return fail(
        ErrorCode::conflict,
        "{} {} answers {} classes and the recipe's label has {}: they cannot be compared; go back to the "
        "label it was trained on, or begin anew with another data folder or recipe name",
        request.line, contender.version.text(), classes, request.labeller->classes());
  }
  return classes;
}

Result<std::vector<double>> ask(const Contender& contender, const FeatureFrame& frame,
                                std::span<const std::size_t> rows, const ContestRequest& request) {
  if (contender.model->columns() != frame.columns()) {
    return fail(ErrorCode::corrupt, "{} {}: the model reads {} columns, its feature list has {}",
                request.line, contender.version.text(), contender.model->columns(), frame.columns());
  }
  const std::vector<double> values = datasets::gather_values(frame, rows);
  std::vector<double> probabilities(rows.size() * static_cast<std::size_t>(contender.model->classes()));
  contender.model->predict({values, rows.size(), frame.columns()}, probabilities);
  return probabilities;
}

// The rows of one symbol that both sides can be asked about, known after `after`.
Result<Answers> ask_both(const Ground& ground, TimeMs after, const ContestRequest& request) {
  const BarSeries& bars = *ground.bars;
  const std::size_t first = bars.count_known_at(after);
  const std::size_t last = std::max(first, bars.count_known_at(request.as_of));
  const datasets::Dataset dataset =
      datasets::assemble(*ground.challenger_features, *request.labeller, ground.scale, bars, first, last,
                         request.as_of, ground.where);
  const bool shared = ground.champion_features == ground.challenger_features;
  const FeatureFrame champion_frame =
      shared ? FeatureFrame{} : ground.champion_features->rows(bars, first, first + dataset.rows());
  const FeatureFrame& champion_rows = shared ? dataset.frame : champion_frame;

  std::vector<std::size_t> rows;
  for (const std::size_t row : datasets::usable_rows(dataset)) {
    if (champion_rows.ready[row] != 0) rows.push_back(row);
  }
  auto champion = ask(request.champion, champion_rows, rows, request);
  if (!champion) return propagate(champion);
  auto challenger = ask(request.challenger, dataset.frame, rows, request);
  if (!challenger) return propagate(challenger);
  Answers answers;
  answers.challenger = {std::move(*challenger),
                        datasets::scoring_columns(dataset, rows, bars, *request.calendar)};
  answers.champion = {std::move(*champion), answers.challenger.columns};
  return answers;
}

// Of all rows, each weighted so that its date counts as one where the line is pooled.
std::optional<double> majority_share(std::span<const Answers> symbols, bool pooled) {
  std::map<TimeMs, double> rows_of_date;
  for (const Answers& one : symbols) {
    for (const TimeMs date : one.challenger.columns.known_at) rows_of_date[date] += 1;
  }
  std::array<double, 3> counts{};
  double total = 0;
  for (const Answers& one : symbols) {
    const datasets::ScoringColumns& columns = one.challenger.columns;
    for (std::size_t i = 0; i < columns.labels.size(); ++i) {
      const double weight = pooled ? 1 / rows_of_date[columns.known_at[i]] : 1;
      counts.at(static_cast<std::size_t>(columns.labels[i].cls)) += weight;
      total += weight;
    }
  }
  if (total == 0) return std::nullopt;
  return *std::max_element(counts.begin(), counts.end()) / total;
}

using Which = datasets::AnsweredRows Answers::*;

// One side's answers where they lie: thousands of contests are weighed over tens of thousands of rows.
std::vector<const datasets::AnsweredRows*> side_of(std::span<const Answers> symbols, Which side) {
  std::vector<const datasets::AnsweredRows*> rows;
  for (const Answers& one : symbols) rows.push_back(&(one.*side));
  return rows;
}

Scorecard score(const ContestRequest& request, datasets::AnsweredRowsRefs symbols) {
  const int classes = request.labeller->classes();
  if (request.pooled) return datasets::score_pooled(symbols, classes, request.signal, request.scoring);
  const datasets::AnsweredRows& rows = *symbols.front();
  return datasets::score_rows(rows.probabilities, classes, rows.columns, request.signal, request.scoring);
}

}  // namespace

TimeMs judged_after(const ContestRequest& request) {
  return std::max({request.judged_from, request.champion.data_cut + request.embargo_ms,
                   request.challenger.data_cut + request.embargo_ms});
}

Evidence weigh(const ContestRequest& request, std::span<const Answers> symbols) {
  Evidence evidence;
  evidence.line = request.line;
  evidence.symbol = request.symbol;
  evidence.first_model = request.first_model;
  evidence.champion = request.champion.version;
  evidence.challenger = request.challenger.version;
  std::set<TimeMs> dates;
  std::int64_t rows = 0;
  for (const Answers& one : symbols) {
    const std::vector<TimeMs>& known_at = one.challenger.columns.known_at;
    assert(!known_at.empty());
    dates.insert(known_at.front());
    dates.insert(known_at.back());
    if (request.pooled) dates.insert(known_at.begin(), known_at.end());
    rows += static_cast<std::int64_t>(known_at.size());
  }
  evidence.rows = request.pooled ? static_cast<std::int64_t>(dates.size()) : rows;
  if (rows == 0) {
    const TimeMs after = judged_after(request);
    evidence.judged_from = evidence.judged_to = after;
    evidence.eligible = false;
    evidence.why_ineligible = fmt::format(
        "no row later than {} that neither version has seen has its outcome yet", format_time(after));
    return evidence;
  }
  evidence.judged_from = *dates.begin();
  evidence.judged_to = *dates.rbegin();
  evidence.majority_class_accuracy = majority_share(symbols, request.pooled);
  const auto champion = side_of(symbols, &Answers::champion),
             challenger = side_of(symbols, &Answers::challenger);
  evidence.champion_scores = score(request, champion);
  evidence.challenger_scores = score(request, challenger);
  evidence.paired = datasets::pair_answers(champion, challenger, request.labeller->classes(), request.pooled,
                                           request.signal, request.scoring);
  evidence.difference = judging::difference_of(evidence.paired);
  return evidence;
}

Result<Evidence> hold_contest(const ContestRequest& request) {
  assert(request.champion.model && request.challenger.model && !request.grounds.empty() && request.labeller);
  assert(request.pooled || request.grounds.size() == 1);
  for (const Contender* side : {&request.champion, &request.challenger}) {
    if (const auto classes = classes_of(*side, request); !classes) return propagate(classes);
  }
  const TimeMs after = judged_after(request);
  std::vector<Answers> symbols;
  for (const Ground& ground : request.grounds) {
    auto answers = ask_both(ground, after, request);
    if (!answers) return propagate(answers);
    if (!answers->challenger.columns.known_at.empty()) symbols.push_back(std::move(*answers));
  }
  return weigh(request, symbols);
}

}  // namespace pawl::contest
