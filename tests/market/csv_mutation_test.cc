// What the fuzzer does without end, as a short and deterministic test: broken copies of a good file never do
// anything but deliver valid bars or name the place of the fault.
#include <gtest/gtest.h>

#include <regex>

#include "base/gzip.h"
#include "base/random.h"
#include "market/sources/csv.h"

namespace pawl::market {
namespace {

const Request& request() {
  static const Request kRequest{Symbol::parse("EURUSD").value(), kH1,
                                MarketCalendar::make("America/New_York 17:00", "weekdays").value()};
  return kRequest;
}

std::string good_file() {
  std::string text = "time,open,high,low,close,volume\n";
  TimeMs time = parse_time("2019-03-08T00:00:00Z").value();
  for (int i = 0; i < 60; ++i, time += kHourMs) {
    text += fmt::format("{},1.1{},1.3,1.0,1.2{},{}\n", format_time(time), i, i % 7, 100 + i);
  }
  return text;
}

std::string mutated(std::string text, Random& random) {
  static const std::vector<std::string> kWords = {"\n",
                                                  "\r\n",
                                                  ",",
                                                  ",,",
                                                  "nan",
                                                  "-inf",
                                                  "1e308",
                                                  "-",
                                                  "0",
                                                  "\x1f\x8b",
                                                  "\xef\xbb\xbf",
                                                  "9999-12-31T23:00:00Z",
                                                  "2019-03-10T02:00:00-05:00",
                                                  "1e-320",
                                                  std::string(1, '\0'),
                                                  std::string(700, '7')};
  const auto place = [&] { return static_cast<std::size_t>(random.below(text.size() + 1)); };
  for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
    const std::size_t at = place(), count = static_cast<std::size_t>(random.below(40));
    switch (random.below(6)) {
      case 0:
        text.insert(at, kWords[random.below(kWords.size())]);
        break;
      case 1:
        text.erase(at, count);
        break;
      case 2:
        text.insert(place(), text.substr(at, count));
        break;
      case 3:
        text.replace(at, std::min<std::size_t>(count, 3),
                     std::string(3, static_cast<char>(random.below(256))));
        break;
      case 4:
        text.resize(at);
        break;
      case 5:
        if (at < text.size()) text[at] = static_cast<char>('0' + random.below(10));
        break;
    }
    if (text.empty()) text = " ";
  }
  return text;
}

void check(const std::string& bytes, BadRows bad_rows) {
  const Result<Delivery> delivery = parse_csv(bytes, "f.csv", request(), bad_rows);
  if (!delivery) {
    EXPECT_EQ(delivery.error().code, ErrorCode::bad_data);
    static const std::regex kPlace("^f\\.csv(:[0-9]+)?: ");
    EXPECT_TRUE(std::regex_search(delivery.error().message, kPlace)) << delivery.error().message;
    if (bad_rows == BadRows::error && delivery.error().message.find("field") != std::string::npos) {
      EXPECT_EQ(delivery.error().message[5], ':') << "no line: " << delivery.error().message;
    }
    return;
  }
  ASSERT_GT(delivery->bars.size(), 0u);
  if (bad_rows == BadRows::error) {
    EXPECT_EQ(delivery->bad_rows, 0);
  }
  for (std::size_t i = 0; i < delivery->bars.size(); ++i) {
    const Bar bar = delivery->bars[i];
    ASSERT_FALSE(find_fault(bar).any());
    ASSERT_EQ(bar.close_time, request().calendar.close_time(kH1, bar.open_time));
    if (i > 0) {
      ASSERT_GE(bar.open_time, delivery->bars.close_time(i - 1));
    }
  }
}

TEST(CsvMutationTest, BrokenFilesDeliverValidBarsOrNameTheFault) {
  const std::string good = good_file();
  Random random(20'240'501);
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string bytes = mutated(good, random);
    check(bytes, BadRows::error);
    check(bytes, BadRows::skip);
    refused += parse_csv(bytes, "f.csv", request(), BadRows::error) ? 0 : 1;
  }
  // The mutations bite, and not all of them do.
  EXPECT_GT(refused, 2000);
  EXPECT_LT(refused, 3999);
}

TEST(CsvMutationTest, BrokenGzipIsRefusedOrTheSameFile) {
  const std::string packed = gzip(good_file());
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::string bytes = mutated(packed, random);
    check(bytes, BadRows::error);
    check(bytes, BadRows::skip);
  }
}

}  // namespace
}  // namespace pawl::market
