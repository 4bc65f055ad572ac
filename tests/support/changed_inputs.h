// Copies of recorded inputs with another future: what was known by an instant is left alone to the byte; what
// came later is made up.
//
//   const InputFile dgs10{folder / "DGS10.csv.gz", known_after_business_days(1)};
//   write_with_another_future(dgs10, copies / "DGS10.csv", {.until = t, .end = t + 10 * kDayMs}, 7);
#pragma once

#include <filesystem>
#include <functional>
#include <limits>
#include <string_view>

#include "base/time.h"

namespace pawl::test {

// When a row may be used, by what its first field says.
using KnownFrom = std::function<TimeMs(std::string_view time)>;

// A bar's close, one timeframe after the open that stands there.
KnownFrom known_at_close(DurationMs timeframe);
// A New York session's date: known at 16:00 there, and `delay` later.
KnownFrom known_at_session_end(DurationMs delay = 0);
// A value of a date: known at the end of that day (UTC), or of the given business day after it.
KnownFrom known_after_business_days(int days);

struct InputFile {
  std::filesystem::path file;  // .csv or .csv.gz, one header line, the time first
  KnownFrom known_from;
};

inline constexpr TimeMs kForever = std::numeric_limits<TimeMs>::max();

struct AnotherFuture {
  TimeMs until = kForever;  // rows known by then stay as they are
  TimeMs end = kForever;    // rows known later than this are left out; those between are made up
};

// Writes the copy, plain; a file with nothing left but its header is written too. Made-up bars are valid ones
// at the same times, of another level and with volume; a made-up value lies far from any real one.
void write_with_another_future(const InputFile& input, const std::filesystem::path& copy,
                               const AnotherFuture& future, std::uint64_t seed);

}  // namespace pawl::test
