// Bars into rows: in large blocks as for training, one bar at a time as live, and beside them what it costs
// to copy the same output from one place to another.
#include <algorithm>

#include "features/engine.h"
#include "material.h"
#include "subjects.h"

namespace pawl::bench {

Status bench_features(Bench& bench) {
  auto recipe = shipped_recipe();
  if (!recipe) return propagate(recipe);
  const auto list = features::FeatureList::parse(recipe->features, recipe->base, recipe->calendar);
  if (!list) return propagate(list);
  const BarSeries bars = simulated_bars(recipe->base, 200'000);
  const std::size_t width = list->size();
  std::vector<double> rows(bars.size() * width), copy(rows.size());
  std::vector<std::uint8_t> ready(bars.size());

  const auto in_blocks_of = [&](std::size_t block) {
    return [&, block]() -> Result<double> {
      features::Engine engine(*list);
      return cpu_seconds_of([&]() -> Status {
        for (std::size_t at = 0; at < bars.size(); at += block) {
          const std::size_t count = std::min(block, bars.size() - at);
          engine.update(bars.block(at, count), std::span(rows).subspan(at * width, count * width),
                        std::span(ready).subspan(at, count));
        }
        return {};
      });
    };
  };
  const std::vector<Contestant> contestants = {{"blocks of 4,096", in_blocks_of(4096)},
                                               {"blocks of 1", in_blocks_of(1)},
                                               {"copy", [&] {
                                                  return cpu_seconds_of([&]() -> Status {
                                                    std::copy(rows.begin(), rows.end(), copy.begin());
                                                    return {};
                                                  });
                                                }}};
  auto rounds = bench.take_turns("features", contestants);
  if (!rounds) return propagate(rounds);
  const double ns_a_bar = 1e9 / static_cast<double>(bars.size());
  const std::string what = fmt::format("the {} features of recipe crypto-live over {} H1 bars", width,
                                       short_number(static_cast<double>(bars.size())));
  bench.add("features_block_ns_per_bar", "ns/bar", what + ", in blocks of 4,096, one thread",
            scaled((*rounds)[0], ns_a_bar));
  bench.add("features_one_ns_per_bar", "ns/bar", what + ", a block for each bar, as live and in replay",
            scaled((*rounds)[1], ns_a_bar));
  bench.add("features_copy_floor_ns_per_bar", "ns/bar", "floor: copying the rows that the same bars make",
            scaled((*rounds)[2], ns_a_bar));
  return {};
}

}  // namespace pawl::bench
