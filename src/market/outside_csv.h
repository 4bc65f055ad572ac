// Values from outside the bars, from CSV files, plain or gzipped: rates and other macro series, filings,
// sentiment. Three forms, told apart by their header:
//
//   date,value                          a series; its name is the file's: DGS10.csv
//   date,symbol|ticker,FIELD…           a symbol's values by day; known from the end of that day (UTC)
//   symbol,known_at,FIELD…              a symbol's values from the instant (or the end of the day) given
//
// An empty value, "." and "null" are no value. A file without a time for its rows is refused: nobody could
// say when they were known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pawl::market {

struct OutsideValue {
  std::string name;    // of the series or field: "DGS10", "pe_ratio"
  std::string symbol;  // canonical; empty where it is no symbol's own
  TimeMs date = 0;     // the instant given, or midnight UTC of the date given
  bool is_date = false;
  double value = 0;
};

// Any bytes give values or bad_data that names file, line and field.
Result<std::vector<OutsideValue>> parse_outside_csv(std::string_view bytes, std::string_view file_name);

// When a value of a date may be used: at the end (UTC) of the `business_days`-th business day after it.
TimeMs released_at(TimeMs date, std::int64_t business_days);

}  // namespace pawl::market
