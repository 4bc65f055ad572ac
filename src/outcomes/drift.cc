#include "outcomes/drift.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "stats/kolmogorov_smirnov.h"
#include "stats/psi.h"

namespace pawl::outcomes {

namespace {

// Fewer independent rows than this expected in a bin, and χ² is no longer what PSI follows.
constexpr double kExpectedMin = 5;

Json column_json(const ColumnDrift& column) {
  return {{"name", column.name},
          {"psi", json_number(column.psi)},
          {"limit", json_number(column.psi_limit)},
          {"ks", json_number(column.ks)},
          {"ks_p", json_number(column.ks_p)},
          {"n_eff", {json_number(column.reference_effective), json_number(column.recent_effective)}},
          {"groups", column.groups},
          {"alarm", column.alarm},
          {"since", column.since ? Json(format_time(*column.since)) : Json()}};
}

Json optional_json(const std::optional<double>& value) {
  return value ? json_number(*value) : Json();
}
Json optional_time(const std::optional<TimeMs>& value) {
  return value ? Json(format_time(*value)) : Json();
}

double nearness(const ColumnDrift& column) {
  return column.psi_limit > 0 ? column.psi / column.psi_limit : 0;
}

}  // namespace

std::vector<const ColumnDrift*> DriftReport::alarmed() const {
  std::vector<const ColumnDrift*> found;
  for (const ColumnDrift& column : features) {
    if (column.alarm) found.push_back(&column);
  }
  return found;
}

bool DriftReport::alarm() const {
  return !alarmed().empty() || (prediction && prediction->alarm) || error.alarm();
}

Json to_json(const DriftReport& report, std::size_t shown) {
  std::vector<const ColumnDrift*> order;
  for (const ColumnDrift& column : report.features) order.push_back(&column);
  std::stable_sort(order.begin(), order.end(), [](const ColumnDrift* a, const ColumnDrift* b) {
    return std::pair(a->alarm, nearness(*a)) > std::pair(b->alarm, nearness(*b));
  });
  order.resize(std::min(order.size(), std::max(shown, report.alarmed().size())));
  Json features = Json::array();
  for (const ColumnDrift* column : order) features.push_back(column_json(*column));
  // PSI by its limit of every column: what a chart over checks is drawn of.
  Json series = Json::object();
  const auto add = [&](const ColumnDrift& column) {
    series[column.name] = column.groups < 2 ? Json() : json_number(std::round(1e4 * nearness(column)) / 1e4);
  };
  for (const ColumnDrift& column : report.features) add(column);
  if (report.prediction) add(*report.prediction);
  const ErrorDrift& error = report.error;
  return {{"version", report.version.text()},
          {"at", format_time(report.at)},
          {"rows", report.rows},
          {"alarm", report.alarm()},
          {"alarmed", report.alarmed().size()},
          {"watched", report.features.size()},
          {"false_alarm_share", json_number(report.false_alarm_share)},
          {"features", std::move(features)},
          {"series", std::move(series)},
          {"prediction", report.prediction ? column_json(*report.prediction) : Json()},
          {"error",
           {{"settled", error.settled},
            {"wrong_share", optional_json(error.wrong_share)},
            {"reference_wrong_share", optional_json(report.reference_error_share)},
            {"adwin_since", optional_time(error.adwin_since)},
            {"page_hinkley_since", optional_time(error.page_hinkley_since)},
            {"ddm_since", optional_time(error.ddm_since)},
            {"alarm", error.alarm()}}},
          {"estimated_accuracy", optional_json(error.expected_accuracy)},
          {"realised_accuracy", optional_json(error.realised_accuracy)},
          {"calibrated", report.calibrated}};
}

ColumnWatch::ColumnWatch(judging::ColumnReference reference, std::size_t capacity, std::size_t series)
    : reference_(std::move(reference)),
      capacity_(capacity),
      series_(series),
      counts_(reference_.counts.size(), 0) {
  ring_.reserve(capacity);
}

void ColumnWatch::push(double value) {
  const auto bin = static_cast<std::uint8_t>(reference_.bin_of(value));
  if (ring_.size() < capacity_) {
    ring_.push_back(bin);
  } else {
    --counts_[ring_[next_]];
    ring_[next_] = bin;
    next_ = (next_ + 1) % capacity_;
  }
  ++counts_[bin];
}

ColumnDrift ColumnWatch::check(double alpha, TimeMs at) {
  ColumnDrift drift{.name = reference_.name};
  const auto rows_of = [](const std::vector<std::int64_t>& counts) {
    return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  };
  const double n = rows_of(reference_.counts), m = rows_of(counts_);
  drift.reference_effective = reference_.effective();
  // The memory is the reference's, on both sides: the recent rows are too few to tell their own, and a drift
  // within them would look like memory.
  drift.recent_effective = m / static_cast<double>(series_) / reference_.memory;
  // Neighbouring bins are put together until each holds enough independent rows; what is left over at the end
  // goes to the last.
  const double fewer = std::min(drift.reference_effective, drift.recent_effective);
  std::vector<double> reference, recent;
  double share = 0, p = 0, q = 0, gap = 0;
  for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
    const double in_reference = static_cast<double>(reference_.counts[bin]) / n;
    const double in_recent = static_cast<double>(counts_[bin]) / m;
    p += in_reference;
    q += in_recent;
    drift.ks = std::max(drift.ks, std::abs(gap += in_reference - in_recent));
    share += in_reference;
    if (share * fewer < kExpectedMin) continue;
    reference.push_back(p * drift.reference_effective);
    recent.push_back(q * drift.recent_effective);
    share = p = q = 0;
  }
  drift.groups = reference.size();
  if (drift.groups < 2) {
    alarm_since_.reset();
    return drift;
  }
  reference.back() += p * drift.reference_effective;
  recent.back() += q * drift.recent_effective;
  drift.psi = stats::psi(reference, recent).value_or(0);
  drift.psi_limit = stats::psi_limit(drift.groups, drift.reference_effective, drift.recent_effective, alpha);
  drift.ks_p = stats::ks_p_value(drift.ks, drift.reference_effective, drift.recent_effective);
  drift.alarm = drift.psi > drift.psi_limit || drift.ks_p < alpha;
  if (!drift.alarm) {
    alarm_since_.reset();
  } else if (!alarm_since_) {
    alarm_since_ = at;
  }
  drift.since = alarm_since_;
  return drift;
}

void DriftWatch::Recent::push(double value, std::size_t capacity) {
  if (ring.size() < capacity) {
    ring.push_back(value);
  } else {
    ring[next] = value;
    next = (next + 1) % capacity;
  }
}

std::optional<double> DriftWatch::Recent::accuracy() const {
  stats::ExpectedAccuracy expected;
  for (const double value : ring) expected.push(value);
  return expected.value();
}

DriftWatch::DriftWatch(const DriftSettings& settings, std::size_t series)
    : settings_(settings),
      series_(std::max<std::size_t>(series, 1)),
      capacity_(static_cast<std::size_t>(settings.window_rows) * series_) {}

void DriftWatch::begin(VersionNumber version, std::optional<judging::DriftReference> reference,
                       bool calibrated) {
  *this = DriftWatch(settings_, series_);
  version_ = version;
  calibrated_ = calibrated;
  if (!reference) return;
  reference_error_share_ = reference->error_share;
  features_ = reference->features.size();
  for (judging::ColumnReference& column : reference->features) {
    columns_.emplace_back(std::move(column), capacity_, series_);
  }
  if (reference->p_up) columns_.emplace_back(std::move(*reference->p_up), capacity_, series_);
}

bool DriftWatch::add(const Prediction& prediction, std::span<const double> row) {
  if (!watching() || prediction.version != version_) return false;
  assert(row.size() == features_);
  if (first_prediction_ == 0) first_prediction_ = prediction.id;
  for (std::size_t i = 0; i < features_; ++i) columns_[i].push(row[i]);
  if (columns_.size() > features_) columns_.back().push(prediction.p_up);
  if (prediction.side != Side::hold) {
    expected_.push(prediction.side == Side::buy ? prediction.p_up : prediction.p_down, capacity_);
  }
  ++rows_;
  ++unchecked_;
  const auto every = settings_.check_every_bars * static_cast<std::int64_t>(series_);
  return std::cmp_greater_equal(rows_, capacity_) && unchecked_ >= every;
}

void DriftWatch::settle(const Outcome& outcome) {
  if (!watching() || first_prediction_ == 0 || outcome.prediction_id < first_prediction_) return;
  if (outcome.side == Side::hold) return;
  realised_.push(outcome.correct ? 1 : 0, capacity_);
  if (outcome.predicted_at < label_end_) return;
  label_end_ = outcome.known_at;
  const bool wrong = !outcome.correct;
  const TimeMs at = outcome.known_at;
  ++error_.settled;
  wrong_ += wrong ? 1 : 0;
  const double before = adwin_.mean();
  if (adwin_.push(wrong ? 1 : 0)) {
    if (adwin_.mean() > before) {
      error_.adwin_since = at;
    } else {
      error_.adwin_since = error_.page_hinkley_since = error_.ddm_since = std::nullopt;
    }
  }
  if (page_hinkley_.push(wrong ? 1 : 0)) error_.page_hinkley_since = at;
  if (ddm_.push(wrong) == stats::DdmState::drift) error_.ddm_since = at;
}

DriftReport DriftWatch::check(TimeMs at) {
  unchecked_ = 0;
  DriftReport report{.version = version_,
                     .at = at,
                     .rows = rows_,
                     .false_alarm_share = settings_.false_alarm_share,
                     .features = {},
                     .prediction = {},
                     .error = error_,
                     .reference_error_share = reference_error_share_,
                     .calibrated = calibrated_};
  // Bonferroni over two tests a column.
  const double alpha = settings_.false_alarm_share / (2 * static_cast<double>(columns_.size()));
  for (std::size_t i = 0; i < features_; ++i) report.features.push_back(columns_[i].check(alpha, at));
  if (columns_.size() > features_) report.prediction = columns_.back().check(alpha, at);
  if (error_.settled > 0) {
    report.error.wrong_share = static_cast<double>(wrong_) / static_cast<double>(error_.settled);
  }
  report.error.expected_accuracy = expected_.accuracy();
  report.error.realised_accuracy = realised_.accuracy();
  return report;
}

}  // namespace pawl::outcomes
