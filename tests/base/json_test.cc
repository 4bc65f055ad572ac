#include "base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace pawl {
namespace {

TEST(Json, ParsesAndPrintsWithSortedKeys) {
  const auto json = parse_json(R"({"b": [1, 2.5, null], "a": "é"})");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(json->dump(), R"({"a":"é","b":[1,2.5,null]})");
}

TEST(Json, SaysWhereATextIsWrong) {
  const std::pair<std::string, const char*> table[] = {
      {"", "line 1"},
      {"{\"a\": 1,\n \"b\" 2}", "line 2"},
      {"[1, 2", "line 1"},
      {"{} x", "line 1, column 4"},
      {"\"\xff\"", "line 1"},
      {"1e999", "overflow"},
      {"{'a': 1}", "line 1, column 2"},
      {"[NaN]", "line 1"},
      {std::string(100'000, '['), "deep"},
  };
  for (const auto& [text, expected] : table) {
    const auto json = parse_json(text);
    ASSERT_FALSE(json) << text.substr(0, 40);
    EXPECT_EQ(json.error().code, ErrorCode::bad_data);
    EXPECT_NE(json.error().message.find(expected), std::string::npos) << json.error().message;
  }
}

TEST(Json, BracketsInStringsAreNotDepth) {
  EXPECT_TRUE(parse_json("\"\\\"" + std::string(1000, '[') + "\""));
}

TEST(Json, FieldsAreReadWithAReason) {
  const Json json = {{"n", 1.5},  {"i", 3},       {"s", "x"},
                     {"b", true}, {"z", nullptr}, {"big", std::numeric_limits<std::uint64_t>::max()}};
  EXPECT_EQ(json_double(json, "n").value(), 1.5);
  EXPECT_EQ(json_double(json, "i").value(), 3);
  EXPECT_TRUE(std::isnan(json_double(json, "z").value()));
  EXPECT_EQ(json_int(json, "i").value(), 3);
  EXPECT_EQ(json_string(json, "s").value(), "x");
  EXPECT_EQ(json_bool(json, "b").value(), true);

  EXPECT_EQ(json_double(json, "gone").error().message, "field \"gone\" is missing");
  EXPECT_EQ(json_int(json, "n").error().message, "field \"n\" must be an integer, not number");
  EXPECT_FALSE(json_int(json, "big"));
  EXPECT_FALSE(json_string(json, "i"));
  EXPECT_FALSE(json_bool(json, "i"));
  EXPECT_EQ(json_bool(Json::array(), "b").error().code, ErrorCode::bad_data);
}

TEST(Json, NotFiniteIsNull) {
  EXPECT_TRUE(json_number(std::nan("")).is_null());
  EXPECT_TRUE(json_number(-std::numeric_limits<double>::infinity()).is_null());
  EXPECT_EQ(json_double_text(std::nan("")), "null");
}

TEST(Json, QuotedTextIsJson) {
  for (const std::string text : {"plain", "with \"quotes\" \\ and\n\ttabs", "é\x01", "", "\x7f"}) {
    EXPECT_EQ(parse_json(json_quote(text)).value().get<std::string>(), text);
  }
  EXPECT_TRUE(parse_json(json_quote("bad \xff bytes"))) << "still JSON, whatever comes in";
}

TEST(Json, EveryDoubleSurvivesItsText) {
  EXPECT_EQ(json_double_text(0.1), "0.1");
  EXPECT_EQ(json_double_text(1), "1");
  Random random(5);
  for (int i = 0; i < 50'000; ++i) {
    const auto value = i == 0 ? -0.0 : std::bit_cast<double>(random.next());
    if (!std::isfinite(value)) continue;
    const std::string text = json_double_text(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << text;
    const double through_json = parse_json(text).value().get<double>();
    ASSERT_EQ(std::bit_cast<std::uint64_t>(through_json), std::bit_cast<std::uint64_t>(value)) << text;
  }
}

}  // namespace
}  // namespace pawl
