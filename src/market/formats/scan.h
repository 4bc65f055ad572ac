// The rows of a bar file as numbers, before anything is known about clocks and grids.
#pragma once

#include "market/formats/format.h"

namespace pawl::market::formats {

struct ScannedRow {
  std::int64_t line = 0;
  Stamp stamp;
  double open = 0, high = 0, low = 0, close = 0;  // as written: not scaled, not adjusted
  double adjusted = 0, volume = 0;
  bool complete = true;
};

// A row that is no bar, and why.
struct BadRow {
  std::int64_t line = 0;
  std::string message;
};

struct Scan {
  std::vector<ScannedRow> rows;  // in the file's order
  std::vector<BadRow> bad;
  std::int64_t null_rows = 0;  // no price at all
  std::int64_t rows_without_volume = 0;
};

Scan scan_rows(std::string_view text, const BarFormat& format);

// "line 12" as a message shows it: "f.csv:12", or "f.json: bar 12" where rows are a JSON's elements.
std::string place(std::string_view file_name, const BarFormat& format, std::int64_t line);

}  // namespace pawl::market::formats
