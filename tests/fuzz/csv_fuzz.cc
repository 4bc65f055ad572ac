// Any bytes as a bar file, raw and as the content of a gzip: no crash, and what is delivered is valid.
#include <cstdint>
#include <cstdlib>

#include "base/gzip.h"
#include "market/sources/csv.h"

namespace {

using pawl::market::BadRows;
using pawl::market::Delivery;
using pawl::market::Request;

void require(bool holds) {
  if (!holds) std::abort();
}

const Request& request(bool daily) {
  static const Request kDaily{pawl::Symbol::parse("SPY").value(), pawl::kD1,
                              pawl::MarketCalendar::make("America/New_York 16:00", "09:30-16:00").value()};
  static const Request kHourly{pawl::Symbol::parse("BTCUSDT").value(), pawl::kH1,
                               pawl::MarketCalendar::utc_always()};
  return daily ? kDaily : kHourly;
}

void check(std::string_view bytes, const Request& wanted, BadRows bad_rows) {
  const pawl::Result<Delivery> delivery = pawl::market::parse_csv(bytes, "f.csv", wanted, bad_rows);
  if (!delivery) {
    require(delivery.error().code == pawl::ErrorCode::bad_data);
    require(delivery.error().message.starts_with("f.csv:"));
    return;
  }
  require(!delivery->bars.empty());
  for (std::size_t i = 0; i < delivery->bars.size(); ++i) {
    require(!pawl::find_fault(delivery->bars[i]).any());
    if (i > 0) require(delivery->bars.open_time(i) >= delivery->bars.close_time(i - 1));
  }
}

}  // namespace

// The first byte chooses how the rest is read, so that one corpus serves all ways.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  const std::string bytes(data + 1, data + size);
  const Request& wanted = request((choice & 1) != 0);
  const BadRows bad_rows = (choice & 2) != 0 ? BadRows::skip : BadRows::error;
  check((choice & 4) != 0 ? pawl::gzip(bytes) : bytes, wanted, bad_rows);
  // Whatever --bars is given on the command line.
  if (const auto file = pawl::market::parse_bar_file_argument(bytes)) {
    require(!file->path.empty() && pawl::Symbol::parse(file->symbol).has_value());
  }
  return 0;
}
