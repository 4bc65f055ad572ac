// API keys: who may ask this server for what. A key is shown once, when it is made; what is kept of it is its
// SHA-256, in `keys.json` of the data folder (mode 0600), which is read again while the server runs.
//
//   {"schema":1,"keys":[{"name":"ea","sha256":"…","scopes":["predict"],"created_at":"2026-01-05T02:00:00Z",
//                        "expires_at":null}]}
//
// A file that is not understood is an error everywhere, never an empty list: with no keys, this machine is
// let in without one.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "base/time.h"
#include "http/scope.h"

namespace pawl::http {

struct ApiKey {
  std::string name;  // letters, digits, - and _; at most 64
  std::string sha256;
  std::vector<Scope> scopes;  // never empty, never `open`
  TimeMs created_at = 0;
  std::optional<TimeMs> expires_at;  // from then on it is refused

  // admin may everything; any other scope only its own routes.
  bool may(Scope needed) const;
  bool expired(TimeMs now) const { return expires_at && now >= *expires_at; }
};

// "predict" or "predict,read". invalid_argument names those there are.
Result<std::vector<Scope>> parse_scopes(std::string_view text);
std::string scopes_text(const std::vector<Scope>& scopes);

// The keys of a running server. Safe from any thread.
class KeyRing {
 public:
  // A file that is missing holds no keys. corrupt, naming the entry, where it is not understood; io where it
  // cannot be read. `files` outlives the ring.
  static Result<std::unique_ptr<KeyRing>> open(const FileSystem& files, Path file);

  // Reads the file again; to be called at most once a second (the file is small: its bytes are compared, so
  // that no change is missed). Where it fails, as when the file has vanished or was damaged, the keys that
  // were read before still hold and the error says so.
  Status reload();
  // A key that is kept in memory only, as one from a secret of the environment; it has every scope.
  // bad_config where it is shorter than 32 characters or has spaces.
  Status hold(std::string_view name, std::string_view secret);

  bool empty() const;
  // Expired ones too, since whoever presents one is told so. Every key is compared, each in a time that does
  // not depend on what it holds.
  std::optional<ApiKey> find(std::string_view presented) const;
  // In the file's order, then those in memory.
  std::vector<ApiKey> list() const;

 private:
  KeyRing(const FileSystem& files, Path file) : files_(files), file_(std::move(file)) {}

  const FileSystem& files_;
  const Path file_;
  mutable std::mutex mutex_;  // of all below
  std::optional<std::string> read_;
  std::vector<ApiKey> stored_, held_;
};

struct NewKey {
  ApiKey key;
  std::string secret;  // "pawl_" and 43 characters; nobody can tell it again
};
// These two change the file in one step; a running server sees it with its next reload(). Two of them at once
// could lose a change: whoever calls holds a lock.
//
// invalid_argument where the name is none or no scope is given; conflict where there is a key of that name.
Result<NewKey> add_key(FileSystem& files, const Path& file, std::string_view name, std::vector<Scope> scopes,
                       std::optional<TimeMs> expires_at, TimeMs now);
// not_found lists the names there are.
Status revoke_key(FileSystem& files, const Path& file, std::string_view name);

}  // namespace pawl::http
