#include "market/formats/stamps.h"

#include <gtest/gtest.h>

namespace pawl::market::formats {
namespace {

std::string civil(std::string_view text, DateOrder order = DateOrder::dmy) {
  const auto read = read_civil(text, order);
  if (!read) return "none";
  std::string out = format_time(read->local);
  out.pop_back();
  if (!read->has_clock) out = out.substr(0, 10);
  return out + (read->offset ? fmt::format(" {:+}", *read->offset / kMinuteMs) : "");
}

TEST(StampsTest, ReadsTheFormsThatFilesAreWrittenIn) {
  EXPECT_EQ(civil("2019-07-08 05:50:00"), "2019-07-08T05:50:00");
  EXPECT_EQ(civil("2019-07-08T05:50"), "2019-07-08T05:50:00");
  EXPECT_EQ(civil("2019.07.08"), "2019-07-08");
  EXPECT_EQ(civil("2019/7/8 5:50"), "2019-07-08T05:50:00");
  EXPECT_EQ(civil("20191024 195500"), "2019-10-24T19:55:00");
  EXPECT_EQ(civil("20000103 00:00"), "2000-01-03T00:00:00");
  EXPECT_EQ(civil("20191024195500"), "2019-10-24T19:55:00");
  EXPECT_EQ(civil("20191024 195500250"), "2019-10-24T19:55:00.250");
  EXPECT_EQ(civil("01.02.2020 00:00:00.000"), "2020-02-01T00:00:00");
  EXPECT_EQ(civil("01/30/2020 9:30 AM", DateOrder::mdy), "2020-01-30T09:30:00");
  EXPECT_EQ(civil("01/30/2020 12:30 AM", DateOrder::mdy), "2020-01-30T00:30:00");
  EXPECT_EQ(civil("01/30/2020 4:00 PM", DateOrder::mdy), "2020-01-30T16:00:00");
}

TEST(StampsTest, ReadsOffsets) {
  EXPECT_EQ(civil("2024-01-02T05:00:00Z"), "2024-01-02T05:00:00 +0");
  EXPECT_EQ(civil("2026-03-24 19:29:00+00:00"), "2026-03-24T19:29:00 +0");
  EXPECT_EQ(civil("2026-03-24 19:29:00-0400"), "2026-03-24T19:29:00 -240");
  EXPECT_EQ(civil("2024-01-02T22:00:00.000000000Z"), "2024-01-02T22:00:00 +0");
  EXPECT_EQ(civil("2024-01-02 22:00:00 UTC"), "2024-01-02T22:00:00 +0");
  EXPECT_EQ(civil("02.01.2024 00:00:00.000 GMT+0200"), "2024-01-02T00:00:00 +120");
}

TEST(StampsTest, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "2019-02-30", "2019-13-01", "2019-07-08 24:00", "2019-07-08 05:60", "1.10",
        "2019-07-08 05:50:00x", "2019-07.08", "1672534800", "20190230", "13:00"}) {
    EXPECT_EQ(civil(text), "none") << text;
  }
  EXPECT_EQ(civil("30/01/2020", DateOrder::mdy), "none");
}

TEST(StampsTest, TellsUnitsOfEpochsByMagnitude) {
  const auto epoch = [](std::string_view text) {
    const auto read = read_epoch(text);
    return read ? fmt::format("{} {}", format_time(read->time), read->unit) : std::string("none");
  };
  EXPECT_EQ(epoch("1739889000"), "2025-02-18T14:30:00Z s");
  EXPECT_EQ(epoch("1739889000.5"), "2025-02-18T14:30:00.500Z s");
  EXPECT_EQ(epoch("1739889000000"), "2025-02-18T14:30:00Z ms");
  EXPECT_EQ(epoch("1739889000000000"), "2025-02-18T14:30:00Z µs");
  EXPECT_EQ(epoch("1739889000000000000"), "2025-02-18T14:30:00Z ns");
  for (const char* text : {"", "20191024", "1739889000x", "-1739889000", "99999999999999999999", "1.1"}) {
    EXPECT_EQ(epoch(text), "none") << text;
  }
}

TEST(StampsTest, ReadsNumbersAndCommas) {
  EXPECT_EQ(read_number("103428.00000000001", false).value(), 103428.00000000001);
  EXPECT_EQ(read_number("1,1234", true).value(), 1.1234);
  EXPECT_EQ(read_number("+5", false).value(), 5);
  EXPECT_EQ(read_number("1e-7", false).value(), 1e-7);
  for (const char* text : {"", "nan", "inf", "1,5", "1.2.3", "abc", "1e999", "-"}) {
    EXPECT_FALSE(read_number(text, false)) << text;
  }
}

TEST(StampsTest, ReadsClocks) {
  EXPECT_EQ(read_clock("05:50").value(), 350 * kMinuteMs);
  EXPECT_EQ(read_clock("00:00:00").value(), 0);
  EXPECT_EQ(read_clock("195500").value(), 1195 * kMinuteMs);
  for (const char* text : {"", "25:00", "5", "05:5", "1.0"}) EXPECT_FALSE(read_clock(text)) << text;
}

}  // namespace
}  // namespace pawl::market::formats
