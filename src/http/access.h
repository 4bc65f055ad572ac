// Who is let in: pure decisions over a request's headers, the keys and the time. In this order:
//
// 1. A header that decides something and stands there twice, or two keys at once: 400. A proxy and we could
//    read different ones.
// 2. Host: what a browser was tricked into calling us by (DNS rebinding) is refused, 403. Listening on this
//    machine alone, localhost, 127.0.0.1 and [::1] are known, with any port, and the names of `hosts`. On a
//    public address only a key lets anybody in, which a tricked browser does not have: Host is looked at
//    where there are `hosts`, and then not on open routes, which platforms probe under names of their own.
// 3. A write (not GET or HEAD) that a browser sends for another site's page: 403, by Sec-Fetch-Site and
// Origin.
// 4. Open routes ask for no more.
// 5. No key exists: requests of this machine are let in, and no other, nor one that a proxy brought
//    (Forwarded, X-Forwarded-For): that one could be anybody's. A key that is presented all the same is
//    wrong.
// 6. A key, as `Authorization: Bearer K` or `X-API-Key: K`: missing or unknown 401, without the scope 403.
//    Other schemes of Authorization are some proxy's and passed over.
//
// Wrong keys are counted by network (an IPv4 address, an IPv6 /64) and answered 429 when there are too many.
// A right key is let in all the same: keys of 256 bits are not guessed, so this only keeps the noise down,
// and must not lock out a bot because another program behind the same address is misconfigured.
#pragma once

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/time.h"
#include "http/keys.h"
#include "http/scope.h"

namespace pawl::http {

// One header by name, whatever its letters' case: the value of its first line and how many lines there are.
struct HeaderLines {
  std::string_view value;
  int count = 0;
};

struct AccessRequest {
  std::string_view method;  // "GET"
  std::string_view peer;    // the address of the other end of the socket
  std::function<HeaderLines(std::string_view name)> header;
};

struct Decision {
  int status = 200;               // 400, 401, 403 or 429 where it is refused
  std::string code;               // "key_unknown": stable, for programs
  std::string message;            // what to do, for people; never holds what was presented
  std::string key_name;           // whose key it was; empty where none was asked for
  DurationMs retry_after_ms = 0;  // with 429

  bool allowed() const { return status == 200; }
  // What a 401 must carry.
  static constexpr std::string_view kAuthenticate = "Bearer realm=\"pawl\"";
};

struct AccessSettings {
  std::string address = "127.0.0.1";             // that the server listens on
  std::vector<std::string> hosts;                // names beside the loopback ones
  int failures_burst = 10;                       // wrong keys of one network before it is told to wait
  DurationMs failure_refill_ms = 6 * kSecondMs;  // each so long gives one back
};

// Counts failures in a table of fixed size: a network's place in it is a hash under a key drawn at start.
// Networks that share a place share a bucket, which costs a wrong key a 429 in place of a 401. Not safe from
// several threads.
class FailureBuckets {
 public:
  FailureBuckets(int burst, DurationMs refill_ms);
  // Takes one; 0, or how long until there is another.
  DurationMs take(const IpAddress& network, TimeMs now);
  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    TimeMs at = 0;
    DurationMs spent_ms = 0;  // of burst × refill
  };
  int burst_;
  DurationMs refill_ms_;
  std::uint64_t seed_;
  std::vector<Bucket> buckets_;
};

// Safe from any thread.
class Access {
 public:
  // `keys` outlives it.
  Access(AccessSettings settings, const KeyRing& keys);
  Decision check(const AccessRequest& request, Scope needed, TimeMs now);

 private:
  Decision check_host(const AccessRequest& request, Scope needed) const;
  Decision check_key(std::string_view presented, Scope needed, std::string_view peer, TimeMs now);

  AccessSettings settings_;
  const KeyRing& keys_;
  bool loopback_;
  std::mutex mutex_;  // of failures_
  FailureBuckets failures_;
};

// Whether a server may listen there: bad_config for a public address without a key that is in force, since
// then anybody could ask it anything, or nobody.
Status may_listen(std::string_view address, const KeyRing& keys, TimeMs now);

// What every page is sent with: no script that is not a file of ours, no framing, no guessing of types.
std::span<const std::pair<std::string_view, std::string_view>> security_headers();

}  // namespace pawl::http
