// API keys: made once, kept as a hash, refused when they are not understood.
#include "http/keys.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "base/hash.h"
#include "base/json.h"
#include "support/faulty_files.h"
#include "support/test_files.h"

namespace pawl::http {
namespace {

namespace fs = std::filesystem;

const TimeMs kNow = time_from_civil({.year = 2026, .month = 1, .day = 5, .hour = 2});

class Keys : public testing::Test {
 protected:
  std::string add(std::string_view name, std::vector<Scope> scopes,
                  std::optional<TimeMs> expires_at = std::nullopt) {
    const auto made = add_key(files, file, name, std::move(scopes), expires_at, kNow);
    EXPECT_TRUE(made) << made.error().message;
    return made ? made->secret : std::string();
  }
  std::unique_ptr<KeyRing> open_ring() {
    auto ring = KeyRing::open(files, file);
    EXPECT_TRUE(ring) << ring.error().message;
    return ring ? std::move(*ring) : nullptr;
  }

  test::TempFolder folder;
  RealFileSystem files;
  const Path file = folder / "keys.json";
};

TEST_F(Keys, AreMadeOfEntropyAndKeptAsAHash) {
  const std::string secret = add("ea", {Scope::predict});
  EXPECT_TRUE(std::regex_match(secret, std::regex("pawl_[A-Za-z0-9_-]{43}"))) << secret;
  EXPECT_NE(add("other", {Scope::predict}), secret);
  const std::string text = test::read_file(file);
  EXPECT_EQ(text.find(secret), std::string::npos);
  EXPECT_EQ(text.find(secret.substr(5, 8)), std::string::npos);
  EXPECT_NE(text.find(sha256_hex(secret)), std::string::npos);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);

  const auto ring = open_ring();
  const auto found = ring->find(secret);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "ea");
  EXPECT_EQ(found->scopes, std::vector<Scope>{Scope::predict});
  EXPECT_EQ(found->created_at, kNow);
  for (const std::string& wrong : {std::string(), secret + "x", secret.substr(1), sha256_hex(secret)}) {
    EXPECT_FALSE(ring->find(wrong)) << wrong;
  }
}

TEST_F(Keys, MayOnlyWhatTheyAreNamedAfter) {
  const auto may = [](std::vector<Scope> scopes, Scope needed) {
    return ApiKey{.name = "a", .scopes = std::move(scopes)}.may(needed);
  };
  const std::vector<Scope> all = {Scope::open, Scope::predict, Scope::read, Scope::admin};
  for (const Scope needed : all) {
    EXPECT_TRUE(may({Scope::admin}, needed));
    EXPECT_EQ(may({Scope::predict}, needed), needed == Scope::open || needed == Scope::predict);
    EXPECT_EQ(may({Scope::read}, needed), needed == Scope::open || needed == Scope::read);
    EXPECT_EQ(may({Scope::predict, Scope::read}, needed), needed != Scope::admin);
  }
  EXPECT_EQ(parse_scopes("predict,read,predict"), (std::vector<Scope>{Scope::predict, Scope::read}));
  EXPECT_EQ(scopes_text({Scope::predict, Scope::read}), "predict,read");
  for (const char* wrong : {"", "all", "open", "predict,", "Predict", "predict read"}) {
    EXPECT_FALSE(parse_scopes(wrong)) << wrong;
  }
}

TEST_F(Keys, OfARunningServerFollowTheFile) {
  const auto ring = open_ring();
  EXPECT_TRUE(ring->empty());
  const std::string first = add("first", {Scope::read}), second = add("second", {Scope::admin});
  EXPECT_FALSE(ring->find(first));
  ASSERT_TRUE(ring->reload());
  EXPECT_TRUE(ring->find(first));
  EXPECT_FALSE(ring->empty());

  ASSERT_TRUE(revoke_key(files, file, "first"));
  ASSERT_TRUE(ring->reload());
  EXPECT_FALSE(ring->find(first));
  EXPECT_TRUE(ring->find(second));
  const Status again = revoke_key(files, file, "first");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::not_found);
  EXPECT_NE(again.error().message.find("second"), std::string::npos);
}

TEST_F(Keys, StillHoldWhereTheFileIsDamagedOrGone) {
  const std::string secret = add("ea", {Scope::predict});
  const auto ring = open_ring();
  const std::string good = test::read_file(file);
  test::write_file(file, "{");
  EXPECT_FALSE(ring->reload());
  EXPECT_TRUE(ring->find(secret));
  fs::remove(file);
  const Status gone = ring->reload();
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message.find("is gone"), std::string::npos);
  EXPECT_TRUE(ring->find(secret));
  EXPECT_FALSE(ring->empty()) << "a file that vanishes must not open the door";
  test::write_file(file, good);
  EXPECT_TRUE(ring->reload());
}

TEST_F(Keys, AreRefusedWhereTheFileIsNotUnderstood) {
  const std::string digest = sha256_hex("x");
  const auto entry = [&](const std::string& more) {
    return R"({"schema":1,"keys":[{"name":"a","sha256":")" + digest + R"(","scopes":["read"],)" + more +
           "}]}";
  };
  const std::string times = R"("created_at":"2026-01-05T02:00:00Z","expires_at":null)";
  test::write_file(file, entry(times));
  EXPECT_TRUE(KeyRing::open(files, file)) << "the one that the others differ from";
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = entry(times);
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"", "JSON"},
           {"[]", "not an object"},
           {"{}", "schema"},
           {R"({"schema":2,"keys":[]})", "schema 2"},
           {R"({"schema":1})", "\"keys\" must be a list"},
           {R"({"schema":1,"keys":[],"admin":true})", "unknown field \"admin\""},
           {replaced("\"read\"", "\"everything\""), "keys[0]: there is no scope \"everything\""},
           {replaced("\"read\"", "\"open\""), "there is no scope"},
           {replaced("\"read\"", "7"), "there is no scope"},
           {replaced("[\"read\"]", "[]"), "scopes"},
           {replaced("\"a\"", "\"../a\""), "no name of a key"},
           {replaced(digest, digest.substr(1)), "64 hexadecimal"},
           {replaced("null", "\"soon\""), "soon"},
           {replaced(R"(,"expires_at":null)", ""), "expires_at"},
           {entry(times + R"(,"revoked":true)"), "unknown field \"revoked\""}}) {
    test::write_file(file, text);
    const auto ring = KeyRing::open(files, file);
    ASSERT_FALSE(ring) << text;
    EXPECT_EQ(ring.error().code, ErrorCode::corrupt) << text;
    EXPECT_NE(ring.error().message.find(part), std::string::npos) << ring.error().message;
    EXPECT_NE(ring.error().message.find("keys.json"), std::string::npos) << ring.error().message;
    EXPECT_FALSE(add_key(files, file, "b", {Scope::read}, std::nullopt, kNow)) << "it would be overwritten";
    EXPECT_EQ(test::read_file(file), text);
  }
}

TEST_F(Keys, HaveNamesOfTheirOwn) {
  add("ea", {Scope::predict});
  EXPECT_EQ(add_key(files, file, "ea", {Scope::read}, std::nullopt, kNow).error().code, ErrorCode::conflict);
  for (const std::string& wrong : {std::string(), std::string("a b"), std::string("../a"), std::string("-a"),
                                   std::string("a\n"), std::string(65, 'a')}) {
    EXPECT_EQ(add_key(files, file, wrong, {Scope::read}, std::nullopt, kNow).error().code,
              ErrorCode::invalid_argument)
        << wrong;
  }
  EXPECT_FALSE(add_key(files, file, "b", {}, std::nullopt, kNow));
}

TEST_F(Keys, OfTheEnvironmentAreHeldInMemory) {
  const auto ring = open_ring();
  const std::string secret = "0123456789abcdef0123456789abcdef";
  ASSERT_TRUE(ring->hold("environment", secret));
  EXPECT_TRUE(ring->find(secret)->may(Scope::admin));
  EXPECT_FALSE(fs::exists(file));
  ASSERT_TRUE(ring->reload());
  EXPECT_TRUE(ring->find(secret)) << "the file's change does not touch it";
  for (const std::string& weak : {std::string("short"), std::string(40, ' '), std::string()}) {
    const Status held = ring->hold("PAWL_API_KEY", weak);
    ASSERT_FALSE(held);
    EXPECT_NE(held.error().message.find("PAWL_API_KEY"), std::string::npos);
  }
}

TEST_F(Keys, AreOldOrNewWhereThePowerGoes) {
  RealFileSystem real;
  for (int n = 1;; ++n) {
    test::TempFolder place;
    ASSERT_TRUE(add_key(real, place / "keys.json", "old", {Scope::read}, std::nullopt, kNow));
    test::CrashingFileSystem crashing(real, place.path());
    crashing.lose_power_at(n);
    const bool done =
        add_key(crashing, place / "keys.json", "new", {Scope::read}, std::nullopt, kNow).has_value();
    crashing.apply_power_loss(static_cast<std::uint64_t>(n));
    const auto ring = KeyRing::open(real, place / "keys.json");
    ASSERT_TRUE(ring) << ring.error().message;
    EXPECT_EQ((*ring)->list().front().name, "old");
    EXPECT_TRUE(!done || (*ring)->list().size() == 2);
    if (done) break;
  }
}

}  // namespace
}  // namespace pawl::http
