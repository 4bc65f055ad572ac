#include "training/prepared.h"

#include <algorithm>
#include <optional>

#include "base/parallel.h"
#include "training/job_rows.h"

namespace pawl::training {

namespace {

Result<datasets::FeatureHistory> follow(const std::vector<std::string>& specs, const Job& job,
                                        const MarketCalendar& calendar, const JobSeries& series,
                                        const std::string& state) {
  Result<features::FeatureList> list = features::FeatureList::parse(specs, job.base, calendar, job.outside);
  if (!list) return propagate(list);
  Result<datasets::FeatureHistory> history = datasets::FeatureHistory::resume(std::move(*list), state, 4096);
  if (!history) return history;
  history->follow(series.bars);
  return history;
}

Result<datasets::Dataset> dataset_of(const Job& job, const MarketCalendar& calendar,
                                     const labels::Labeller& labeller, const JobSeries& series) {
  auto features = follow(job.features, job, calendar, series, series.feature_state);
  if (!features) return propagate(features);
  const BarSeries& bars = series.bars;
  std::size_t first = 0;
  while (first < bars.size() && bars.close_time(first) <= series.rows_from) ++first;
  std::optional<datasets::FeatureHistory> scale, where;
  if (labeller.scale_spec()) {
    auto followed = follow({*labeller.scale_spec()}, job, calendar, series, series.scale_state);
    if (!followed) return propagate(followed);
    scale = std::move(*followed);
  }
  if (!job.signal_where.empty()) {
    auto followed = follow({job.signal_where}, job, calendar, series, series.where_state);
    if (!followed) return propagate(followed);
    where = std::move(*followed);
  }
  return datasets::assemble(*features, labeller, scale ? &*scale : nullptr, bars, first, bars.size(), job.cut,
                            where ? &*where : nullptr);
}

}  // namespace

Result<Settings> settings_from_json(const Schema& schema, const Json& json, std::string_view path) {
  Result<ConfigNode> node = parse_yaml(json.dump(), "job.json");
  if (!node) return propagate(node);
  return Settings::read(schema, *node, path);
}

Result<Prepared> prepare(const Job& job, int threads) {
  if (job.rows) return prepare_rows(job);
  Prepared prepared;
  auto calendar = MarketCalendar::make(job.day_anchor, job.session);
  if (!calendar) return propagate(calendar);
  prepared.calendar = *calendar;
  const labels::LabellerKind* kind = labels::find_labeller_kind(job.label_kind);
  if (kind == nullptr)
    return fail(ErrorCode::bad_config, "label kind `{}` is not known here", job.label_kind);
  auto settings = settings_from_json(kind->schema, job.label_settings, "label");
  if (!settings) return propagate(settings);
  auto labeller = kind->make(*settings, {job.costs, *calendar});
  if (!labeller) return propagate(labeller);
  prepared.labeller = std::move(*labeller);
  prepared.classes = prepared.labeller->classes();

  Rows& rows = prepared.rows;
  std::vector<std::optional<Result<datasets::Dataset>>> made(job.series.size());
  run_parallel(made.size(), threads, [&](std::size_t i) {
    made[i] = dataset_of(job, *calendar, *prepared.labeller, job.series[i]);
  });
  for (std::size_t i = 0; i < made.size(); ++i) {
    Result<datasets::Dataset>& dataset = *made[i];
    if (!dataset) return within(job.series[i].symbol, dataset.error());
    for (const std::size_t row : datasets::usable_rows(*dataset)) {
      rows.origins.push_back({rows.datasets.size(), row});
    }
    rows.datasets.push_back(std::move(*dataset));
  }
  const auto known_at = [&rows](const Rows::Origin& o) {
    return rows.datasets[o.series].frame.known_at[o.row];
  };
  std::stable_sort(rows.origins.begin(), rows.origins.end(),
                   [&](const auto& a, const auto& b) { return known_at(a) < known_at(b); });
  for (const Rows::Origin& origin : rows.origins) {
    const datasets::Dataset& dataset = rows.datasets[origin.series];
    const std::span<const double> values = dataset.frame.row(origin.row);
    rows.values.insert(rows.values.end(), values.begin(), values.end());
    rows.classes.push_back(dataset.labels[origin.row].cls);
    rows.times.push_back({dataset.frame.known_at[origin.row], dataset.labels[origin.row].known_at});
  }
  if (!rows.datasets.empty()) rows.columns = rows.datasets.front().frame.names;
  return prepared;
}

}  // namespace pawl::training
