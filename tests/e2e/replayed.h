// Replays for the tests of the whole binary: on the simulated exchange where any market will do, on real bars
// where the numbers count.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "base/gzip.h"
#include "base/json.h"
#include "domain/bar_series.h"
#include "market/sources/simulated.h"
#include "support/run_pawl.h"
#include "support/test_files.h"

namespace pawl::test {

using Words = std::vector<std::string>;

inline std::string recipe_file() {
  return source_dir() / "config" / "crypto-live.yaml";
}

inline Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Json json_of(const std::string& text) {
  auto json = parse_json(text);
  EXPECT_TRUE(json.has_value()) << text.substr(0, 500);
  return json ? std::move(*json) : Json();
}

// A recipe B that retrains often on few bars with small trees: a second or so for 3,000 bars.
inline Words quick_settings() {
  return {"--recipe",       recipe_file(), "--set",
          "model.trees=15", "--set",       "auto_training.max_days_between_retrain=10"};
}

// Bars of the simulated exchange, as CSV.
inline std::string csv_of(const BarSeries& bars) {
  std::string csv = "time,open,high,low,close,volume\n";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const Bar bar = bars[i];
    csv += fmt::format("{},{},{},{},{},{}\n", format_time(bar.open_time), bar.open, bar.high, bar.low,
                       bar.close, bar.volume);
  }
  return csv;
}
inline BarSeries simulated_bars(std::int64_t count, std::uint64_t seed = 7) {
  market::SimulatedSettings settings;
  settings.bars = count;
  settings.flip_every_bars = 1100;
  settings.seed = seed;
  return market::simulate(settings, 3).bars;
}

// The first rows of two years of real BTC/USDT, as CSV; nothing where the shared data is missing.
inline std::optional<std::string> real_csv(std::size_t rows) {
  const auto data = shared_data();
  if (!data) return std::nullopt;
  const auto text = gunzip(read_file(*data / "crypto" / "BTCUSDT_1h.csv.gz"));
  EXPECT_TRUE(text.has_value());
  std::istringstream lines(*text);
  std::string csv, line;
  for (std::size_t i = 0; i <= rows && std::getline(lines, line); ++i) csv += line + "\n";
  return csv;
}

// `pawl replay` into folder/data over a CSV file of BTC_USDT, which must succeed; what --json found.
inline Json replay_csv(const std::filesystem::path& folder, const std::string& csv_file,
                       const Words& more = {}, const RunOptions& options = {}) {
  const Ran ran = run_pawl(Words{"replay", "--bars", "BTC_USDT:H1=" + csv_file, "--data", folder / "data",
                                 "--json", folder / "out.json", "-q"} +
                               more,
                           options);
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_EQ(ran.stdout_text, "") << "-q and a file leave nothing to print";
  return ran.exit_code == 0 ? json_of(read_file(folder / "out.json")) : Json();
}

// A quick replay of 2,600 simulated bars with some promotions and some refusals in it.
inline Json replay_quickly(const std::filesystem::path& folder, const Words& more = {}) {
  write_file(folder / "bars.csv", csv_of(simulated_bars(2600)));
  return replay_csv(folder, folder / "bars.csv", quick_settings() + more);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace pawl::test
