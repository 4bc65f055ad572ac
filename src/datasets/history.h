// The bars of one symbol, growing at the end, and the rows that any feature list makes of them. Every use of
// a row (live, training, contest, audit, export) goes through the same engine; a window in the middle starts
// from a checkpoint of its state, so that it has the very bits that were served.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/bar_series.h"
#include "domain/feature_frame.h"
#include "domain/label.h"
#include "domain/version.h"
#include "features/engine.h"
#include "labels/labeller.h"

namespace pawl::datasets {

// The engine of one feature list over a growing series, with checkpoints of its state on the way. One thread
// at a time.
class FeatureHistory {
 public:
  explicit FeatureHistory(features::FeatureList list, std::size_t checkpoint_every = 512);
  // Goes on from a state saved before the first bar of the series that will be followed; corrupt where the
  // state is of another list. An empty state is the very beginning.
  static Result<FeatureHistory> resume(features::FeatureList list, std::string state,
                                       std::size_t checkpoint_every = 512);

  const features::FeatureList& list() const { return engine_.list(); }
  // Takes the bars of `bars` that it has not seen yet, in blocks of `block`. The last row stays readable.
  void follow(const BarSeries& bars, std::size_t block = 4096);
  // The row of the newest bar, and whether it is ready; valid until the next follow().
  std::span<const double> last_row() const { return last_row_; }
  bool last_ready() const { return last_ready_; }
  std::size_t seen() const { return seen_; }

  // Rows of bars [first, last), the same bits as when they were followed. `last` ≤ seen(), and `first` not
  // before what forget_before() left.
  FeatureFrame rows(const BarSeries& bars, std::size_t first, std::size_t last) const;
  // The newest checkpoint at or before `bar`: its state, and the bar it stands before.
  struct Checkpoint {
    std::size_t bar = 0;
    std::string state;  // empty at bar 0
  };
  Checkpoint checkpoint_before(std::size_t bar) const;
  // Forgets checkpoints that no window beginning at or after `bar` needs.
  void forget_before(std::size_t bar);

 private:
  features::Engine engine_;
  std::size_t checkpoint_every_;
  std::size_t seen_ = 0;
  std::vector<double> last_row_, scratch_rows_;
  std::vector<std::uint8_t> scratch_ready_;
  bool last_ready_ = false;
  std::vector<Checkpoint> checkpoints_;  // by bar; the first stands where the history begins
};

// Rows with their labels: what is trained on, judged by and exported.
struct Dataset {
  FeatureFrame frame;
  std::vector<Label> labels;           // per row; unknown where the data ends too early
  std::vector<std::size_t> bar_index;  // of each row in the series it was made from
  // 1 where a prediction of the row may be a signal; empty: everywhere.
  std::vector<std::uint8_t> signal_allowed;

  std::size_t rows() const { return frame.rows(); }
};

// Rows of bars [first, last) with labels from the bars known at `as_of`. A label is known at the end of its
// whole horizon, also where a barrier was touched before; one whose horizon has not passed is unknown, and
// bars that close later than `as_of` are not read at all. `where` is the feature that says where predictions
// may be signals (above zero), where a recipe has one.
Dataset assemble(const FeatureHistory& features, const labels::Labeller& labeller,
                 const FeatureHistory* scale, const BarSeries& bars, std::size_t first, std::size_t last,
                 TimeMs as_of, const FeatureHistory* where = nullptr);

// Indices of the rows that can be learnt from or judged by: ready, and label known.
std::vector<std::size_t> usable_rows(const Dataset& dataset);

}  // namespace pawl::datasets
