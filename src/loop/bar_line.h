// A line that learns from bars: of one market, or, pooled, of all the recipe's markets together.
#pragma once

#include <memory>

#include "contest/contest.h"
#include "labels/labeller.h"
#include "loop/line.h"
#include "loop/series.h"

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
  Status serve(serving::LiveModel::Handle version) override;
  void forget_before(TimeMs from) override;
  std::int64_t data_count() const override { return bars_; }
  TimeMs newest_known_at() const override { return timeline_.back(); }

 private:
  Result<contest::Ground> ground_of(Series& series, const VersionBundle& champion,
                                    const VersionBundle& challenger);

  const recipe::Recipe& recipe_;
  const labels::Labeller& labeller_;
  std::vector<std::unique_ptr<Series>> series_;
  std::vector<TimeMs> timeline_;  // distinct closes of all series, in order
  std::int64_t bars_ = 0;
};

}  // namespace pawl::loop
