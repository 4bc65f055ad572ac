// Cells of the trade files: how they are parted, read and shown in a message. Private to the room.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/trade.h"

namespace pawl::market {

// The lines of a text with their numbers, without line ends, and the byte order mark skipped.
class Lines {
 public:
  explicit Lines(std::string_view text);
  // The next line that is not blank; false at the end.
  bool next();
  std::string_view text() const { return line_; }
  std::int64_t number() const { return number_; }  // from 1
  bool ended() const { return ended_; }            // false where the text stops without a line end

 private:
  std::string_view rest_, line_;
  std::int64_t number_ = 0;
  bool ended_ = true;
};

// The cells of a line parted by commas, blanks around them dropped; a cell in double quotes may hold commas,
// and quotes doubled.
std::vector<std::string> split_cells(std::string_view line);
// A cell as a file holds it: in quotes where it needs them.
std::string csv_cell(std::string_view value);

// Where each of `names` stands in a header, without regard to case; bad_data names what is missing or there
// twice. `place` is "file:line".
Result<std::vector<std::size_t>> find_columns(const std::vector<std::string>& header,
                                              std::span<const std::string_view> names,
                                              std::string_view place);

// bad_data: "<place>: field `x`: \"abc\" is not a number".
Result<double> read_number(std::string_view place, std::string_view field, std::string_view text);
Result<bool> read_flag(std::string_view place, std::string_view field, std::string_view text);
Result<Side> read_side(std::string_view place, std::string_view field, std::string_view text);

}  // namespace pawl::market
