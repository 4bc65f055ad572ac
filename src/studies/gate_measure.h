// How often a gate promotes, by what it is given: contests between two models whose skill is known, thousands
// of them. What a policy promises in words is measured here in numbers (docs/gates.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/progress.h"
#include "base/result.h"
#include "domain/evidence.h"

namespace pawl::studies {

// A market and two models over it. Bars' log-returns are independent and normal. A label is the sign of the
// move over `label_bars` bars, so that neighbouring labels overlap. Each model sees the standardised move R
// through noise of its own that lasts as long as a label does: s = c·R + e, with c = tan(π (accuracy − ½)),
// so that sign(s) is right with just that probability; it answers P(R > 0 | s), which is calibrated. The
// models' noise is independent: models that share most of their training data differ less, and are told apart
// sooner.
struct DuelSettings {
  std::size_t rows = 2'000;
  std::size_t label_bars = 10;
  double champion_accuracy = 0.55;
  double volatility_bp = 50;  // of a bar
  double cost_bp = 2;         // a side
  double bars_per_year = 8766;
};

// The evidence of one market for challengers that are better by so many points (0.01 each), against one and
// the same champion. Pure: the same seed gives the same bits.
std::vector<Evidence> duel(const DuelSettings& settings, const std::vector<double>& skill_points,
                           std::uint64_t seed);

struct MeasureOptions {
  std::vector<std::size_t> rows = {2'000, 20'000};
  std::vector<double> skill_points = {-5, -2, -1, 0, 1, 2, 3, 5};
  std::size_t repetitions = 2'000;
  std::uint64_t seed = 1;
  int threads = 1;
};

// One cell of the table.
struct MeasuredCell {
  std::string policy, form;  // "composite", "relative"
  std::size_t rows = 0;
  double skill_points = 0;
  std::size_t promotions = 0, repetitions = 0;
  double rate() const { return static_cast<double>(promotions) / static_cast<double>(repetitions); }
};
// {"policy":…,"form":…,"n":…,"skill_points":…,"promotion_rate":…,"interval":[low,high],"repetitions":…}; the
// interval is Wilson's at 95 %.
Json to_json(const MeasuredCell& cell);
// An array of them as it was written; bad_data names the entry that is none.
Result<std::vector<MeasuredCell>> measured_cells_from_json(const Json& json);

// Every policy in every form of gates.md §1 and §2, at every size and skill. Deterministic at any number of
// threads.
Result<std::vector<MeasuredCell>> measure_gates(const MeasureOptions& options, const ProgressSink& progress);

}  // namespace pawl::studies
