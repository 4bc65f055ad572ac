// A1: a signed webhook asks for a retrain; what is not signed, or was sent long ago, asks for nothing.
#include "triggers/webhook.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace pawl::triggers {
namespace {

constexpr std::string_view kSecret = "a shared secret";
const TimeMs kNow = time_from_civil({.year = 2026, .month = 1, .day = 5, .hour = 2});

std::string signed_by(std::string_view secret, std::string_view body) {
  return fmt::format("sha256={}", hmac_sha256_hex(secret, body));
}

// RFC 4231, test case 2.
TEST(Hmac, IsTheOneOfTheRfc) {
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Webhook, AsksForALineWithAReason) {
  const std::string body =
      R"({"sent_at":"2026-01-05T02:00:30Z","line":"forex-weekly/EUR_USD","reason":"nightly CI","full":true})";
  const auto request = open_webhook(body, signed_by(kSecret, body), kSecret, kNow);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->line, "forex-weekly/EUR_USD");
  EXPECT_EQ(request->reason, "webhook: nightly CI");
  EXPECT_TRUE(request->full);
}

TEST(Webhook, WithoutALineMeansAllOfThem) {
  const std::string body = R"({"sent_at":"2026-01-05T01:59:00Z"})";
  const auto request = open_webhook(body, signed_by(kSecret, body), kSecret, kNow);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_TRUE(request->line.empty());
  EXPECT_EQ(request->reason, "webhook");
  EXPECT_FALSE(request->full);
}

TEST(Webhook, RefusesWhatTheSecretDidNotSign) {
  const std::string body = R"({"sent_at":"2026-01-05T02:00:00Z"})";
  for (const std::string& signature :
       {std::string(), signed_by("another", body), signed_by(kSecret, body + " "),
        signed_by(kSecret, body).substr(7), "sha1=" + signed_by(kSecret, body).substr(7)}) {
    const auto request = open_webhook(body, signature, kSecret, kNow);
    ASSERT_FALSE(request.has_value()) << signature;
    EXPECT_EQ(request.error().code, ErrorCode::conflict);
  }
  EXPECT_EQ(open_webhook(body, signed_by("", body), "", kNow).error().code, ErrorCode::bad_config);
}

TEST(Webhook, RefusesAnOldBodyPlayedAgain) {
  const std::string body = R"({"sent_at":"2026-01-05T02:00:00Z"})";
  EXPECT_TRUE(open_webhook(body, signed_by(kSecret, body), kSecret, kNow + 5 * kMinuteMs).has_value());
  EXPECT_FALSE(open_webhook(body, signed_by(kSecret, body), kSecret, kNow + 5 * kMinuteMs + 1).has_value());
  EXPECT_FALSE(open_webhook(body, signed_by(kSecret, body), kSecret, kNow - 6 * kMinuteMs).has_value());
}

TEST(Webhook, NamesWhatIsWrongWithASignedBody) {
  for (const auto& [body, part] :
       {std::pair<std::string, std::string>{"{}", "sent_at"},
        {R"({"sent_at":5})", "\"sent_at\" must be a text"},
        {R"({"sent_at":"2026-01-05T02:00:00Z","full":"yes"})", "\"full\" must be true or false"},
        {R"({"sent_at":"2026-01-05T02:00:00Z","pair":"EUR_USD"})", "unknown key \"pair\""},
        {"[]", "must be a JSON object"},
        {"nonsense", "webhook"}}) {
    const auto request = open_webhook(body, signed_by(kSecret, body), kSecret, kNow);
    ASSERT_FALSE(request.has_value()) << body;
    EXPECT_EQ(request.error().code, ErrorCode::bad_data) << body;
    EXPECT_NE(request.error().message.find(part), std::string::npos) << request.error().message;
  }
}

}  // namespace
}  // namespace pawl::triggers
