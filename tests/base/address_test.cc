#include "base/address.h"

#include <gtest/gtest.h>

#include <set>

#include "base/secret.h"

namespace pawl {
namespace {

TEST(IpAddress, IsReadAndWritten) {
  for (const auto& [text, written] : {std::pair{"127.0.0.1", "127.0.0.1"},
                                      {"::1", "::1"},
                                      {"[::1]", "::1"},
                                      {"::ffff:10.0.0.7", "10.0.0.7"},
                                      {"2001:DB8:0:0::7", "2001:db8::7"},
                                      {"fe80::1%eth0", "fe80::1"},
                                      {"0.0.0.0", "0.0.0.0"},
                                      {"::", "::"}}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), written);
  }
  for (const std::string& text :
       {std::string(), std::string("localhost"), std::string("127.0.0"), std::string("127.0.0.1 "),
        std::string("1.2.3.4.5"), std::string("[127.0.0.1"), std::string("127.0.0.1\0x", 11),
        std::string("0x7f.1"), std::string("256.0.0.1")}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, KnowsThisMachine) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "localhost"}) {
    EXPECT_TRUE(is_loopback(text)) << text;
  }
  for (const char* text :
       {"0.0.0.0", "::", "128.0.0.1", "::2", "::127.0.0.1", "::ffff:128.0.0.1", "LOCALHOST.", ""}) {
    EXPECT_FALSE(is_loopback(text)) << text;
  }
  EXPECT_TRUE(IpAddress::parse("0.0.0.0")->is_any());
  EXPECT_TRUE(IpAddress::parse("::")->is_any());
  EXPECT_FALSE(IpAddress::parse("::1")->is_any());
}

// RFC 4648 §10, in the alphabet for URLs and without padding.
TEST(Base64url, IsTheOneOfTheRfc) {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg"},
                                    {"fo", "Zm8"},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg"},
                                    {"fooba", "Zm9vYmE"},
                                    {"foobar", "Zm9vYmFy"},
                                    {"\xfb\xff\xfe", "-__-"}}) {
    EXPECT_EQ(base64url(bytes), text);
  }
}

TEST(SecretBytes, AreDifferentEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto bytes = secret_bytes(32);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), 32u);
    seen.insert(*bytes);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace pawl
