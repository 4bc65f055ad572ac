// What the subjects work on: recorded bars where they are, simulated ones elsewhere, the shipped recipe,
// jobs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "domain/bar_series.h"
#include "market/data_source.h"
#include "recipe/recipe.h"
#include "training/job.h"

namespace pawl::bench {

// A file of ../shared/data beside the project, or nothing.
std::optional<Path> shared_file(std::string_view name);
inline constexpr std::string_view kNoSharedData =
    "../shared/data is not beside the project; recorded bars are needed here";

Result<BarSeries> recorded_bars(const Path& file, std::string_view symbol, Timeframe timeframe,
                                const MarketCalendar& calendar);
// Bars of the simulated exchange: the same on every machine.
BarSeries simulated_bars(Timeframe timeframe, std::size_t count);

// config/crypto-live.yaml with overrides: {"bars.base", "M1"} and so on.
Result<recipe::Recipe> shipped_recipe(const std::vector<std::pair<std::string, std::string>>& set = {});

// A fit of the recipe on all bars, as the loop would write it.
training::Job job_of(const recipe::Recipe& recipe, const BarSeries& bars);

// The rows that a job trains on, and the folds that it walks through.
struct TrainingRows {
  std::vector<std::string> columns;
  std::vector<double> values;
  std::vector<int> classes;
  std::vector<std::vector<std::size_t>> fold_rows;  // training rows of each fold
  std::size_t rows() const { return classes.size(); }
};
Result<TrainingRows> training_rows_of(const training::Job& job);

}  // namespace pawl::bench
