// The watch for drift within the loop: a version begins, a prediction is looked at, a check is told; and all
// of it again, in the order in which it happened, when a data folder's past is read back.
#include <algorithm>
#include <tuple>

#include "loop/loop.h"

namespace pawl::loop {

Status BarLine::watch_drift_of(const registry::LoadedVersion& version) {
  const Artifact& artifact = version.bundle.serving ? *version.bundle.serving : version.bundle.judged;
  std::optional<judging::DriftReference> reference;
  if (recipe_.drift.enabled && !artifact.reference.is_null()) {
    auto read = judging::drift_reference_from_json(artifact.reference);
    if (!read) return within(fmt::format("{} {}", id(), version.bundle.number.text()), read.error());
    if (read->features.size() != version.bundle.features.size()) {
      return fail(ErrorCode::corrupt,
                  "{} {}: its reference for drift is of {} columns, its feature list has {}: it is damaged; "
                  "train or import it again",
                  id(), version.bundle.number.text(), read->features.size(), version.bundle.features.size());
    }
    reference = std::move(*read);
  }
  drift_seen.reset();
  drift.begin(version.bundle.number, std::move(reference), !artifact.calibration.is_null());
  return {};
}

std::optional<outcomes::DriftReport> BarLine::look_at(const Prediction& prediction,
                                                      std::span<const double> row) {
  if (!drift.add(prediction, row)) return std::nullopt;
  outcomes::DriftReport report = drift.check(prediction.known_at);
  const triggers::DriftSeen before = drift_seen.value_or(triggers::DriftSeen{});
  triggers::DriftSeen seen{.at = report.at, .features = {}, .feature_checks = {}};
  auto alarmed = report.alarmed();
  std::stable_sort(alarmed.begin(), alarmed.end(), [](const auto* a, const auto* b) {
    return a->psi * b->psi_limit > b->psi * a->psi_limit;
  });
  for (std::size_t i = 0; i < alarmed.size(); ++i) {
    seen.features.push_back(alarmed[i]->name);
    seen.feature_checks.push_back(1 + (i < before.feature_checks.size() ? before.feature_checks[i] : 0));
  }
  if (report.prediction && report.prediction->alarm) seen.prediction_checks = 1 + before.prediction_checks;
  if (report.error.alarm()) seen.error_checks = 1 + before.error_checks;
  drift_seen = std::move(seen);
  return report;
}

Status Loop::watch_drift(BarLine& line, const Prediction& prediction, std::span<const double> row) {
  const auto report = line.look_at(prediction, row);
  if (!report) return {};
  return journal_.event("drift", line.id(), prediction.known_at, outcomes::to_json(*report));
}

void BarLine::remember(std::size_t index, const Prediction& prediction,
                       const std::optional<Outcome>& outcome) {
  if (!drift.watching() || prediction.version != drift.version()) return;
  const std::span<const double> row = series_[index]->live_features().last_row();
  past_.push_back({index, prediction, outcome, {row.begin(), row.end()}});
}

void BarLine::restore_drift(TimeMs serving_since) {
  // At a bar's close, market by market: what it settles, then what is predicted from it.
  struct Step {
    TimeMs at;
    std::size_t series;
    bool predicts;
    const Past* past;
    auto order() const { return std::tuple(at, series, predicts, past->prediction.id); }
  };
  std::vector<Step> steps;
  for (const Past& past : past_) {
    if (past.prediction.known_at < serving_since) continue;
    steps.push_back({past.prediction.known_at, past.series, true, &past});
    if (past.outcome) steps.push_back({past.outcome->known_at, past.series, false, &past});
  }
  std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.order() < b.order(); });
  for (const Step& step : steps) {
    if (step.predicts) {
      (void)look_at(step.past->prediction, step.past->row);  // it was told when it happened
    } else {
      drift.settle(*step.past->outcome);
    }
  }
  past_.clear();
  past_.shrink_to_fit();
}

Status Loop::restore_drift() {
  for (const Feed& feed : feeds_) {
    if (feed.index != 0 || !feed.line->drift.watching()) continue;
    const auto history = rooms_.registry.history(feed.line->id());
    if (!history) return propagate(history);
    TimeMs since = std::numeric_limits<TimeMs>::min();
    for (const store::PromotionRow& row : *history) {
      if (row.to == feed.line->drift.version() && row.from != row.to) since = std::max(since, row.at);
    }
    feed.line->restore_drift(since);
  }
  return {};
}

}  // namespace pawl::loop
