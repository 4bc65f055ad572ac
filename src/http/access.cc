#include "http/access.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "base/secret.h"

namespace pawl::http {
namespace {

constexpr std::size_t kBuckets = 4096;

Decision refused(int status, std::string_view code, std::string message) {
  return {.status = status, .code = std::string(code), .message = std::move(message)};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string lower_text(text);
  std::transform(lower_text.begin(), lower_text.end(), lower_text.begin(), lower);
  return lower_text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct HostPort {
  std::string host;  // lower case, without brackets or the dot at the end
  std::string port;  // empty: the scheme's own
};

// "localhost:8080", "[::1]:8080", "pawl.example."; nothing where it is no such text.
std::optional<HostPort> parse_host(std::string_view text) {
  HostPort parsed;
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || !IpAddress::parse(text.substr(0, end + 1))) return std::nullopt;
    parsed.host = lowered(text.substr(1, end - 1));
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    const std::string_view name = text.substr(0, end);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
      const char letter = lower(c);
      return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
    if (!plain) return std::nullopt;
    parsed.host = lowered(name);
    if (parsed.host.ends_with('.')) parsed.host.pop_back();
  }
  if (parsed.host.empty()) return std::nullopt;
  if (end == text.size()) return parsed;
  const std::string_view port = text.substr(end + 1);
  if (text[end] != ':' || port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  parsed.port = port;
  return parsed;
}

// What this machine calls itself, whoever asks: no name that somebody else's DNS could answer.
bool is_own_name(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

// Whether an Origin ("https://pawl.example:8080") is the Host itself. Which scheme it came by, behind a proxy
// we cannot know: a port that is the scheme's own may stand there or not.
bool same_origin(std::string_view origin, const HostPort& host) {
  for (const auto& [scheme, port] :
       {std::pair<std::string_view, std::string_view>{"http://", "80"}, {"https://", "443"}}) {
    if (!origin.starts_with(scheme)) continue;
    const auto from = parse_host(origin.substr(scheme.size()));
    if (!from || from->host != host.host) return false;
    const auto port_of = [&](const HostPort& one) {
      return one.port.empty() ? port : std::string_view(one.port);
    };
    return port_of(*from) == port_of(host);
  }
  return false;
}

Decision check_browser(const AccessRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  const HeaderLines site = request.header("Sec-Fetch-Site");
  if (site.count > 0 && site.value != "same-origin" && site.value != "none") {
    return refused(403, "cross_site",
                   "another site's page asks for this change; open pawl's own page, or use a "
                   "program instead of a browser");
  }
  const HeaderLines origin = request.header("Origin");
  if (origin.count == 0) return {};
  const auto host = parse_host(request.header("Host").value);
  if (host && same_origin(origin.value, *host)) return {};
  return refused(403, "cross_origin",
                 "the Origin header names another site than the Host header does; open "
                 "pawl's own page, or let your proxy hand Host on as it came");
}

// The key that was presented, or nothing; a refusal where there are two.
struct Presented {
  Decision decision;
  std::optional<std::string_view> key;
};

Presented presented_key(const AccessRequest& request) {
  Presented presented;
  constexpr std::string_view kBearer = "bearer ";
  const std::string_view authorization = trimmed(request.header("Authorization").value);
  if (lowered(authorization.substr(0, kBearer.size())) == kBearer) {
    presented.key = trimmed(authorization.substr(kBearer.size()));
  }
  const HeaderLines own = request.header("X-API-Key");
  if (own.count == 0) return presented;
  if (presented.key) {
    presented.decision =
        refused(400, "two_keys", "send the key in Authorization or in X-API-Key, not in both");
    return presented;
  }
  presented.key = trimmed(own.value);
  return presented;
}

std::uint64_t mixed(std::uint64_t x) {
  // SplitMix64's finalizer.
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

std::uint64_t seed_of_start() {
  const auto bytes = secret_bytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  // Without entropy places could be foreseen, and shared on purpose: a 429 in place of a 401.
  if (bytes) std::memcpy(&seed, bytes->data(), sizeof(seed));
  return seed;
}

}  // namespace

FailureBuckets::FailureBuckets(int burst, DurationMs refill_ms)
    : burst_(burst), refill_ms_(refill_ms), seed_(seed_of_start()), buckets_(kBuckets) {}

DurationMs FailureBuckets::take(const IpAddress& network, TimeMs now) {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(network.bytes());
  Bucket& bucket = buckets_[mixed(mixed(halves[0] ^ seed_) ^ halves[1]) % kBuckets];
  // A clock that was set back gives nothing and takes nothing.
  const DurationMs passed = std::max<DurationMs>(0, now - bucket.at);
  bucket.at = now;
  bucket.spent_ms = std::max<DurationMs>(0, bucket.spent_ms - passed);
  const DurationMs missing = bucket.spent_ms + refill_ms_ - burst_ * refill_ms_;
  if (missing > 0) return missing;
  bucket.spent_ms += refill_ms_;
  return 0;
}

Access::Access(AccessSettings settings, const KeyRing& keys)
    : settings_(std::move(settings)),
      keys_(keys),
      loopback_(is_loopback(settings_.address)),
      failures_(settings_.failures_burst, settings_.failure_refill_ms) {
  for (std::string& host : settings_.hosts) host = lowered(host);
}

Decision Access::check(const AccessRequest& request, Scope needed, TimeMs now) {
  for (const char* name : {"Host", "Authorization", "X-API-Key", "Origin", "Sec-Fetch-Site"}) {
    if (request.header(name).count <= 1) continue;
    return refused(400, "header_twice",
                   fmt::format("the header {} is there more than once; send it once", name));
  }
  if (Decision host = check_host(request, needed); !host.allowed()) return host;
  if (Decision browser = check_browser(request); !browser.allowed()) return browser;
  if (needed == Scope::open) return {};
  const Presented presented = presented_key(request);
  if (!presented.decision.allowed()) return presented.decision;
  if (presented.key) return check_key(*presented.key, needed, request.peer, now);
  if (!keys_.empty() || !loopback_) {
    return refused(
        401, "key_missing",
        "this asks for a key: send it as \"Authorization: Bearer KEY\" or \"X-API-Key: KEY\"; make one "
        "with pawl keys add");
  }
  const bool brought = request.header("Forwarded").count > 0 || request.header("X-Forwarded-For").count > 0;
  if (is_loopback(request.peer) && !brought) return {};
  return refused(
      403, "not_local",
      "without any key only this machine itself is let in, and no proxy; make a key: pawl keys add");
}

Decision Access::check_host(const AccessRequest& request, Scope needed) const {
  const bool everywhere = !loopback_ && settings_.hosts.empty();
  if (everywhere || (!loopback_ && needed == Scope::open)) return {};
  const HeaderLines given = request.header("Host");
  const auto host = parse_host(trimmed(given.value));
  if (!host) return refused(400, "host_missing", "the Host header is missing or no host name");
  const auto& known = settings_.hosts;
  if (is_own_name(host->host) || std::find(known.begin(), known.end(), host->host) != known.end()) return {};
  return refused(
      403, "host_unknown",
      fmt::format("this server is not called \"{}\"; if it is yours, add it: server.hosts", host->host));
}

Decision Access::check_key(std::string_view presented, Scope needed, std::string_view peer, TimeMs now) {
  const std::optional<ApiKey> key = keys_.find(presented);
  if (key && !key->expired(now)) {
    if (key->may(needed)) return {.key_name = key->name};
    Decision decision = refused(403, "scope_missing",
                                fmt::format("the key \"{}\" may {}, and this asks for {}", key->name,
                                            scopes_text(key->scopes), scope_name(needed)));
    decision.key_name = key->name;
    return decision;
  }
  // Unix sockets and the like have no address: they are one network.
  const IpAddress network = IpAddress::parse(peer).value_or(IpAddress()).network();
  DurationMs wait = 0;
  {
    const std::lock_guard lock(mutex_);
    wait = failures_.take(network, now);
  }
  if (wait > 0) {
    Decision decision = refused(429, "too_many_wrong_keys", "too many wrong keys from this address; wait");
    decision.retry_after_ms = wait;
    return decision;
  }
  if (key) {
    return refused(401, "key_expired",
                   fmt::format("the key \"{}\" expired at {}; make another: pawl keys add", key->name,
                               format_time(*key->expires_at)));
  }
  return refused(401, "key_unknown", "no such key, or it was revoked; pawl keys list shows those there are");
}

Status may_listen(std::string_view address, const KeyRing& keys, TimeMs now) {
  if (is_loopback(address)) return {};
  const std::vector<ApiKey> all = keys.list();
  if (std::any_of(all.begin(), all.end(), [&](const ApiKey& key) { return !key.expired(now); })) return {};
  return fail(ErrorCode::bad_config,
              "{} can be reached from other machines, and there is no key{}: make one (pawl keys add my-bot "
              "--scope predict), or listen on 127.0.0.1",
              address, all.empty() ? "" : " that has not expired");
}

std::span<const std::pair<std::string_view, std::string_view>> security_headers() {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kHeaders = {{
      {"Content-Security-Policy",
       "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
       "frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
  }};
  return kHeaders;
}

}  // namespace pawl::http
