// A gzipped CSV file into bars, beside unpacking it alone.
#include "market/sources/csv.h"
#include "base/gzip.h"
#include "material.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

std::string csv_of(const BarSeries& bars) {
  std::string text = "time,open,high,low,close,volume\n";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    text += fmt::format("{},{},{},{},{},{}\n", format_time(bars.open_time(i)), json_double_text(bars.open(i)),
                        json_double_text(bars.high(i)), json_double_text(bars.low(i)),
                        json_double_text(bars.close(i)), json_double_text(bars.volume(i)));
  }
  return text;
}

}  // namespace

Status bench_csv(Bench& bench) {
  const auto file = shared_file("crypto/BTCUSDT_1m_2023.csv.gz");
  if (!file) bench.skip("csv_rows_per_s of a recorded year", kNoSharedData);
  auto bytes =
      file ? RealFileSystem().read(*file) : Result<std::string>(gzip(csv_of(simulated_bars(kM1, 525'600))));
  if (!bytes) return propagate(bytes);
  const auto symbol = Symbol::parse("BTC/USDT");
  if (!symbol) return propagate(symbol);
  const market::Request request{*symbol, kM1, MarketCalendar::utc_always()};
  std::size_t rows = 0;
  const std::vector<Contestant> contestants = {
      {"gunzip and parse",
       [&] {
         return cpu_seconds_of([&]() -> Status {
           auto delivery = market::parse_csv(*bytes, "bars.csv.gz", request, market::BadRows::error);
           if (!delivery) return propagate(delivery);
           rows = delivery->bars.size();
           return {};
         });
       }},
      {"gunzip alone", [&] {
         return cpu_seconds_of([&]() -> Status {
           auto text = gunzip(*bytes);
           if (!text) return propagate(text);
           return {};
         });
       }}};
  auto rounds = bench.take_turns("csv", contestants);
  if (!rounds) return propagate(rounds);
  const std::string prefix = file ? "" : "simulated_";
  const auto count = static_cast<double>(rows);
  bench.add(
      prefix + "csv_rows_per_s", "rows/s",
      fmt::format(
          "a gzipped CSV file of {} M1 bars ({} MB packed) from memory into checked bars with gaps found",
          short_number(count), short_number(static_cast<double>(bytes->size()) / 1e6)),
      rate((*rounds)[0], count));
  bench.add(prefix + "csv_gunzip_floor_rows_per_s", "rows/s",
            "floor: zlib unpacking the same file and nothing else", rate((*rounds)[1], count));
  return {};
}

}  // namespace pawl::bench
