// A bar file as lines of cells, whatever it was packed in and however its cells are parted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::market::formats {

struct Unpacked {
  std::string text;    // UTF-8, no byte order mark
  std::string member;  // of a zip: the file's name in it
  bool gzip = false, zip = false;
};

// The text of a plain, gzipped or zipped file; UTF-16 (as MetaTrader writes it) becomes UTF-8. bad_data where
// it is damaged, unpacks to over 2 GiB, or is a zip with several files of bars, none of which is `member`.
Result<Unpacked> unpack(std::string_view bytes, const std::string& member);

// The lines of a text as cells: parted at `separator`, without blanks and quotes around them. Cells are views
// into the text.
class Rows {
 public:
  Rows(std::string_view text, char separator) : text_(text), separator_(separator) {}
  // The next line that is not empty; false at the end.
  bool next();
  std::int64_t line() const { return line_; }  // from 1
  std::string_view raw() const { return raw_; }
  const std::vector<std::string_view>& cells() const { return cells_; }

 private:
  std::string_view text_, raw_;
  char separator_;
  std::size_t position_ = 0;
  std::int64_t line_ = 0;
  std::vector<std::string_view> cells_;
};

// The separator that parts most lines into the same number of cells, and at least into five; '\0' where none
// does.
char find_separator(std::string_view text);

// A JSON text whose bars are an array of arrays, of objects, or an object of arrays, as tab-separated lines;
// objects give a header line first. bad_data where there is no such array in it, or it is an API's error.
struct JsonRows {
  std::string text;
  std::string symbol;  // where the object around the bars names one
};
Result<JsonRows> rows_of_json(std::string_view text);

}  // namespace pawl::market::formats
