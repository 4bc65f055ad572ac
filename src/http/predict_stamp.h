// The times of candles as clients write them, still on the clock of whoever wrote them.
#pragma once

#include <cstdint>
#include <string_view>

#include "market/formats/clock.h"

namespace pawl::http {

enum class StampKind : std::uint8_t {
  clock,  // on the client's clock
  date,   // a day without a time
  zoned   // with a zone of its own: an instant
};

struct Stamp {
  market::formats::LocalMs local = 0;  // of a zoned one: the instant
  StampKind kind = StampKind::clock;
};

// Remembers the day of the last one, which most candles share with the next. One thread at a time.
class StampReader {
 public:
  // `text` stands behind a quote and ends with one, within readable memory: "2025.01.01 00:05",
  // "2025-01-01 00:00:00", "2025-01-01T00:00:00Z", "…+02:00", "2025.01.01", or digits as of_number takes
  // them. False where it is none of them, or no time that exists.
  bool read(const char* text, Stamp& stamp);
  // Seconds since 1970, or milliseconds from 10^11 on. Whole milliseconds before 2100; false elsewhere.
  static bool of_number(double number, Stamp& stamp);

 private:
  bool read_day(const char* text);
  char day_text_[10] = {'?'};  // no text that is read begins so
  market::formats::LocalMs day_ = 0;
};

}  // namespace pawl::http
