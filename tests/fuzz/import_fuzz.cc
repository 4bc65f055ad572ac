// Any bytes as a bar file of any format: no crash, and what is delivered is valid, in order and closed.
#include <cstdint>
#include <cstdlib>

#include "base/gzip.h"
#include "market/formats/format.h"

namespace {

using namespace pawl::market::formats;

void require(bool holds) {
  if (!holds) std::abort();
}

const std::vector<Named>& words() {
  static const std::vector<Named> kWords = {
      {},
      {.symbol = "X", .timeframe = "M1", .zone = "America/New_York", .time_is = "open", .scale = "1"},
      {.symbol = "X", .zone = "New York+7h", .time_is = "close", .date = "2023-11-05", .date_order = "mdy"},
      {.symbol = "X",
       .timeframe = "D1",
       .zone = "UTC",
       .scale = "10000",
       .columns = "time,open,high,low,close,volume"}};
  return kWords;
}

void check(std::string_view bytes, const Named& named, pawl::market::BadRows bad_rows) {
  const auto found = detect(bytes, "f.csv", named);
  if (!found) {
    require(found.error().code == pawl::ErrorCode::bad_data ||
            found.error().code == pawl::ErrorCode::invalid_argument);
    require(found.error().message.starts_with("f.csv:"));
    return;
  }
  require(!found->findings.empty());
  for (const Question& question : found->questions) require(!question.flag.empty());
  static const pawl::Symbol kSymbol = pawl::Symbol::parse("X").value();
  const pawl::market::Request request{kSymbol, found->format.timeframe, own_calendar(found->format)};
  const auto imported = read_bars(bytes, "f.csv", found->format, request, bad_rows);
  if (!imported) {
    require(imported.error().code == pawl::ErrorCode::bad_data);
    require(imported.error().message.starts_with("f.csv:"));
    return;
  }
  const pawl::BarSeries& bars = imported->delivery.bars;
  require(!bars.empty());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    require(!pawl::find_fault(bars[i]).any());
    if (i > 0) require(bars.open_time(i) >= bars.close_time(i - 1));
  }
}

}  // namespace

// The first byte chooses how the rest is read, so that one corpus serves all ways.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  const std::string bytes(data + 1, data + size);
  const Named& named = words()[choice & 3];
  const auto bad_rows = (choice & 4) != 0 ? pawl::market::BadRows::skip : pawl::market::BadRows::error;
  check((choice & 8) != 0 ? pawl::gzip(bytes) : bytes, named, bad_rows);
  // Whatever is said with --zone and --columns.
  if (const auto clock = Clock::parse(bytes)) require(Clock::parse(clock->name()).has_value());
  if (const auto columns = parse_columns(bytes)) require(columns->has(Role::close));
  return 0;
}
