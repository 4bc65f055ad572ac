// A floor under the speed of appending, in CPU time, so that a busy machine does not matter: a commit per row
// would show.
#include <gtest/gtest.h>

#include <cstdio>

#include "base/clock.h"
#include "store/store.h"
#include "support/test_files.h"

namespace pawl::store {
namespace {

TEST(SqliteSpeed, AppendsEventsAndPredictionsInGroups) {
  test::TempFolder folder;
  auto store = open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = false}).value();
  constexpr int kRows = 50'000;
  const Event event{.ingest_seq = 0,
                    .known_at = 1'700'000'000'000,
                    .kind = "prediction",
                    .line = "crypto-live/BTC_USDT",
                    .payload = R"({"side":"BUY","version":"v000012","bar":"2023-03-24T12:00:00Z"})"};
  Prediction prediction{.id = 0,
                        .line = "crypto-live/BTC_USDT",
                        .symbol = "BTC_USDT",
                        .bar_open_time = 1'700'000'000'000,
                        .known_at = 1'700'003'600'000,
                        .version = {12},
                        .side = Side::buy,
                        .p_up = 0.5123456789,
                        .p_down = 0.4876543211,
                        .features_digest = "0123456789abcdef"};
  const double started = process_cpu_seconds();
  for (int i = 0; i < kRows; ++i) {
    ASSERT_TRUE(store->events().append(event));
    prediction.bar_open_time += kHourMs;
    ASSERT_TRUE(store->predictions().append(prediction));
  }
  ASSERT_TRUE(store->flush());
  const double rows_per_second = 2 * kRows / (process_cpu_seconds() - started);
  std::printf("%.0f rows a second of one core\n", rows_per_second);
  EXPECT_GT(rows_per_second, 40'000);
  EXPECT_EQ(store->predictions().count().value(), kRows);
}

TEST(SqliteSpeed, AppendsBarsInBatches) {
  test::TempFolder folder;
  auto store = open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = false}).value();
  std::vector<Bar> bars;
  for (int i = 0; i < 100'000; ++i) {
    bars.push_back({.open_time = i * kMinuteMs,
                    .close_time = (i + 1) * kMinuteMs,
                    .open = 1.1,
                    .high = 1.3,
                    .low = 1.05,
                    .close = 1.2,
                    .volume = 7});
  }
  double started = process_cpu_seconds();
  EXPECT_EQ(store->bars().append("EUR_USD", kM1, bars, 0).value().added, 100'000);
  ASSERT_TRUE(store->flush());
  const double written = process_cpu_seconds() - started;
  started = process_cpu_seconds();
  EXPECT_EQ(store->bars().append("EUR_USD", kM1, bars, 0).value().duplicates, 100'000);
  const double checked = process_cpu_seconds() - started;
  started = process_cpu_seconds();
  EXPECT_EQ(
      store->bars().read("EUR_USD", kM1, 0, 100'000 * kMinuteMs, BarStore::Revision::first).value().size(),
      100'000u);
  const double read = process_cpu_seconds() - started;
  std::printf("bars a second of one core: %.0f appended, %.0f found to be there, %.0f read\n", 1e5 / written,
              1e5 / checked, 1e5 / read);
  EXPECT_LT(written, 10);
}

}  // namespace
}  // namespace pawl::store
