#include "base/gzip.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace pawl {
namespace {

// `printf 'time,open\n1,2\n' | gzip -n9`
constexpr unsigned char kMadeByGzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0xc9, 0xcc, 0x4d, 0xd5, 0xc9, 0x2f,
    0x48, 0xcd, 0xe3, 0x32, 0xd4, 0x31, 0xe2, 0x02, 0x00, 0xee, 0x76, 0x2e, 0x93, 0x0e, 0x00, 0x00, 0x00};

std::string made_by_gzip() {
  return {std::begin(kMadeByGzip), std::end(kMadeByGzip)};
}

std::string random_text(std::size_t size) {
  Random random(size);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random.below(40));
  return text;
}

TEST(Gzip, UnpacksWhatTheGzipToolMade) {
  EXPECT_TRUE(looks_like_gzip(made_by_gzip()));
  EXPECT_EQ(gunzip(made_by_gzip()).value(), "time,open\n1,2\n");
}

TEST(Gzip, ReadsItsOwnAndIsDeterministic) {
  for (const std::size_t size : {0, 1, 1000, 1'000'000}) {
    const std::string text = random_text(size);
    const std::string packed = gzip(text);
    EXPECT_EQ(gunzip(packed).value(), text);
    EXPECT_EQ(gzip(text), packed) << "no time of day inside";
  }
}

TEST(Gzip, ReadsAllMembers) {
  EXPECT_EQ(gunzip(made_by_gzip() + gzip("more\n") + gzip("")).value(), "time,open\n1,2\nmore\n");
}

TEST(Gzip, EveryTruncationIsRefused) {
  const std::string whole = gzip(random_text(300)) + made_by_gzip();
  const std::size_t first_member = whole.size() - made_by_gzip().size();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (length == first_member) continue;  // a whole member: nothing is missing
    const auto unpacked = gunzip(whole.substr(0, length));
    ASSERT_FALSE(unpacked) << length;
    EXPECT_EQ(unpacked.error().code, ErrorCode::bad_data);
  }
  EXPECT_NE(gunzip(made_by_gzip().substr(0, 30)).error().message.find("cut short"), std::string::npos);
}

TEST(Gzip, AFlippedBitNeverGivesOtherContent) {
  const std::string whole = made_by_gzip();
  for (std::size_t byte = 10; byte < whole.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      // A few bits after the last block are padding: they may be anything, the content stays the same.
      const auto unpacked = gunzip(damaged);
      EXPECT_TRUE(!unpacked || *unpacked == "time,open\n1,2\n") << byte << " " << bit;
    }
  }
}

TEST(Gzip, RefusesTrailingBytesAndPlainText) {
  const auto trailing = gunzip(made_by_gzip() + "xyz");
  ASSERT_FALSE(trailing);
  EXPECT_NE(trailing.error().message.find("3 bytes of something else follow"), std::string::npos);
  EXPECT_FALSE(gunzip("time,open\n"));
  EXPECT_FALSE(gunzip(""));
}

TEST(Gzip, StopsAtTheLimit) {
  const std::string bomb = gzip(std::string(5'000'000, ' '));
  ASSERT_LT(bomb.size(), 10'000u);
  const auto unpacked = gunzip(bomb, 4'999'999);
  ASSERT_FALSE(unpacked);
  EXPECT_NE(unpacked.error().message.find("4999999"), std::string::npos);
  EXPECT_TRUE(gunzip(bomb, 5'000'000));
}

}  // namespace
}  // namespace pawl
