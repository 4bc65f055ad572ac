#include "app/commands/gates.h"

#include <algorithm>

#include "app/gates_page.h"
#include "app/opened.h"
#include "studies/gate_measure.h"

namespace pawl::app {

namespace {

constexpr std::size_t kRepetitions = 2'000, kQuickRepetitions = 200;

// A former answer of --json.
template <typename T>
Result<T> former(const std::string& path, Result<T> (*read)(const Json&)) {
  RealFileSystem files;
  const auto text = files.read(path);
  if (!text) return propagate(text);
  const auto json = parse_json(*text);
  if (!json) return within(path, json.error());
  auto made = read(*json);
  if (!made) return within(path, made.error());
  return made;
}

Result<std::vector<studies::MeasuredCell>> cells_of(const CommonOptions& common,
                                                    const GatesOptions& options) {
  if (!options.from.empty()) return former(options.from, studies::measured_cells_from_json);
  studies::MeasureOptions wanted;
  wanted.repetitions = options.repetitions.value_or(options.quick ? kQuickRepetitions : kRepetitions);
  if (!options.rows.empty()) wanted.rows = options.rows;
  wanted.seed = common.seed.value_or(wanted.seed);
  wanted.threads = study_threads(common);
  ProgressMeter meter("measuring gates", "markets", progress_style(common));
  auto cells = studies::measure_gates(wanted, meter.sink());
  meter.pause();
  return cells;
}

Status measure(const CommonOptions& common, const GatesOptions& options) {
  const auto cells = cells_of(common, options);
  if (!cells) return propagate(cells);
  if (common.json) {
    Json all = Json::array();
    for (const studies::MeasuredCell& cell : *cells) all.push_back(studies::to_json(cell));
    print(all.dump() + "\n");
    return {};
  }
  print(options.markdown ? gates_page(*cells) : gates_text(*cells));
  return {};
}

Result<studies::RegretStudy> study_of(const CommonOptions& common, const RegretStudyOptions& options) {
  if (!options.from.empty()) return former(options.from, studies::regret_study_from_json);
  studies::RegretOptions wanted;
  constexpr std::size_t kQuickSeeds = 5;
  wanted.seeds = options.seeds.value_or(options.quick ? kQuickSeeds : wanted.seeds);
  wanted.seed = common.seed.value_or(wanted.seed);
  wanted.retraining = options.retraining;
  wanted.threads = study_threads(common);
  ProgressMeter meter("measuring regret", "markets", progress_style(common));
  auto study = studies::measure_regret(wanted, meter.sink());
  meter.pause();
  return study;
}

Status regret(const CommonOptions& common, const RegretStudyOptions& options) {
  const auto study = study_of(common, options);
  if (!study) return propagate(study);
  if (common.json) {
    print(studies::to_json(*study).dump() + "\n");
    return {};
  }
  print(options.markdown ? regret_page(*study) : regret_text(*study));
  return {};
}

}  // namespace

int gates_regret_command(const CommonOptions& common, const RegretStudyOptions& options) {
  const Status done = regret(common, options);
  return done ? 0 : report(done.error(), common);
}

int gates_measure_command(const CommonOptions& common, const GatesOptions& options) {
  const Status done = measure(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
