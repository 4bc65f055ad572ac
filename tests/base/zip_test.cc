#include "base/zip.h"

#include <gtest/gtest.h>

#include "support/zip_files.h"

namespace pawl {
namespace {

using test::make_zip;

TEST(ZipTest, GivesBackWhatWasPackedEitherWay) {
  const std::string bars(100'000, 'x');
  for (const bool deflated : {false, true}) {
    const std::string zip = make_zip({{"folder/", ""}, {"a.csv", "1,2,3\n"}, {"b.csv", bars}}, deflated);
    ASSERT_TRUE(looks_like_zip(zip));
    const auto names = zip_names(zip);
    ASSERT_TRUE(names) << names.error().message;
    EXPECT_EQ(*names, (std::vector<std::string>{"a.csv", "b.csv"}));
    EXPECT_EQ(unzip(zip, "a.csv").value(), "1,2,3\n");
    EXPECT_EQ(unzip(zip, "b.csv").value(), bars);
  }
}

TEST(ZipTest, ABombIsStoppedAtTheLimit) {
  const std::string zip = make_zip({{"bomb.csv", std::string(20'000'000, '0')}}, true);
  EXPECT_LT(zip.size(), 100'000u);
  const auto text = unzip(zip, "bomb.csv", 1'000'000);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::bad_data);
  EXPECT_NE(text.error().message.find("more than 1000000 bytes"), std::string::npos) << text.error().message;
  EXPECT_TRUE(unzip(zip, "bomb.csv", 20'000'000));
}

TEST(ZipTest, WhatIsCutShortOrDamagedIsBadData) {
  const std::string zip = make_zip({{"a.csv", std::string(5000, 'a') + "tail"}}, true);
  for (std::size_t length = 0; length < zip.size(); length += 7) {
    const std::string cut = zip.substr(0, length);
    const auto names = zip_names(cut);
    if (names) continue;
    EXPECT_EQ(names.error().code, ErrorCode::bad_data);
  }
  std::string damaged = zip;
  damaged[40] = static_cast<char>(damaged[40] ^ 0x5a);
  EXPECT_FALSE(unzip(damaged, "a.csv"));
  const auto missing = unzip(zip, "b.csv");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("\"b.csv\""), std::string::npos);
}

}  // namespace
}  // namespace pawl
