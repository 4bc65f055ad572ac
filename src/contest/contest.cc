#include "contest/contest.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <set>

#include "datasets/scoring_columns.h"

namespace pawl::contest {

namespace {

// What both sides said to the same rows of one symbol.
struct Answers {
  datasets::AnsweredRows champion, challenger;
};

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
std::optional<double> majority_share(const std::vector<datasets::AnsweredRows>& symbols, bool pooled) {
  std::map<TimeMs, double> rows_of_date;
  for (const datasets::AnsweredRows& one : symbols) {
    for (const TimeMs date : one.columns.known_at) rows_of_date[date] += 1;
  }
  std::array<double, 3> counts{};
  double total = 0;
  for (const datasets::AnsweredRows& one : symbols) {
    for (std::size_t i = 0; i < one.columns.labels.size(); ++i) {
      const double weight = pooled ? 1 / rows_of_date[one.columns.known_at[i]] : 1;
      counts.at(static_cast<std::size_t>(one.columns.labels[i].cls)) += weight;
      total += weight;
    }
  }
  if (total == 0) return std::nullopt;
  return *std::max_element(counts.begin(), counts.end()) / total;
}

}  // namespace

Result<Evidence> hold_contest(const ContestRequest& request) {
  assert(request.champion.model && request.challenger.model && !request.grounds.empty() && request.labeller);
  assert(request.pooled || request.grounds.size() == 1);
  Evidence evidence;
  evidence.line = request.line;
  evidence.symbol = request.symbol;
  evidence.first_model = request.first_model;
  evidence.champion = request.champion.version;
  evidence.challenger = request.challenger.version;
  for (const Contender* side : {&request.champion, &request.challenger}) {
    if (const auto classes = classes_of(*side, request); !classes) return propagate(classes);
  }

  // Neither side may have read anything of these rows: not only the challenger, whose cut made the window,
  // but also a champion that was trained under other settings or brought in by hand.
  const TimeMs after = std::max({request.judged_from, request.champion.data_cut + request.embargo_ms,
                                 request.challenger.data_cut + request.embargo_ms});
  std::vector<datasets::AnsweredRows> champion, challenger;
  std::set<TimeMs> dates;
  std::int64_t rows = 0;
  for (const Ground& ground : request.grounds) {
    auto answers = ask_both(ground, after, request);
    if (!answers) return propagate(answers);
    const std::vector<TimeMs>& known_at = answers->challenger.columns.known_at;
    if (known_at.empty()) continue;
    dates.insert(known_at.front());
    dates.insert(known_at.back());
    if (request.pooled) dates.insert(known_at.begin(), known_at.end());
    rows += static_cast<std::int64_t>(known_at.size());
    champion.push_back(std::move(answers->champion));
    challenger.push_back(std::move(answers->challenger));
  }
  evidence.rows = request.pooled ? static_cast<std::int64_t>(dates.size()) : rows;
  if (rows == 0) {
    evidence.judged_from = evidence.judged_to = after;
    evidence.eligible = false;
    evidence.why_ineligible = fmt::format(
        "no row later than {} that neither version has seen has its outcome yet", format_time(after));
    return evidence;
  }
  evidence.judged_from = *dates.begin();
  evidence.judged_to = *dates.rbegin();
  evidence.majority_class_accuracy = majority_share(challenger, request.pooled);
  const int classes = request.labeller->classes();
  const auto score = [&](const std::vector<datasets::AnsweredRows>& symbols) {
    if (request.pooled) return datasets::score_pooled(symbols, classes, request.signal, request.scoring);
    return datasets::score_rows(symbols.front().probabilities, classes, symbols.front().columns,
                                request.signal, request.scoring);
  };
  evidence.champion_scores = score(champion);
  evidence.challenger_scores = score(challenger);
  evidence.paired =
      datasets::pair_answers(champion, challenger, classes, request.pooled, request.signal, request.scoring);
  evidence.difference = judging::difference_of(evidence.paired);
  return evidence;
}

}  // namespace pawl::contest
