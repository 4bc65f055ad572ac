// Bars from CSV files, plain or gzipped: `time,open,high,low,close,volume`, time = UTC open time in RFC 3339,
// strictly increasing. A bar's close comes from the market's calendar.
#pragma once

#include <string>
#include <string_view>

#include "market/sources.h"

namespace pawl::market {

// What happens to a row that is no bar: the whole file is refused, or the row is left out and counted.
enum class BadRows { error, skip };

// Reads a file's bytes; whether they are gzipped is seen from the bytes, not from the name. `file_name` is
// only for messages. A pure function: any bytes at all give a valid delivery or bad_data, whose message is
// `file:line: field "high": "1.0" is below the low; …`. A daily row at midnight UTC off the calendar's grid
// carries a session's date: it becomes the market day of that date. CRLF, a UTF-8 byte order mark, a missing
// last newline and empty lines at the end are fine.
Result<Delivery> parse_csv(std::string_view bytes, std::string_view file_name, const Request& request,
                           BadRows bad_rows);

// A file of bars with what it holds.
struct BarFile {
  std::string symbol;  // as written
  Timeframe timeframe;
  std::string path;
};

// Reads `SYMBOL:TF=PATH` ("BTC/USDT:H1=btc.csv"), or PATH alone where the file's name begins with symbol and
// timeframe ("BTCUSDT_1h.csv.gz", "EURUSD_M5_tickvol.csv.gz"). invalid_argument elsewhere.
Result<BarFile> parse_bar_file_argument(std::string_view argument);

DataSourceKind csv_kind();

}  // namespace pawl::market
