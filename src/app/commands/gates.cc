#include "app/commands/gates.h"

#include <algorithm>
#include <thread>

#include "app/gates_page.h"
#include "studies/gate_measure.h"

namespace pawl::app {

namespace {

constexpr std::size_t kRepetitions = 2'000, kQuickRepetitions = 200;

Status measure(const CommonOptions& common, const GatesOptions& options) {
  studies::MeasureOptions wanted;
  wanted.repetitions = options.repetitions.value_or(options.quick ? kQuickRepetitions : kRepetitions);
  if (!options.rows.empty()) wanted.rows = options.rows;
  wanted.seed = common.seed.value_or(wanted.seed);
  wanted.threads =
      static_cast<int>(common.threads.value_or(std::max(1U, std::thread::hardware_concurrency())));
  ProgressMeter meter("measuring gates", "markets",
                      common.quiet ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr());
  const auto cells = studies::measure_gates(wanted, meter.sink());
  if (!cells) return propagate(cells);
  meter.pause();
  if (common.json) {
    Json all = Json::array();
    for (const studies::MeasuredCell& cell : *cells) all.push_back(studies::to_json(cell));
    print(all.dump() + "\n");
    return {};
  }
  print(options.markdown ? gates_page(*cells) : gates_text(*cells));
  return {};
}

}  // namespace

int gates_measure_command(const CommonOptions& common, const GatesOptions& options) {
  const Status done = measure(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
