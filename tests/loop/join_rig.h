// Recipes of several markets with gaps of their own, and what a joiner gives each of their bars.
#pragma once

#include <bit>
#include <cmath>

#include "features/bars_for_features.h"
#include "loop/several_rig.h"

namespace pawl::loop {

// A recipe over H1 bars; `lines` are its `symbols:`, `outside:`, `sectors:` and `features:`.
inline recipe::Recipe join_recipe(const std::string& lines) {
  return several_recipe(
      "schema: 1\nrecipe: join\nsource: {kind: simulated}\nlabel: {kind: horizon_return}\n"
      "model: {kind: xgboost, trees: 3, depth: 2}\nsignal: {kind: edge, min_edge: 0}\n"
      "validation: {judged_days: 2, embargo_bars: 2, min_bars: 100, min_judged_rows: 10}\n"
      "gate: {policy: always}\ntriggers: [{kind: age, max_age_days: 5}]\n" +
      lines);
}

// Markets whose bars close on one grid; each lacks bars here and there, and a few in a row.
inline std::vector<BarSeries> markets_with_gaps(std::size_t markets, std::size_t count, std::uint64_t seed) {
  std::vector<BarSeries> series;
  for (std::size_t k = 0; k < markets; ++k) {
    const BarSeries all = features::random_bars(derive_seed(seed, k), count);
    Random random(derive_seed(seed, 100 + k));
    BarSeries& kept = series.emplace_back();
    std::size_t closed_until = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (random.below(40) == 0) closed_until = i + random.below(12);
      if (i < closed_until || random.below(8) == 0) continue;
      kept.append(all[i]);
    }
  }
  return series;
}

// [symbol][bar][column].
using JoinedRows = std::vector<std::vector<std::vector<double>>>;

inline JoinedRows joined_rows(const recipe::Recipe& recipe, const std::vector<BarSeries>& series,
                              OutsidePoints outside = {}) {
  Joiner joiner(recipe, std::move(outside));
  JoinedRows rows(series.size());
  const Status done = for_each_batch(series, [&](const BarBatch& batch) -> Status {
    std::vector<std::vector<double>> values = joiner.join(batch.items);
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      rows[batch.items[i].symbol].push_back(std::move(values[i]));
    }
    return {};
  });
  EXPECT_TRUE(done.has_value());
  return rows;
}

inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return same_bits(x, y); });
}

// The column of an outside series.
inline std::size_t column_of(const recipe::Recipe& recipe, const std::string& name) {
  const std::vector<std::string> names = recipe.outside_names();
  const auto found = std::ranges::find(names, name);
  EXPECT_NE(found, names.end()) << name;
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace pawl::loop
