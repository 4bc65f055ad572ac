// Every logged prediction of a replay made again from the store and compared bit for bit.
#include "loop/audit.h"

#include "app/context.h"
#include "loop/replay.h"
#include "material.h"
#include "subjects.h"

namespace pawl::bench {

Status bench_audit(Bench& bench) {
  auto recipe = shipped_recipe();
  if (!recipe) return propagate(recipe);
  const std::vector<BarSeries> series = {
      simulated_bars(recipe->base, bench.options().quick ? 6'000 : 12'000)};
  auto data = app::DataFolder::in_memory();
  if (!data) return propagate(data);
  SimulatedClock clock(series.front().open_time(0));
  const Log log = Log::silent();
  loop::DecisionLog decisions(false);
  const auto executor = training::make_inline_executor((*data)->files(), {}, 0, 1);
  auto loop = loop::Loop::open(*recipe, {(*data)->store(), (*data)->registry(), *executor, clock, log},
                               decisions, {});
  if (!loop) return propagate(loop);
  if (Status replayed = loop::replay(**loop, series, {}); !replayed) return replayed;

  std::int64_t checked = 0;
  const auto in_blocks_of = [&](std::size_t block) {
    return [&, block] {
      return cpu_seconds_of([&]() -> Status {
        auto report = loop::audit(*recipe, (*data)->store(), (*data)->registry(), block, {});
        if (!report) return propagate(report);
        if (report->different + report->unavailable > 0) {
          return fail(ErrorCode::internal, "audit: {} predictions differ, {} could not be made again",
                      report->different, report->unavailable);
        }
        checked = report->checked;
        return {};
      });
    };
  };
  const std::vector<Contestant> contestants = {{"blocks of 4,096", in_blocks_of(4096)},
                                               {"blocks of 1", in_blocks_of(1)}};
  auto rounds = bench.take_turns("audit", contestants);
  if (!rounds) return propagate(rounds);
  const std::string what =
      fmt::format("bars a CPU second of auditing {} logged predictions over {} H1 bars with {} retrains",
                  short_number(static_cast<double>(checked)),
                  short_number(static_cast<double>(series.front().size())), (*loop)->finished_runs().size());
  const auto count = static_cast<double>(series.front().size());
  bench.add("audit_bars_per_s", "bars/s", what + ", features in blocks of 4,096", rate((*rounds)[0], count));
  bench.add("audit_one_bars_per_s", "bars/s", "the same, one bar at a time", rate((*rounds)[1], count));
  return {};
}

}  // namespace pawl::bench
