// pawl keys: who may ask the server of a data folder. A running server follows what is done here.
#include <algorithm>
#include <cstdio>

#include "app/commands/operations.h"
#include "app/server_keys.h"

namespace pawl::app {

namespace {

Json key_json(const http::ApiKey& key, TimeMs now) {
  Json scopes = Json::array();
  for (const http::Scope scope : key.scopes) scopes.push_back(http::scope_name(scope));
  return {{"name", key.name},
          {"scopes", std::move(scopes)},
          {"created_at", format_time(key.created_at)},
          {"expires_at", key.expires_at ? Json(format_time(*key.expires_at)) : Json()},
          {"expired", key.expired(now)}};
}

// Two that change the file at once would lose a change; the server itself only reads it.
Result<FolderLock> lock_keys(const Path& folder) {
  RealFileSystem files;
  if (Status made = files.make_folders(folder); !made) return propagate(made);
  return FolderLock::acquire(folder / "keys.lock");
}

Status add(const CommonOptions& common, const KeysOptions& options) {
  auto scopes = http::parse_scopes(options.scopes);
  if (!scopes) return within("--scope", scopes.error());
  const TimeMs now = WallClock().now();
  std::optional<TimeMs> expires_at;
  if (!options.expires.empty()) {
    const auto duration = parse_duration(options.expires);
    if (!duration) return fail(ErrorCode::invalid_argument, "--expires: {}", duration.error().message);
    expires_at = now + *duration;
  }
  auto lock = lock_keys(common.data);
  if (!lock) return propagate(lock);
  RealFileSystem files;
  auto made = http::add_key(files, keys_file(common.data), options.name, std::move(*scopes), expires_at, now);
  if (!made) return propagate(made);
  if (common.json) {
    Json json = key_json(made->key, now);
    json["key"] = made->secret;
    print(json.dump() + "\n");
    return {};
  }
  print(made->secret + "\n");
  if (common.quiet) return {};
  std::fputs(
      fmt::format("The key of \"{}\", which may {}{}. It is shown only now: keep it where the program that "
                  "uses it finds it.\n",
                  made->key.name, http::scopes_text(made->key.scopes),
                  expires_at ? " until " + format_time(*expires_at) : std::string())
          .c_str(),
      stderr);
  return {};
}

Status list(const CommonOptions& common) {
  const RealFileSystem files;
  auto ring = http::KeyRing::open(files, keys_file(common.data));
  if (!ring) return propagate(ring);
  const TimeMs now = WallClock().now();
  const std::vector<http::ApiKey> keys = (*ring)->list();
  if (common.json) {
    Json rows = Json::array();
    for (const http::ApiKey& key : keys) rows.push_back(key_json(key, now));
    print(Json{{"keys", std::move(rows)}}.dump() + "\n");
    return {};
  }
  if (keys.empty() && !common.quiet) print("No keys; make one: pawl keys add my-bot --scope predict\n");
  for (const http::ApiKey& key : keys) {
    print(fmt::format("{:<24} {:<20} made {}  {}\n", key.name, http::scopes_text(key.scopes),
                      short_time(key.created_at),
                      key.expired(now) ? "EXPIRED " + short_time(*key.expires_at)
                      : key.expires_at ? "expires " + short_time(*key.expires_at)
                                       : std::string("does not expire")));
  }
  return {};
}

Status revoke(const CommonOptions& common, const KeysOptions& options) {
  auto lock = lock_keys(common.data);
  if (!lock) return propagate(lock);
  RealFileSystem files;
  if (Status revoked = http::revoke_key(files, keys_file(common.data), options.name); !revoked)
    return revoked;
  if (common.json) {
    print(Json{{"revoked", options.name}}.dump() + "\n");
  } else if (!common.quiet) {
    print(fmt::format("\"{}\" is revoked; a running server refuses it within a second or two.\n",
                      options.name));
  }
  return {};
}

}  // namespace

int keys_add_command(const CommonOptions& common, const KeysOptions& options) {
  const Status done = add(common, options);
  return done ? 0 : report(done.error(), common);
}

int keys_list_command(const CommonOptions& common, const KeysOptions&) {
  const Status done = list(common);
  return done ? 0 : report(done.error(), common);
}

int keys_revoke_command(const CommonOptions& common, const KeysOptions& options) {
  const Status done = revoke(common, options);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
