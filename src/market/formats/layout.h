// How a bar file's text is laid out: where its rows begin, what its columns are, how it writes times.
#pragma once

#include "market/formats/format.h"

namespace pawl::market::formats {

// What detection works on and adds to, step by step.
struct Draft {
  std::string text;  // tab-separated where it was JSON
  std::string file_name;
  const Named& named;
  Detection found;
  std::string time_header;  // the name of the column of times, where it has one
  std::string family;       // a program or service whose conventions are known: "MetaTrader"; else empty

  BarFormat& format() { return found.format; }
  void note(std::string_view field, std::string value, std::string why, How how = How::detected) {
    found.findings.push_back({std::string(field), std::move(value), how, std::move(why)});
  }
  // The same with a question: `value` is what the evidence suggests.
  void ask(std::string_view field, std::string value, std::string text, std::string flag);
};

// A sample of a text's rows: all of them in a short file, four stretches of a thousand out of a long one.
using SampleRow = std::vector<std::string_view>;
using Sample = std::vector<SampleRow>;

// Sets separator, first_row, columns, stamp, decimal_comma and symbol, and the family where it shows.
// bad_data where the text holds no rows of bars.
Status find_layout(Draft& draft);

// The parts of find_layout. A header's roles; false where its names lack one of open, high, low and close.
bool columns_of_header(const SampleRow& names, Columns& columns);
// Open, high, low, close and volume of a file without a header, by what numbers do: no price of a row is
// above the high or below the low, and bars open near the close before. The reason, or what is not clear.
Status columns_by_content(Draft& draft, const Sample& sample, std::size_t after);
// Which column says when: sets Role::time and Role::clock and the form of stamps.
Status find_time_columns(Draft& draft, const Sample& sample, const SampleRow& header);

// The symbol that a file's name speaks of, or empty: its one currency pair, or its one word in capitals that
// is nothing else. A lone word in small letters ("spy") is one only where `small_letters` says that names are
// written so: elsewhere it may be any word.
std::string symbol_in_name(std::string_view file_name, bool small_letters);
// The date in a file's name ("20131007_trade", "2013-10-07"), midnight of it.
std::optional<LocalMs> date_in_name(std::string_view file_name);

}  // namespace pawl::market::formats
