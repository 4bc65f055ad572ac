#include "contest/contest.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "datasets/scoring_columns.h"

namespace pawl::contest {

namespace {

Result<Scorecard> score_contender(const Contender& contender, const FeatureFrame& frame,
                                  std::span<const std::size_t> rows, const datasets::ScoringColumns& columns,
                                  const ContestRequest& request) {
  if (contender.model->columns() != frame.columns()) {
    return fail(ErrorCode::corrupt, "{} {}: the model reads {} columns, its feature list has {}",
                request.line, contender.version.text(), contender.model->columns(), frame.columns());
  }
  const int classes = contender.model->classes();
  if (classes != request.labeller->classes()) {
    return fail(
        ErrorCode::conflict,
        "{} {} answers {} classes and the recipe's label has {}: they cannot be compared; go back to the "
        "label it was trained on, or begin anew with another data folder or recipe name",
        request.line, contender.version.text(), classes, request.labeller->classes());
  }
  const std::vector<double> values = datasets::gather_values(frame, rows);
  std::vector<double> probabilities(rows.size() * static_cast<std::size_t>(classes));
  contender.model->predict({values, rows.size(), frame.columns()}, probabilities);
  return datasets::score_rows(probabilities, classes, columns, request.signal, request.scoring);
}

std::optional<double> majority_share(std::span<const Label> labels) {
  if (labels.empty()) return std::nullopt;
  std::array<std::size_t, 3> counts{};
  for (const Label& label : labels) ++counts.at(static_cast<std::size_t>(label.cls));
  return static_cast<double>(*std::max_element(counts.begin(), counts.end())) /
         static_cast<double>(labels.size());
}

}  // namespace

Result<Evidence> hold_contest(const ContestRequest& request) {
  assert(request.champion.model && request.challenger.model && request.bars && request.labeller);
  const BarSeries& bars = *request.bars;
  Evidence evidence;
  evidence.line = request.line;
  evidence.symbol = request.symbol;
  evidence.first_model = request.first_model;
  evidence.champion = request.champion.version;
  evidence.challenger = request.challenger.version;

  // Neither side may have read anything of these rows: not only the challenger, whose cut made the window,
  // but also a champion that was trained under other settings or brought in by hand.
  const TimeMs after = std::max({request.judged_from, request.champion.data_cut + request.embargo_ms,
                                 request.challenger.data_cut + request.embargo_ms});
  const std::size_t first = bars.count_known_at(after);
  const std::size_t last = std::max(first, bars.count_known_at(request.as_of));
  const datasets::Dataset dataset = datasets::assemble(*request.challenger.features, *request.labeller,
                                                       request.scale, bars, first, last, request.as_of);
  const bool shared = request.champion.features == request.challenger.features;
  const FeatureFrame champion_frame =
      shared ? FeatureFrame{} : request.champion.features->rows(bars, first, first + dataset.rows());
  const FeatureFrame& champion_rows = shared ? dataset.frame : champion_frame;

  std::vector<std::size_t> rows;
  for (const std::size_t row : datasets::usable_rows(dataset)) {
    if (champion_rows.ready[row] != 0) rows.push_back(row);
  }
  evidence.rows = static_cast<std::int64_t>(rows.size());
  if (rows.empty()) {
    evidence.judged_from = evidence.judged_to = after;
    evidence.eligible = false;
    evidence.why_ineligible = fmt::format(
        "no row later than {} that neither version has seen has its outcome yet", format_time(after));
    return evidence;
  }
  evidence.judged_from = dataset.frame.known_at[rows.front()];
  evidence.judged_to = dataset.frame.known_at[rows.back()];

  const datasets::ScoringColumns columns = datasets::scoring_columns(dataset, rows, bars, *request.calendar);
  evidence.majority_class_accuracy = majority_share(columns.labels);
  auto champion = score_contender(request.champion, champion_rows, rows, columns, request);
  if (!champion) return propagate(champion);
  auto challenger = score_contender(request.challenger, dataset.frame, rows, columns, request);
  if (!challenger) return propagate(challenger);
  evidence.champion_scores = std::move(*champion);
  evidence.challenger_scores = std::move(*challenger);
  return evidence;
}

}  // namespace pawl::contest
