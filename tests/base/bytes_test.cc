#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace pawl {
namespace {

std::string sample() {
  ByteWriter writer;
  writer.u8(7);
  writer.u32(0x01020304);
  writer.u64(std::numeric_limits<std::uint64_t>::max());
  writer.i64(-2);
  writer.f64(-0.0);
  writer.text("häh");
  writer.doubles(std::array{1.5, std::nan("1"), -std::numeric_limits<double>::infinity()});
  writer.doubles(std::array{3.0, 4.0});
  return writer.take();
}

// Reads the sample and says whether all of it was there.
bool read_all(std::string_view bytes) {
  ByteReader reader(bytes);
  std::array<double, 2> two{};
  reader.u8();
  reader.u32();
  reader.u64();
  reader.i64();
  reader.f64();
  reader.text();
  reader.doubles();
  reader.doubles_into(two);
  return reader.at_end();
}

TEST(Bytes, WhatIsWrittenIsReadBack) {
  const std::string bytes = sample();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u32(), 0x01020304u);
  EXPECT_EQ(reader.u64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(reader.i64(), -2);
  EXPECT_TRUE(std::signbit(reader.f64()));
  EXPECT_EQ(reader.text(), "häh");
  const std::vector<double> values = reader.doubles();
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(values[1]), std::bit_cast<std::uint64_t>(std::nan("1")));
  std::array<double, 2> two{};
  EXPECT_FALSE(reader.at_end());
  reader.doubles_into(two);
  EXPECT_EQ(two[1], 4.0);
  EXPECT_TRUE(reader.at_end());
}

TEST(Bytes, AreLittleEndian) {
  ByteWriter writer;
  writer.u32(0x01020304);
  writer.text("a");
  EXPECT_EQ(writer.bytes(), std::string("\x04\x03\x02\x01\x01\0\0\0\0\0\0\0a", 13));
}

TEST(Bytes, EveryTruncationIsNoticed) {
  const std::string bytes = sample();
  ASSERT_TRUE(read_all(bytes));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(read_all(std::string_view(bytes).substr(0, length))) << length;
  }
  EXPECT_FALSE(read_all(bytes + "x")) << "a byte too many is noticed as well";
}

TEST(Bytes, AnImpossibleLengthAllocatesNothing) {
  ByteWriter writer;
  writer.u64(std::numeric_limits<std::uint64_t>::max());
  writer.f64(1);
  ByteReader doubles(writer.bytes());
  EXPECT_TRUE(doubles.doubles().empty());
  EXPECT_FALSE(doubles.ok());
  ByteReader text(writer.bytes());
  EXPECT_EQ(text.text(), "");
  EXPECT_FALSE(text.ok());
  EXPECT_EQ(text.u8(), 0) << "once failed, failed for good";
}

TEST(Bytes, DoublesIntoWantsTheExactCount) {
  ByteWriter writer;
  writer.doubles(std::array{1.0, 2.0, 3.0});
  ByteReader reader(writer.bytes());
  std::array<double, 2> two = {9, 9};
  reader.doubles_into(two);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(two[0], 0);
}

}  // namespace
}  // namespace pawl
