// Seeded instants T: whatever the bars after T are, the binary had said the same by T.
#include <sstream>

#include "base/random.h"
#include "e2e/replayed.h"
#include "support/event_check.h"
#include "support/long_tests.h"
#include "support/real_bars.h"

namespace pawl::test {
namespace {

std::vector<KnownLine> read_events(const std::filesystem::path& file) {
  std::istringstream text(read_file(file));
  std::vector<KnownLine> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back({*parse_time(json_of(line)["known_at"].get<std::string>()), line});
  }
  return lines;
}

std::vector<KnownLine> replayed_events(const BarSeries& bars, const Words& settings) {
  const TempFolder folder;
  write_file(folder / "bars.csv", csv_of(bars));
  const Ran ran = run_pawl(Words{"replay", "--memory", "-q", "--events", folder / "events.ndjson", "--bars",
                                 "BTC_USDT:H1=" + (folder / "bars.csv").string()} +
                           settings);
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  return read_events(folder / "events.ndjson");
}

std::vector<std::size_t> seeded_cuts(std::uint64_t seed, std::size_t count, std::size_t from,
                                     std::size_t to) {
  Random random(seed);
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i < count; ++i) cuts.push_back(from + random.below(to - from));
  return cuts;
}

TEST(TheFuture, ReachesNoEventOfAReplay) {
  const BarSeries bars = simulated_bars(2000);
  const auto events_of = [](const BarSeries& some) { return replayed_events(some, quick_settings()); };
  const std::vector<KnownLine> truth = events_of(bars);
  std::size_t swaps = 0;
  for (const KnownLine& line : truth) swaps += has(line.text, "\"kind\":\"swap\"") ? 1 : 0;
  EXPECT_GT(swaps, 0U) << "a replay without retrains would prove little";
  const auto leak = find_event_leak(events_of, bars, seeded_cuts(20, 2, 1100, 1990), 1);
  EXPECT_FALSE(leak.has_value()) << *leak;
}

class LongFuture : public LongTest {};

TEST_F(LongFuture, ReachesNoEventOfAReplayOfRealBarsAtTwentyInstants) {
  const auto data = shared_data();
  if (!data) GTEST_SKIP() << kNoSharedData;
  const BarSeries bars = read_real_bars(*data / "crypto" / "BTCUSDT_1h.csv.gz", kH1).slice(0, 6000);
  const auto events_of = [](const BarSeries& some) {
    return replayed_events(some, {"--recipe", recipe_file()});
  };
  const auto leak = find_event_leak(events_of, bars, seeded_cuts(21, 20, 1100, 5990), 2);
  EXPECT_FALSE(leak.has_value()) << *leak;
}

std::string exported(const BarSeries& bars, const std::string& as_of) {
  const TempFolder folder;
  write_file(folder / "bars.csv", csv_of(bars));
  const Ran ran = run_pawl({"export", "dataset", "--recipe", recipe_file(), "--bars",
                            "BTC_USDT:H1=" + (folder / "bars.csv").string(), "--as-of", as_of, "-q"});
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  return ran.stdout_text;
}

void expect_no_leak_in_exports(const BarSeries& bars, const std::vector<std::size_t>& cuts) {
  for (const std::size_t cut : cuts) {
    const std::string as_of = format_time(bars.close_time(cut - 1));
    const std::string truth = exported(bars, as_of);
    EXPECT_EQ(truth, exported(bars.slice(0, cut), as_of)) << as_of;
    EXPECT_EQ(truth, exported(with_scrambled_future(bars, cut, cut), as_of)) << as_of;
    EXPECT_EQ(static_cast<std::size_t>(std::count(truth.begin(), truth.end(), '\n')), cut + 1)
        << "a header and a row a bar";
  }
}

TEST(TheFuture, ReachesNoExportedDataset) {
  expect_no_leak_in_exports(simulated_bars(1200), seeded_cuts(22, 3, 200, 1190));
}

TEST_F(LongFuture, ReachesNoExportedDatasetOfRealBarsAtTwentyInstants) {
  const auto data = shared_data();
  if (!data) GTEST_SKIP() << kNoSharedData;
  expect_no_leak_in_exports(read_real_bars(*data / "crypto" / "BTCUSDT_1h.csv.gz", kH1),
                            seeded_cuts(23, 20, 200, 17'000));
}

TEST(ExportDataset, LeavesOutALabelThatIsNotKnownYet) {
  const BarSeries bars = simulated_bars(300);
  std::istringstream rows(exported(bars, format_time(bars.close_time(199))));
  std::string line;
  std::getline(rows, line);
  EXPECT_TRUE(line.starts_with("bar,known_at,ready,")) << line;
  for (std::size_t i = 0; std::getline(rows, line); ++i) {
    EXPECT_TRUE(
        line.starts_with(format_time(bars.open_time(i)) + "," + format_time(bars.close_time(i)) + ","));
    // Class, return and the time from which they are known: the label of bar i ends with bar i + 4.
    const std::string end =
        i + 4 < 200 ? fmt::format(",{}", format_time(bars.close_time(i + 4))) : std::string(",,,");
    EXPECT_TRUE(line.ends_with(end)) << line;
  }
}

}  // namespace
}  // namespace pawl::test
