#include "support/real_bars.h"

#include <gtest/gtest.h>

#include <ctime>
#include <sstream>

#include "base/gzip.h"
#include "support/test_files.h"

namespace pawl::test {

BarSeries read_real_bars(const std::filesystem::path& file, Timeframe timeframe) {
  const Result<std::string> text = gunzip(read_file(file));
  EXPECT_TRUE(text) << file;
  std::istringstream lines(text ? *text : std::string());
  std::string line;
  std::getline(lines, line);  // the header
  BarSeries bars;
  while (std::getline(lines, line)) {
    std::tm clock{};
    const char* rest = strptime(line.c_str(), "%Y-%m-%dT%H:%M:%SZ", &clock);
    std::istringstream numbers(rest);
    numbers.imbue(std::locale::classic());
    char comma = 0;
    Bar bar;
    bar.open_time = timegm(&clock) * kSecondMs;
    bar.close_time = bar.open_time + timeframe.duration_ms();
    numbers >> comma >> bar.open >> comma >> bar.high >> comma >> bar.low >> comma >> bar.close >> comma >>
        bar.volume;
    bars.append(bar);
  }
  return bars;
}

}  // namespace pawl::test
