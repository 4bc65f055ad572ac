#include "base/result.h"

#include <gtest/gtest.h>

#include <set>

namespace pawl {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::bad_data, "{} is odd", number);
  return number / 2;
}

Result<std::string> half_as_text(int number) {
  const auto result = half(number);
  if (!result) return propagate(result);
  return std::to_string(*result);
}

TEST(Result, CarriesAValueOrAReason) {
  EXPECT_EQ(half(4).value(), 2);
  EXPECT_EQ(half(3).error().message, "3 is odd");
  EXPECT_EQ(half_as_text(3).error().code, ErrorCode::bad_data);
  const Status placed = within("a.csv", half(3).error());
  EXPECT_EQ(placed.error().message, "a.csv: 3 is odd");
  EXPECT_EQ(placed.error().code, ErrorCode::bad_data);
}

TEST(ErrorCode, HasAStableNameAndExitCode) {
  struct Row {
    ErrorCode code;
    const char* name;
    int exit;
  };
  const Row table[] = {
      {ErrorCode::invalid_argument, "invalid_argument", 2},
      {ErrorCode::bad_config, "bad_config", 78},
      {ErrorCode::bad_data, "bad_data", 65},
      {ErrorCode::corrupt, "corrupt", 65},
      {ErrorCode::not_found, "not_found", 1},
      {ErrorCode::conflict, "conflict", 1},
      {ErrorCode::insufficient_data, "insufficient_data", 1},
      {ErrorCode::io, "io", 1},
      {ErrorCode::internal, "internal", 1},
  };
  for (const Row& row : table) {
    EXPECT_EQ(code_name(row.code), row.name);
    EXPECT_EQ(exit_code(row.code), row.exit) << row.name;
  }
}

}  // namespace
}  // namespace pawl
