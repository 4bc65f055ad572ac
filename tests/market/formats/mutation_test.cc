// What the fuzzer does without end, as a short and deterministic test: broken copies of files of all families
// give valid bars in order, questions, or a refusal that names the file.
#include <gtest/gtest.h>

#include "base/gzip.h"
#include "market/formats/format.h"
#include "market/formats/made_up_bars.h"
#include "support/zip_files.h"

namespace pawl::market::formats {
namespace {

std::vector<std::string> good_files() {
  const auto bars = test::walk(parse_time("2023-03-06").value(), kMinuteMs, 40, 7000);
  const auto time = [](const Bar& b) {
    std::string text = format_time(b.open_time);
    text[10] = ' ';
    return text.substr(0, 19);
  };
  std::vector<std::string> files;
  files.push_back(test::lines(bars, [](const Bar& b) {
    return fmt::format("{},{},{},{},{},{},{},0,1,0,0,0", b.open_time, b.open, b.high, b.low, b.close,
                       b.volume, b.close_time - 1);
  }));
  files.push_back("Date\tOpen\tHigh\tLow\tClose\tAdj Close\tVolume\n" + test::lines(bars, [&](const Bar& b) {
                    return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", time(b), b.open, b.high, b.low, b.close,
                                       b.close / 2, b.volume);
                  }));
  files.push_back(test::lines(bars, [&](const Bar& b) {
    std::string stamp = time(b);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    return fmt::format("{};{};{};{};{};0", stamp, b.open, b.high, b.low, b.close);
  }));
  std::string json;
  for (const Bar& b : bars) {
    json += fmt::format("{}[{},{},{},{},{},\"{}\"]", json.empty() ? "[" : ",", b.open_time, b.open, b.close,
                        b.high, b.low, b.volume);
  }
  json += "]";
  files.push_back(json);
  files.push_back(test::lines(bars, [&](const Bar& b) {
    const auto of_day = b.open_time % kDayMs;
    return fmt::format("{},{},{},{},{},0,{},{},{},{},0", of_day, b.open, b.high, b.low, b.close, b.open + 1,
                       b.high + 1, b.low + 1, b.close + 1);
  }));
  files.push_back(test::make_zip({{"20230306_x.csv", files[4]}}, true));
  files.push_back(gzip(files[1]));
  return files;
}

std::string mutated(std::string text, Random& random) {
  static const std::vector<std::string> kWords = {"\n",
                                                  "\r\n",
                                                  ",",
                                                  ";;",
                                                  "nan",
                                                  "-inf",
                                                  "1e308",
                                                  "0",
                                                  "\x1f\x8b",
                                                  "\xff\xfe",
                                                  "PK\x03\x04",
                                                  "9999-12-31 23:00:00",
                                                  "2023-03-12 02:30:00",
                                                  "1e-320",
                                                  "[",
                                                  "{\"t\":[",
                                                  "\"",
                                                  "null",
                                                  std::string(1, '\0'),
                                                  std::string(700, '7'),
                                                  "99999999999999999999",
                                                  "1678060800",
                                                  "-1",
                                                  "open,high,low,close\n",
                                                  "2023-11-05T01:30:00-04:00"};
  const auto place = [&] { return static_cast<std::size_t>(random.below(text.size() + 1)); };
  for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
    const std::size_t at = place(), count = static_cast<std::size_t>(random.below(60));
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
    if (text.empty()) text.assign(1, ' ');
  }
  return text;
}

enum class Outcome { bars, question, refusal };

Outcome check(const std::string& bytes, const Named& named, BadRows bad_rows) {
  const Result<Detection> found = detect(bytes, "f.csv", named);
  if (!found) {
    EXPECT_TRUE(found.error().code == ErrorCode::bad_data ||
                found.error().code == ErrorCode::invalid_argument);
    EXPECT_EQ(found.error().message.find("f.csv:"), 0u) << found.error().message;
    return Outcome::refusal;
  }
  EXPECT_FALSE(found->findings.empty());
  const Request request{Symbol::parse("X").value(), found->format.timeframe, own_calendar(found->format)};
  const Result<Imported> imported = read_bars(bytes, "f.csv", found->format, request, bad_rows);
  if (!imported) {
    EXPECT_EQ(imported.error().code, ErrorCode::bad_data);
    EXPECT_EQ(imported.error().message.find("f.csv:"), 0u) << imported.error().message;
    return Outcome::refusal;
  }
  const BarSeries& bars = imported->delivery.bars;
  EXPECT_GT(bars.size(), 0u);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_FALSE(find_fault(bars[i]).any());
    if (i > 0) {
      EXPECT_GE(bars.open_time(i), bars.close_time(i - 1));
    }
  }
  if (bad_rows == BadRows::error) {
    EXPECT_EQ(imported->delivery.bad_rows, 0);
  }
  return found->questions.empty() ? Outcome::bars : Outcome::question;
}

TEST(FormatMutationTest, BrokenFilesGiveValidBarsQuestionsOrRefusals) {
  const Named answered{.symbol = "X",
                       .timeframe = "M1",
                       .zone = "America/New_York",
                       .time_is = "open",
                       .scale = "1",
                       .date = "2023-03-06"};
  Random random(20'261'120);
  std::array<int, 3> outcomes{};
  for (const std::string& good : good_files()) {
    EXPECT_EQ(check(good, answered, BadRows::error), Outcome::bars);
    for (int i = 0; i < 600; ++i) {
      const std::string bytes = mutated(good, random);
      ++outcomes[static_cast<std::size_t>(check(bytes, answered, BadRows::error))];
      ++outcomes[static_cast<std::size_t>(check(bytes, {}, BadRows::skip))];
      if (testing::Test::HasFailure()) {
        FAIL() << bytes;
      }
    }
  }
  // The mutations bite, and not all of them do.
  for (const int count : outcomes) EXPECT_GT(count, 100);
}

}  // namespace
}  // namespace pawl::market::formats
