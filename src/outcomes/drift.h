// Whether a version's live rows still lie as its training rows did, and whether it still is as right as it
// was (docs/drift.md). A reason to train, never evidence for a promotion. Bounded memory; O(log bins) a
// column and bar. Deterministic: the same rows and outcomes in the same order give the same reports. One
// thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "domain/prediction.h"
#include "judging/drift_reference.h"
#include "stats/adwin.h"
#include "stats/error_alarms.h"

namespace pawl::outcomes {

struct DriftSettings {
  std::int64_t window_rows = 500;       // of each market: the newest rows that are held against the reference
  std::int64_t check_every_bars = 100;  // of each market
  // Of one check, over all its columns together: how probable an alarm is where nothing has drifted.
  double false_alarm_share = 0.01;
};

// One column at one check.
struct ColumnDrift {
  std::string name;
  double psi = 0, psi_limit = 0;  // alarm above it
  double ks = 0, ks_p = 1;
  double reference_effective = 0, recent_effective = 0;  // independent rows that either side is worth
  std::size_t groups = 0;  // of bins that were compared; below 2 nothing can be said, and there is no alarm
  bool alarm = false;
  std::optional<TimeMs> since;  // of an alarm: the first check of those in a row that had it
};

// What the error stream says: right and wrong of settled signals whose horizons do not overlap.
struct ErrorDrift {
  std::int64_t settled = 0;
  std::optional<double> wrong_share;
  // When a detector last heard a rise that has not been taken back since; DDM's is told, and alarms nobody.
  std::optional<TimeMs> adwin_since, page_hinkley_since, ddm_since;
  // Of the newest signals: the accuracy that the probabilities promise (CBPE) and that of those settled.
  std::optional<double> expected_accuracy, realised_accuracy;
  bool alarm() const { return adwin_since || page_hinkley_since; }
};

struct DriftReport {
  VersionNumber version;
  TimeMs at = 0;
  std::int64_t rows = 0;
  double false_alarm_share = 0;
  std::vector<ColumnDrift> features;      // in column order
  std::optional<ColumnDrift> prediction;  // p_up; none where its reference is not known
  ErrorDrift error;
  std::optional<double> reference_error_share;
  bool calibrated = false;

  std::vector<const ColumnDrift*> alarmed() const;  // features only
  bool alarm() const;
};
// In full the alarmed features, then those with the most PSI against their limit, `shown` at least; of all
// columns PSI / limit, null where nothing can be said.
Json to_json(const DriftReport& report, std::size_t shown = 5);

// One column's recent bins against its reference's: the newest `capacity` of them, of `series` markets.
class ColumnWatch {
 public:
  ColumnWatch(judging::ColumnReference reference, std::size_t capacity, std::size_t series);
  void push(double value);
  // Each of the two tests alarms where p < `alpha`.
  ColumnDrift check(double alpha, TimeMs at);

 private:
  judging::ColumnReference reference_;
  std::vector<std::uint8_t> ring_;  // of bins
  std::size_t capacity_, series_, next_ = 0;
  std::vector<std::int64_t> counts_;
  std::optional<TimeMs> alarm_since_;
};

class DriftWatch {
 public:
  // `series`: markets of the line.
  DriftWatch(const DriftSettings& settings, std::size_t series);

  // A version serves from now on; everything before it is forgotten. Without a reference nothing is watched.
  void begin(VersionNumber version, std::optional<judging::DriftReference> reference, bool calibrated);
  bool watching() const { return !columns_.empty(); }
  VersionNumber version() const { return version_; }
  // The next prediction of that version and the row that it was made from; true where a check is due.
  bool add(const Prediction& prediction, std::span<const double> row);
  // The outcomes in the order in which they become known; those of other versions are not looked at.
  void settle(const Outcome& outcome);
  DriftReport check(TimeMs at);

 private:
  // The accuracy of the newest signals: by the probability of each, or by 1 and 0 once it is known.
  struct Recent {
    std::vector<double> ring;
    std::size_t next = 0;
    void push(double value, std::size_t capacity);
    std::optional<double> accuracy() const;
  };

  DriftSettings settings_;
  std::size_t series_, capacity_;
  VersionNumber version_;
  bool calibrated_ = false;
  std::optional<double> reference_error_share_;
  std::vector<ColumnWatch> columns_;  // features, then p_up where it has a reference
  std::size_t features_ = 0;
  std::int64_t rows_ = 0, unchecked_ = 0;
  std::int64_t first_prediction_ = 0;
  TimeMs label_end_ = 0;  // of the newest outcome in the error stream
  stats::Adwin adwin_;
  stats::PageHinkley page_hinkley_;
  stats::Ddm ddm_;
  ErrorDrift error_;
  std::int64_t wrong_ = 0;
  Recent expected_, realised_;
};

}  // namespace pawl::outcomes
