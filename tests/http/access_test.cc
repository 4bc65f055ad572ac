// Who is let in, as tables.
#include "http/access.h"

#include <gtest/gtest.h>

#include <map>

#include "support/test_files.h"

namespace pawl::http {
namespace {

constexpr TimeMs kNow = 1'767'578'400'000;
using Headers = std::vector<std::pair<std::string, std::string>>;

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

Decision ask(Access& access, const Headers& headers, Scope needed, std::string_view method = "GET",
             std::string_view peer = "127.0.0.1", TimeMs now = kNow) {
  return access.check({.method = method,
                       .peer = peer,
                       .header =
                           [&](std::string_view name) {
                             HeaderLines lines;
                             for (const auto& [header, value] : headers) {
                               if (lowered(header) != lowered(name)) continue;
                               if (lines.count++ == 0) lines.value = value;
                             }
                             return lines;
                           }},
                      needed, now);
}

class AccessRules : public testing::Test {
 protected:
  std::string add(std::string_view name, std::vector<Scope> scopes,
                  std::optional<TimeMs> expires_at = std::nullopt) {
    auto made = add_key(files, folder / "keys.json", name, std::move(scopes), expires_at, kNow);
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(ring->reload());
    return made->secret;
  }
  void expect(Access& access, const Headers& headers, int status, std::string_view code = "",
              Scope needed = Scope::read, std::string_view method = "GET",
              std::string_view peer = "127.0.0.1") {
    const Decision decision = ask(access, headers, needed, method, peer);
    std::string words(method);
    for (const auto& [name, value] : headers) words += " " + name + ": " + value + ";";
    EXPECT_EQ(decision.status, status) << words << " " << decision.code << " " << decision.message;
    EXPECT_EQ(decision.code, code) << words;
    EXPECT_EQ(decision.message.empty(), decision.allowed()) << words;
  }

  test::TempFolder folder;
  RealFileSystem files;
  std::unique_ptr<KeyRing> ring = KeyRing::open(files, folder / "keys.json").value();
};

const Headers kLocal = {{"Host", "localhost:8080"}};

Headers with(Headers headers, std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return headers;
}

TEST_F(AccessRules, WithoutKeysThisMachineIsLetIn) {
  Access access({}, *ring);
  for (const Scope scope : {Scope::open, Scope::predict, Scope::read, Scope::admin}) {
    for (const char* method : {"GET", "POST", "DELETE"}) expect(access, kLocal, 200, "", scope, method);
  }
  expect(access, kLocal, 200, "", Scope::read, "GET", "::1");
  expect(access, kLocal, 200, "", Scope::read, "GET", "::ffff:127.0.0.1");
  expect(access, kLocal, 403, "not_local", Scope::read, "GET", "192.168.1.7");
  expect(access, kLocal, 403, "not_local", Scope::read, "GET", "");
  expect(access, with(kLocal, "X-Forwarded-For", "203.0.113.7"), 403, "not_local");
  expect(access, with(kLocal, "Forwarded", "for=203.0.113.7"), 403, "not_local");
  expect(access, with(kLocal, "X-Forwarded-For", "203.0.113.7"), 200, "", Scope::open);
  // A key that is none is not passed over.
  expect(access, with(kLocal, "X-API-Key", "wrong"), 401, "key_unknown");
}

TEST_F(AccessRules, HostGuardsAgainstRebinding) {
  Access access({.hosts = {"Pawl.example", "10.0.0.7"}}, *ring);
  for (const char* host : {"localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080",
                           "pawl.example", "PAWL.example:443", "pawl.example.", "10.0.0.7:80"}) {
    expect(access, {{"Host", host}}, 200);
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.2",
                           "[::2]", "xpawl.example", "0.0.0.0:8080"}) {
    expect(access, {{"Host", host}}, 403, "host_unknown");
    expect(access, {{"Host", host}}, 403, "host_unknown", Scope::open);
  }
  for (const char* host :
       {"", "localhost:", "localhost:80x", "localhost:123456", "local host", "[::1", "[::1]x", "[evil]",
        "localhost@evil.example", "localhost,evil.example", ":80", "::1"}) {
    expect(access, {{"Host", host}}, 400, "host_missing");
  }
  expect(access, {}, 400, "host_missing");
}

TEST_F(AccessRules, OnAPublicAddressHostIsLookedAtWhereThereAreNames) {
  const Headers key = {{"X-API-Key", add("ea", {Scope::read})}};
  Access any({.address = "0.0.0.0"}, *ring);
  expect(any, with(key, "Host", "whatever.example"), 200);
  expect(any, key, 200);
  Access named({.address = "0.0.0.0", .hosts = {"pawl.example"}}, *ring);
  expect(named, with(key, "Host", "pawl.example"), 200);
  expect(named, with(key, "Host", "evil.example"), 403, "host_unknown");
  expect(named, {{"Host", "healthcheck.platform.example"}}, 200, "", Scope::open);
}

TEST_F(AccessRules, WritesComeFromOurOwnPages) {
  Access access({}, *ring);
  const auto post = [&](const Headers& more, int status, std::string_view code) {
    Headers headers = kLocal;
    headers.insert(headers.end(), more.begin(), more.end());
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
      expect(access, headers, status, code, Scope::admin, method);
    }
    for (const char* method : {"GET", "HEAD"}) expect(access, headers, 200, "", Scope::read, method);
  };
  post({}, 200, "");
  post({{"Sec-Fetch-Site", "same-origin"}}, 200, "");
  post({{"Sec-Fetch-Site", "none"}}, 200, "");
  post({{"Sec-Fetch-Site", "cross-site"}}, 403, "cross_site");
  post({{"Sec-Fetch-Site", "same-site"}}, 403, "cross_site");
  post({{"Sec-Fetch-Site", "Same-Origin"}}, 403, "cross_site");
  post({{"Origin", "http://localhost:8080"}}, 200, "");
  post({{"Origin", "http://LOCALHOST:8080"}}, 200, "");
  post({{"Origin", "http://localhost"}}, 403, "cross_origin");
  post({{"Origin", "http://localhost:8081"}}, 403, "cross_origin");
  post({{"Origin", "http://127.0.0.1:8080"}}, 403, "cross_origin");
  post({{"Origin", "http://evil.example"}}, 403, "cross_origin");
  post({{"Origin", "http://localhost:8080@evil.example"}}, 403, "cross_origin");
  post({{"Origin", "null"}}, 403, "cross_origin");
  post({{"Origin", ""}}, 403, "cross_origin");
  post({{"Origin", "file://localhost:8080"}}, 403, "cross_origin");
  // A port that goes without saying.
  expect(access, {{"Host", "localhost"}, {"Origin", "https://localhost"}}, 200, "", Scope::admin, "POST");
  expect(access, {{"Host", "localhost:443"}, {"Origin", "https://localhost"}}, 200, "", Scope::admin, "POST");
  expect(access, {{"Host", "[::1]:80"}, {"Origin", "http://[::1]"}}, 200, "", Scope::admin, "POST");
  expect(access, {{"Host", "localhost:443"}, {"Origin", "http://localhost"}}, 403, "cross_origin",
         Scope::admin, "POST");
}

TEST_F(AccessRules, AKeyIsAskedForWhereThereAreAny) {
  const std::string predict = add("ea", {Scope::predict}), read = add("watcher", {Scope::read}),
                    admin = add("me", {Scope::admin}), both = add("both", {Scope::predict, Scope::read});
  const auto status = [&](const std::string& address, const std::string& key, Scope needed) {
    Access access({.address = address}, *ring);
    const Headers headers = key.empty() ? kLocal : with(kLocal, "Authorization", "Bearer " + key);
    return ask(access, headers, needed, "GET", address == "0.0.0.0" ? "203.0.113.7" : "127.0.0.1").status;
  };
  struct Row {
    std::string key;
    int open, predict, read, admin;
  };
  for (const char* address : {"127.0.0.1", "0.0.0.0", "::"}) {
    for (const Row& row :
         {Row{"", 200, 401, 401, 401}, Row{"wrong", 200, 401, 401, 401}, Row{predict, 200, 200, 403, 403},
          Row{read, 200, 403, 200, 403}, Row{both, 200, 200, 200, 403}, Row{admin, 200, 200, 200, 200}}) {
      EXPECT_EQ(status(address, row.key, Scope::open), row.open) << address << " " << row.key;
      EXPECT_EQ(status(address, row.key, Scope::predict), row.predict) << address << " " << row.key;
      EXPECT_EQ(status(address, row.key, Scope::read), row.read) << address << " " << row.key;
      EXPECT_EQ(status(address, row.key, Scope::admin), row.admin) << address << " " << row.key;
    }
  }
  Access access({}, *ring);
  for (const Headers& headers :
       std::vector<Headers>{{{"authorization", "bearer " + read}},
                            {{"Authorization", "  BEARER   " + read + " "}},
                            {{"x-api-key", read}},
                            {{"X-API-Key", " " + read}},
                            {{"Authorization", "Basic cHJveHk6eA=="}, {"X-API-Key", read}}}) {
    Headers all = kLocal;
    all.insert(all.end(), headers.begin(), headers.end());
    expect(access, all, 200);
    EXPECT_EQ(ask(access, all, Scope::read).key_name, "watcher");
  }
  expect(access, with(kLocal, "Authorization", read), 401, "key_missing");
  expect(access, with(kLocal, "Authorization", "Basic " + read), 401, "key_missing");
  expect(access, with(kLocal, "Authorization", "Bearer"), 401, "key_missing");
  expect(access, with(kLocal, "Authorization", "Bearer " + read + "x"), 401, "key_unknown");
  expect(access, with(kLocal, "X-API-Key", ""), 401, "key_unknown");
  // A proxy on this machine may bring requests that have a key.
  expect(access, with(with(kLocal, "X-API-Key", read), "X-Forwarded-For", "203.0.113.7"), 200);
  EXPECT_EQ(Decision::kAuthenticate, "Bearer realm=\"pawl\"");
}

TEST_F(AccessRules, HeadersThatStandTwiceAreRefused) {
  const std::string key = add("ea", {Scope::admin});
  Access access({}, *ring);
  const Headers good = with(kLocal, "Authorization", "Bearer " + key);
  expect(access, good, 200);
  expect(access, with(good, "Authorization", "Bearer other"), 400, "header_twice");
  expect(access, with(good, "authorization", "Bearer " + key), 400, "header_twice");
  expect(access, with(good, "Host", "evil.example"), 400, "header_twice");
  expect(access, with(good, "X-API-Key", key), 400, "two_keys");
  expect(access, with(with(kLocal, "X-API-Key", key), "X-API-Key", key), 400, "header_twice");
  expect(access, with(with(good, "Origin", "http://localhost:8080"), "Origin", "null"), 400, "header_twice");
  expect(access, with(with(good, "Sec-Fetch-Site", "none"), "Sec-Fetch-Site", "none"), 400, "header_twice",
         Scope::open);
}

TEST_F(AccessRules, AKeyThatIsRevokedOrExpiredFailsAtOnce) {
  const std::string brief = add("brief", {Scope::read}, kNow + kHourMs), other = add("other", {Scope::read});
  Access access({}, *ring);
  const Headers headers = with(kLocal, "X-API-Key", brief);
  EXPECT_EQ(ask(access, headers, Scope::read, "GET", "127.0.0.1", kNow + kHourMs - 1).status, 200);
  const Decision expired = ask(access, headers, Scope::read, "GET", "127.0.0.1", kNow + kHourMs);
  EXPECT_EQ(expired.status, 401);
  EXPECT_EQ(expired.code, "key_expired");

  expect(access, with(kLocal, "X-API-Key", other), 200);
  ASSERT_TRUE(revoke_key(files, folder / "keys.json", "other"));
  ASSERT_TRUE(ring->reload());
  expect(access, with(kLocal, "X-API-Key", other), 401, "key_unknown");
}

TEST_F(AccessRules, WrongKeysAreSlowedDownByNetwork) {
  const std::string key = add("ea", {Scope::read});
  Access access({.address = "0.0.0.0", .failures_burst = 3, .failure_refill_ms = 1000}, *ring);
  const Headers wrong = {{"X-API-Key", "wrong"}}, right = {{"X-API-Key", key}};
  const auto status = [&](const Headers& headers, std::string_view peer, TimeMs now) {
    return ask(access, headers, Scope::read, "GET", peer, now);
  };
  const char* peer = "203.0.113.7";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(wrong, peer, kNow).status, 401);
  const Decision limited = status(wrong, peer, kNow);
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.retry_after_ms, 1000);
  EXPECT_EQ(status(wrong, "::ffff:203.0.113.7", kNow).status, 429) << "the same address";
  EXPECT_EQ(status(right, peer, kNow).status, 200) << "a bot beside a misconfigured program";
  EXPECT_EQ(status({}, peer, kNow).status, 401) << "no key is no wrong key";
  EXPECT_EQ(status(wrong, peer, kNow - kDayMs).status, 429) << "a clock that was set back gives nothing";
}

TEST(FailureBuckets, RefillOverTime) {
  FailureBuckets buckets(2, 1000);
  const IpAddress peer = *IpAddress::parse("203.0.113.7");
  EXPECT_EQ(buckets.take(peer, 10'000), 0);
  EXPECT_EQ(buckets.take(peer, 10'000), 0);
  EXPECT_EQ(buckets.take(peer, 10'000), 1000);
  EXPECT_EQ(buckets.take(peer, 10'400), 600);
  EXPECT_EQ(buckets.take(peer, 11'000), 0);
  EXPECT_EQ(buckets.take(peer, 11'000), 1000);
  EXPECT_EQ(buckets.take(peer, 100'000), 0);
  EXPECT_EQ(buckets.take(peer, 100'000), 0);
  EXPECT_EQ(buckets.take(peer, 100'000), 1000) << "no more than the burst is saved up";
}

TEST(FailureBuckets, StayBoundedUnderAMillionPeers) {
  FailureBuckets buckets(2, 1000);
  const std::size_t size = buckets.size();
  for (int i = 0; i < 1'000'000; ++i) {
    const auto peer = IpAddress::parse(fmt::format("2001:db8:{:x}:{:x}::1", i >> 16, i & 0xffff));
    static_cast<void>(buckets.take(peer->network(), i));
  }
  EXPECT_EQ(buckets.size(), size);
  EXPECT_LE(size, 10'000u);
}

TEST(Networks, AreAnAddressOrASlash64) {
  const auto same = [](const char* a, const char* b) {
    return IpAddress::parse(a)->network() == IpAddress::parse(b)->network();
  };
  EXPECT_TRUE(same("2001:db8::1", "2001:db8::ffff:1"));
  EXPECT_FALSE(same("2001:db8::1", "2001:db8:0:1::1"));
  EXPECT_FALSE(same("203.0.113.7", "203.0.113.8"));
  EXPECT_TRUE(same("203.0.113.7", "::ffff:203.0.113.7"));
}

TEST_F(AccessRules, APublicAddressNeedsAKeyToListen) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE(may_listen(address, *ring, kNow)) << address;
  }
  for (const char* address : {"0.0.0.0", "::", "192.168.1.7", "pawl.example", ""}) {
    const Status listening = may_listen(address, *ring, kNow);
    ASSERT_FALSE(listening) << address;
    EXPECT_NE(listening.error().message.find("pawl keys add"), std::string::npos);
  }
  add("brief", {Scope::read}, kNow + kHourMs);
  EXPECT_TRUE(may_listen("0.0.0.0", *ring, kNow));
  EXPECT_FALSE(may_listen("0.0.0.0", *ring, kNow + kHourMs));
  ASSERT_TRUE(ring->hold("PAWL_API_KEY", std::string(32, 'a')));
  EXPECT_TRUE(may_listen("0.0.0.0", *ring, kNow + kHourMs));
}

// Where the keys are revoked under a server that others can reach, nobody is let in.
TEST_F(AccessRules, APublicServerWithoutKeysRefusesAll) {
  Access access({.address = "0.0.0.0"}, *ring);
  expect(access, kLocal, 401, "key_missing", Scope::read, "GET", "127.0.0.1");
  expect(access, kLocal, 401, "key_missing", Scope::read, "GET", "203.0.113.7");
  expect(access, kLocal, 200, "", Scope::open, "GET", "203.0.113.7");
}

TEST_F(AccessRules, NeverRepeatWhatWasPresented) {
  const std::string key = add("ea", {Scope::predict});
  Access access({}, *ring);
  const std::string secret = "a-secret-that-is-no-key-here-0123456789";
  for (const std::string& presented : {secret, key}) {
    for (int i = 0; i < 12; ++i) {
      const Decision decision = ask(access, with(kLocal, "X-API-Key", presented), Scope::admin);
      EXPECT_FALSE(decision.allowed());
      EXPECT_EQ((decision.message + decision.code + decision.key_name).find(presented), std::string::npos);
    }
  }
}

TEST(SecurityHeaders, AllowNoInlineScript) {
  std::map<std::string_view, std::string_view> headers(security_headers().begin(), security_headers().end());
  const std::string_view policy = headers.at("Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'self'"), std::string_view::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string_view::npos);
  EXPECT_EQ(headers.at("X-Content-Type-Options"), "nosniff");
}

}  // namespace
}  // namespace pawl::http
