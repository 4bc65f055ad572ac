#include "market/formats/table.h"

#include <gtest/gtest.h>

#include "base/gzip.h"
#include "support/zip_files.h"

namespace pawl::market::formats {
namespace {

std::vector<std::string> cells(std::string_view text, char separator) {
  Rows rows(text, separator);
  std::vector<std::string> all;
  while (rows.next()) {
    for (const std::string_view cell : rows.cells()) all.push_back(fmt::format("{}:{}", rows.line(), cell));
  }
  return all;
}

TEST(TableTest, PartsLinesIntoCells) {
  EXPECT_EQ(cells("a, b ,\"c,d\"\r\n\r\n1,2,3", ','),
            (std::vector<std::string>{"1:a", "1:b", "1:c,d", "3:1", "3:2", "3:3"}));
  EXPECT_EQ(cells("x;;y\n", ';'), (std::vector<std::string>{"1:x", "1:", "1:y"}));
}

TEST(TableTest, FindsTheSeparator) {
  EXPECT_EQ(find_separator("t,1,2,3,4\nt,1,2,3,4\n"), ',');
  EXPECT_EQ(find_separator("t;1,5;2,5;3,5;4,5;6\nt;1,5;2,5;3,5;4,5;6\n"), ';');
  EXPECT_EQ(find_separator("a\tb\tc\td\te\n1\t2\t3\t4\t5\n"), '\t');
  EXPECT_EQ(find_separator("a|b|c|d|e\n"), '|');
  EXPECT_EQ(find_separator("some words, and more\n"), '\0');
}

TEST(TableTest, UnpacksWhatIsPacked) {
  const std::string text = "a,b,c,d,e\n";
  EXPECT_EQ(unpack(text, "")->text, text);
  EXPECT_TRUE(unpack(gzip(text), "")->gzip);
  EXPECT_EQ(unpack(gzip(text), "")->text, text);
  EXPECT_EQ(unpack("\xef\xbb\xbf" + text, "")->text, text);
  std::string utf16 = "\xff\xfe";
  for (const char c : text) utf16 += std::string{c, '\0'};
  EXPECT_EQ(unpack(utf16, "")->text, text);
}

TEST(TableTest, OfAZipItReadsTheOneFileOfBars) {
  const auto one =
      unpack(test::make_zip({{"DAT_ASCII_EURUSD_M1_2024.csv", "bars"}, {"status.txt", "report"}}), "");
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->text, "bars");
  EXPECT_EQ(one->member, "DAT_ASCII_EURUSD_M1_2024.csv");
  const std::string two = test::make_zip({{"a.csv", "A"}, {"b.csv", "B"}}, true);
  const auto asked = unpack(two, "");
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().message, "the zip holds 2 files: a.csv, b.csv; name the one to read with --member");
  EXPECT_EQ(unpack(two, "b.csv")->text, "B");
  EXPECT_FALSE(unpack(two, "c.csv"));
  EXPECT_FALSE(unpack(test::make_zip({}), ""));
}

std::string json(std::string_view text) {
  const auto rows = rows_of_json(text);
  return rows ? rows->text : rows.error().message;
}

TEST(TableTest, JsonBecomesRows) {
  EXPECT_EQ(json("[[1,\"2.50\",3.25,4,5],[6,7,8,9,null]]"), "1\t2.50\t3.25\t4\t5\n6\t7\t8\t9\t\n");
  EXPECT_EQ(json(R"({"candles":[{"time":"x","mid":{"c":"1"}},{"time":"y","mid":{"c":"2"}}]})"),
            "mid.c\ttime\n1\tx\n2\ty\n");
  EXPECT_EQ(json(R"({"s":"ok","t":[1,2],"o":[3,4],"h":[5,6],"l":[7,8],"c":[9,10]})"),
            "c\th\tl\to\tt\n9\t5\t7\t3\t1\n10\t6\t8\t4\t2\n");
  EXPECT_NE(json(R"({"code":-1121,"msg":"Invalid symbol."})").find("holds no array of bars"),
            std::string::npos);
  EXPECT_NE(json("[1,2").find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace pawl::market::formats
