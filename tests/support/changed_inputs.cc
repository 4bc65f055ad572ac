#include "support/changed_inputs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/format.h"
#include "base/gzip.h"
#include "base/random.h"
#include "base/timezone.h"
#include "support/test_files.h"

namespace pawl::test {

namespace {

std::string text_of(const std::filesystem::path& file) {
  const std::string bytes = read_file(file);
  if (file.extension() != ".gz") return bytes;
  auto text = gunzip(bytes);
  EXPECT_TRUE(text) << file;
  return text ? std::move(*text) : std::string();
}

TimeMs time_of(std::string_view text) {
  const auto time = parse_time(text);
  EXPECT_TRUE(time) << text;
  return time ? *time : 0;
}

// The close of "time,open,high,low,close,volume", or nothing in a file of values.
std::optional<double> close_of(const std::string& line) {
  std::size_t begin = 0;
  for (int comma = 0; comma < 4; ++comma) {
    begin = line.find(',', begin);
    if (begin == std::string::npos) return std::nullopt;
    ++begin;
  }
  double close = 0;
  const auto read = std::from_chars(line.data() + begin, line.data() + line.size(), close);
  return read.ec == std::errc() ? std::optional(close) : std::nullopt;
}

// From a fifth to five times the last price, so that even what only looks at ratios notices; without drift,
// so that no price ever reaches 0.
class MadeUpBars {
 public:
  MadeUpBars(double last_close, Random& random)
      : random_(random), level_(last_close * (0.2 + 4.8 * random.uniform())), price_(level_) {}
  std::string next() {
    const double open = price_, close = level_ * (0.9 + 0.2 * random_.uniform());
    const double high = std::max(open, close) * (1 + 0.02 * random_.uniform());
    const double low = std::min(open, close) * (1 - 0.02 * random_.uniform());
    price_ = close;
    return fmt::format("{:.5f},{:.5f},{:.5f},{:.5f},{}", open, high, low, close, random_.below(1'000'000));
  }

 private:
  Random& random_;
  double level_, price_;
};

}  // namespace

KnownFrom known_at_close(DurationMs timeframe) {
  return [timeframe](std::string_view time) { return time_of(time) + timeframe; };
}

KnownFrom known_at_session_end(DurationMs delay) {
  auto zone = TimeZone::find("America/New_York");
  EXPECT_TRUE(zone);
  return [zone = *zone, delay](std::string_view time) {
    CivilTime close = civil_from_time(time_of(time));
    close.hour = 16;
    return zone.from_local(close) + delay;
  };
}

KnownFrom known_after_business_days(int days) {
  return [days](std::string_view time) {
    TimeMs day = time_of(time);
    for (int left = days; left > 0;) {
      day += kDayMs;
      const int weekday = civil_from_time(day).weekday;
      left -= weekday == 0 || weekday == 6 ? 0 : 1;
    }
    return day + kDayMs;
  };
}

void write_with_another_future(const InputFile& input, const std::filesystem::path& copy,
                               const AnotherFuture& future, std::uint64_t seed) {
  for (const char letter : input.file.filename().string()) {
    seed = derive_seed(seed, static_cast<std::uint64_t>(letter));  // no two files get the same future
  }
  Random random(seed);
  std::istringstream lines(text_of(input.file));
  std::string out, line, last;
  std::getline(lines, line);
  out = line + "\n";
  const bool of_bars = std::count(line.begin(), line.end(), ',') == 5;
  std::optional<MadeUpBars> bars;
  while (std::getline(lines, line)) {
    const std::string_view time = std::string_view(line).substr(0, line.find(','));
    const TimeMs known_at = input.known_from(time);
    if (known_at > future.end) continue;
    if (known_at <= future.until) {
      out += line + "\n";
      last = line;
      continue;
    }
    if (of_bars && !bars) bars.emplace(close_of(last).value_or(100), random);
    const std::string made_up = of_bars ? bars->next() : fmt::format("{:.3f}", 1000 + 100 * random.normal());
    out += fmt::format("{},{}\n", time, made_up);
  }
  write_file(copy, out);
}

}  // namespace pawl::test
