// A line that learns from bars: of one market, or, pooled, of all the recipe's markets together.
#pragma once

#include <memory>

#include "contest/contest.h"
#include "labels/labeller.h"
#include "loop/line.h"
#include "loop/series.h"
#include "outcomes/drift.h"

namespace pawl::loop {

class BarLine final : public Line {
 public:
  // One series per symbol; several make it a pooled line. `recipe` and `labeller` outlive it.
  BarLine(const recipe::Recipe& recipe, const labels::Labeller& labeller, const std::vector<Symbol>& symbols);

  Series& series(std::size_t index) { return *series_[index]; }
  const Series& series(std::size_t index) const { return *series_[index]; }
  std::size_t series_count() const { return series_.size(); }
  // Makes the histories that every window will need, before the first bar.
  Status open_histories();
  // Takes the next bar of one of its series.
  void append(std::size_t index, const Bar& bar, std::span<const double> joined);

  int classes() const override { return labeller_.classes(); }
  Result<FeatureIdentity> features() override;
  Result<VersionBundle> baseline(TimeMs now) override;
  Result<Windows> plan(TimeMs now) override;
  Status fill(training::Job& job, const Windows& windows, const std::vector<std::string>& features) override;
  Result<Evidence> contest(const Windows& windows, const VersionBundle& challenger,
                           const models::Model& model) override;
  // What a version would have said at the newest bar that was known at `now`: the very bits of then.
  Result<Side> side_at(std::size_t index, const registry::LoadedVersion& version, TimeMs now);
  // What a version reads, by market.
  Result<std::vector<const datasets::FeatureHistory*>> histories(const std::vector<std::string>& specs);
  Status serve(serving::LiveModel::Handle version) override;
  // Of the version that serves; watches nothing where the recipe does not ask for it.
  outcomes::DriftWatch drift;
  // Shows it a prediction and the row behind it; a report where a check was due.
  std::optional<outcomes::DriftReport> look_at(const Prediction& prediction, std::span<const double> row);
  // A stored prediction of the newest bar, for the watch to see again once all are read.
  void remember(std::size_t index, const Prediction& prediction, const std::optional<Outcome>& outcome);
  // Shows the watch all that was remembered and predicted from `serving_since` on, in the order in which it
  // happened.
  void restore_drift(TimeMs serving_since);
  void forget_before(TimeMs from) override;
  std::int64_t data_count() const override { return bars_; }
  TimeMs newest_known_at() const override { return timeline_.back(); }

 private:
  Status watch_drift_of(const registry::LoadedVersion& version);
  Result<contest::Ground> ground_of(Series& series, const VersionBundle& champion,
                                    const VersionBundle& challenger);

  const recipe::Recipe& recipe_;
  const labels::Labeller& labeller_;
  std::vector<std::unique_ptr<Series>> series_;
  std::vector<TimeMs> timeline_;  // distinct closes of all series, in order
  std::int64_t bars_ = 0;
  struct Past {
    std::size_t series;
    Prediction prediction;
    std::optional<Outcome> outcome;
    std::vector<double> row;
  };
  std::vector<Past> past_;  // only while the line is restored
};

}  // namespace pawl::loop
