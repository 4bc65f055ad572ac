#include "loop/bar_line.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "models/model_kind.h"

namespace pawl::loop {

BarLine::BarLine(const recipe::Recipe& recipe, const labels::Labeller& labeller,
                 const std::vector<Symbol>& symbols)
    : Line(recipe.line_of(symbols.front()), recipe.pool ? "pool" : symbols.front().given(),
           recipe.costs_of(symbols.front())),
      drift({recipe.drift.window_rows, recipe.drift.check_every_bars, recipe.drift.false_alarm_share},
            symbols.size()),
      recipe_(recipe),
      labeller_(labeller) {
  for (const Symbol& symbol : symbols) {
    series_.push_back(std::make_unique<Series>(recipe, symbol, labeller));
  }
}

Status BarLine::open_histories() {
  for (const std::unique_ptr<Series>& series : series_) {
    if (auto history = series->history(recipe_.features); !history) return propagate(history);
    if (const auto scale = labeller_.scale_spec()) {
      if (auto history = series->history({*scale}); !history) return propagate(history);
    }
    if (!recipe_.signal_where.empty()) {
      if (auto history = series->history({recipe_.signal_where}); !history) return propagate(history);
    }
  }
  return {};
}

void BarLine::append(std::size_t index, const Bar& bar, std::span<const double> joined) {
  if (bars_ == 0) started_at = bar.known_at();
  ++bars_;
  if (timeline_.empty() || bar.close_time > timeline_.back()) timeline_.push_back(bar.close_time);
  series_[index]->append(bar, joined);
}

Result<FeatureIdentity> BarLine::features() {
  auto history = series_.front()->history(recipe_.features);
  if (!history) return propagate(history);
  return FeatureIdentity{(*history)->list().specs(), (*history)->list().hash()};
}

// Nothing was trained, so nothing was read.
Result<VersionBundle> BarLine::baseline(TimeMs now) {
  const models::ModelKind* rules = models::find_model_kind("rules");
  const std::vector<std::string> specs = models::rules_features(recipe_.baseline.settings);
  auto list = features::FeatureList::parse(specs, recipe_.base, recipe_.calendar);
  if (!list) return propagate(list);
  models::TrainRequest request;
  request.classes = classes();
  request.columns = list->specs();
  request.rows.columns = list->size();
  auto trained = rules->train(recipe_.baseline.settings, request);
  if (!trained) return propagate(trained);
  auto model = rules->load(trained->bytes);
  if (!model) return propagate(model);
  VersionBundle bundle;
  bundle.line = id();
  bundle.number = {0};
  bundle.known_at = now;
  bundle.trained_because = "the rules baseline, always there";
  bundle.features = list->specs();
  bundle.features_hash = list->hash();
  bundle.classes = classes();
  bundle.settings = {{"model", {{"kind", "rules"}, {"settings", recipe_.baseline.settings.to_json()}}}};
  bundle.judged.model_kind = "rules";
  bundle.judged.model_bytes = std::move(trained->bytes);
  bundle.judged.data_cut = std::numeric_limits<TimeMs>::min() / 2;
  for (const double value : {0.5, 0.99, 1.0, 1.01, 2.0}) {
    SelfTestVector vector;
    vector.row.assign(list->size(), value);
    vector.probabilities.resize(static_cast<std::size_t>(classes()));
    (*model)->predict({vector.row, 1, list->size()}, vector.probabilities);
    bundle.judged.self_test.push_back(std::move(vector));
  }
  return bundle;
}

Result<Windows> BarLine::plan(TimeMs now) {
  auto history = series_.front()->history(recipe_.features);
  if (!history) return propagate(history);
  return plan_windows(timeline_, recipe_.calendar, recipe_.validation, labeller_.horizon_bars(),
                      (*history)->list().warm_up_bars(), recipe_.base, now);
}

Status BarLine::fill(training::Job& job, const Windows& windows, const std::vector<std::string>& features) {
  job.pooled = recipe_.pool;
  job.features = features;
  job.outside = recipe_.outside_names();
  job.signal_where = recipe_.signal_where;
  job.label_kind = recipe_.label.kind;
  job.label_settings = recipe_.label.settings.to_json();
  for (const std::unique_ptr<Series>& one : series_) {
    const BarSeries& bars = one->bars();
    training::JobSeries series;
    series.symbol = one->symbol().canonical();
    series.rows_from = windows.rows_from;
    const std::size_t first = bars.count_known_at(windows.rows_from), last = bars.count_known_at(job.cut);
    auto history = one->history(features);
    if (!history) return propagate(history);
    datasets::FeatureHistory::Checkpoint start = (*history)->checkpoint_before(first);
    const auto state_of = [&](const std::string& spec) -> Result<std::string> {
      auto of_spec = one->history({spec});
      if (!of_spec) return propagate(of_spec);
      datasets::FeatureHistory::Checkpoint at = (*of_spec)->checkpoint_before(start.bar);
      assert(at.bar == start.bar && "all histories of a series make checkpoints at the same bars");
      return std::move(at.state);
    };
    if (const auto spec = labeller_.scale_spec()) {
      auto state = state_of(*spec);
      if (!state) return propagate(state);
      series.scale_state = std::move(*state);
    }
    if (!recipe_.signal_where.empty()) {
      auto state = state_of(recipe_.signal_where);
      if (!state) return propagate(state);
      series.where_state = std::move(*state);
    }
    series.feature_state = std::move(start.state);
    series.bars = bars.slice(std::min(start.bar, last), last);
    job.series.push_back(std::move(series));
  }
  return {};
}

Result<contest::Ground> BarLine::ground_of(Series& series, const VersionBundle& champion,
                                           const VersionBundle& challenger) {
  contest::Ground ground{.bars = &series.bars()};
  const std::pair<const std::vector<std::string>*, const datasets::FeatureHistory**> wanted[] = {
      {&champion.features, &ground.champion_features}, {&challenger.features, &ground.challenger_features}};
  for (const auto& [specs, slot] : wanted) {
    auto history = series.history(*specs);
    if (!history) return propagate(history);
    *slot = *history;
  }
  if (const auto spec = labeller_.scale_spec()) {
    auto history = series.history({*spec});
    if (!history) return propagate(history);
    ground.scale = *history;
  }
  if (!recipe_.signal_where.empty()) {
    auto history = series.history({recipe_.signal_where});
    if (!history) return propagate(history);
    ground.where = *history;
  }
  return ground;
}

Result<Evidence> BarLine::contest(const Windows& windows, const VersionBundle& challenger,
                                  const models::Model& model) {
  const serving::LiveModel::Handle champion = live();
  contest::ContestRequest request{
      .line = id(),
      .symbol = name(),
      .champion = {champion->bundle.number, champion->judged.get(), champion->bundle.judged.data_cut},
      .challenger = {challenger.number, &model, challenger.judged.data_cut},
      .grounds = {},
      .pooled = recipe_.pool,
      .labeller = &labeller_,
      .calendar = &recipe_.calendar,
      .judged_from = windows.judged_from,
      .as_of = windows.now,
      .embargo_ms = windows.embargo_ms,
      .signal = recipe_.signal,
      .scoring = {.costs = costs(),
                  .horizon_bars = labeller_.horizon_bars(),
                  .bars_per_year = recipe_.bars_per_year},
      .first_model = champion->bundle.number.value == 0};
  for (const std::unique_ptr<Series>& series : series_) {
    if (series->bars().empty()) continue;
    auto ground = ground_of(*series, champion->bundle, challenger);
    if (!ground) return propagate(ground);
    request.grounds.push_back(*ground);
  }
  return contest::hold_contest(request);
}

Result<Side> BarLine::side_at(std::size_t index, const registry::LoadedVersion& version, TimeMs now) {
  Series& series = *series_[index];
  const std::size_t known = series.bars().count_known_at(now);
  if (known == 0) return Side::hold;
  auto history = series.history(version.bundle.features);
  if (!history) return propagate(history);
  const FeatureFrame frame = (*history)->rows(series.bars(), known - 1, known);
  if (frame.ready[0] == 0) return Side::hold;
  if (!recipe_.signal_where.empty()) {
    auto where = series.history({recipe_.signal_where});
    if (!where) return propagate(where);
    if (!((*where)->rows(series.bars(), known - 1, known).row(0)[0] > 0)) return Side::hold;
  }
  return serving::predict(version, frame.row(0), recipe_.signal).side;
}

Result<std::vector<const datasets::FeatureHistory*>> BarLine::histories(
    const std::vector<std::string>& specs) {
  std::vector<const datasets::FeatureHistory*> histories;
  for (const std::unique_ptr<Series>& series : series_) {
    auto history = series->history(specs);
    if (!history) return propagate(history);
    histories.push_back(*history);
  }
  return histories;
}

Status BarLine::serve(serving::LiveModel::Handle version) {
  for (const std::unique_ptr<Series>& series : series_) {
    if (Status read = series->read_features(version->bundle.features, version->bundle.features_hash); !read) {
      return within(fmt::format("{} {}", id(), version->bundle.number.text()), read.error());
    }
  }
  if (Status watched = watch_drift_of(*version); !watched) return watched;
  live_.publish(std::move(version));
  return {};
}

void BarLine::forget_before(TimeMs from) {
  for (const std::unique_ptr<Series>& series : series_) series->forget_before(from);
}

}  // namespace pawl::loop
