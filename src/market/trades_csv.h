// The training data file of a trade filter (C3): one line a closed trade, in the order in which they closed.
//
//   rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,profitable,signal_type
//   55.2,0.00012,0.0001,24.8,0.0011,1.0834,1.0829,1250,1,BUY
//
// It has no times: the order of the file is the order of the trades, and the store keeps the times.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "domain/trade.h"

namespace pawl::market {

struct TradeRow {
  std::array<double, kTradeIndicators.size()> indicators{};
  bool profitable = false;
  Side side = Side::buy;
  friend bool operator==(const TradeRow&, const TradeRow&) = default;
};

std::string_view trades_csv_header();              // without a line end
std::string trades_csv_line(const TradeRow& row);  // likewise; numbers read back as the same doubles

struct TradeRows {
  std::vector<TradeRow> rows;
  std::vector<std::int64_t> lines;  // of each row in the file, from 1
  bool half_line = false;           // the last line was begun and never finished; it is not among the rows
};
// The columns may stand in any order and others among them; signal_type is BUY or SELL, or 1 or -1;
// profitable 1 or 0, or true or false. bad_data names file, line and field.
Result<TradeRows> read_trades_csv(std::string_view text, std::string_view file_name);

// Appends to such a file. A line is written whole by one call or, where the process or the power died in it,
// cut off again by the next append(): what is there is whole lines. One thread and one writer at a time.
class TradesCsvFile {
 public:
  TradesCsvFile(FileSystem& files, Path file) : files_(files), file_(std::move(file)) {}

  // Makes the file and its folder where they are missing; durable on return. bad_data, and nothing written,
  // where the file has other columns than these or the same in another order.
  Status append(const TradeRow& row);

 private:
  Status look();  // finds the end of the last whole line

  FileSystem& files_;
  Path file_;
  bool known_ = false;
  std::uint64_t size_ = 0;  // of the file when it was last written or read
  std::uint64_t kept_ = 0;  // of it, what is whole lines
  std::string before_;      // what is missing between those and the next line
};

}  // namespace pawl::market
