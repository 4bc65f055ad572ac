#include "http/keys.h"

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "base/json.h"
#include "base/secret.h"

namespace pawl::http {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretCharactersMin = 32;
constexpr std::size_t kNameMax = 64;
constexpr std::int64_t kSchema = 1;

std::optional<Scope> scope_of(std::string_view name) {
  for (const Scope scope : {Scope::predict, Scope::read, Scope::admin}) {
    if (scope_name(scope) == name) return scope;
  }
  return std::nullopt;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), is_word);
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Json key_json(const ApiKey& key) {
  Json scopes = Json::array();
  for (const Scope scope : key.scopes) scopes.push_back(scope_name(scope));
  return {{"name", key.name},
          {"sha256", key.sha256},
          {"scopes", std::move(scopes)},
          {"created_at", format_time(key.created_at)},
          {"expires_at", key.expires_at ? Json(format_time(*key.expires_at)) : Json()}};
}

// Nothing is passed over: a word that is not known could be one that takes a right away.
Status check_fields(const Json& object, const std::set<std::string>& known) {
  if (!object.is_object()) return fail(ErrorCode::corrupt, "this is {}, not an object", object.type_name());
  for (const auto& [field, value] : object.items()) {
    if (!known.contains(field)) return fail(ErrorCode::corrupt, "unknown field \"{}\"", field);
  }
  return {};
}

Result<std::vector<Scope>> scopes_from_json(const Json& object) {
  const auto found = object.find("scopes");
  if (found == object.end() || !found->is_array() || found->empty()) {
    return fail(ErrorCode::corrupt, "field \"scopes\" must be a list of predict, read or admin");
  }
  std::vector<Scope> scopes;
  for (const Json& one : *found) {
    const auto scope = one.is_string() ? scope_of(one.get_ref<const std::string&>()) : std::nullopt;
    if (!scope) return fail(ErrorCode::corrupt, "there is no scope {}", one.dump());
    scopes.push_back(*scope);
  }
  return scopes;
}

Result<ApiKey> key_from_json(const Json& object) {
  if (Status fields = check_fields(object, {"name", "sha256", "scopes", "created_at", "expires_at"});
      !fields) {
    return propagate(fields);
  }
  ApiKey key;
  auto name = json_string(object, "name");
  if (!name) return propagate(name);
  if (!is_name(*name)) return fail(ErrorCode::corrupt, "{} is no name of a key", json_quote(*name));
  key.name = std::move(*name);
  auto digest = json_string(object, "sha256");
  if (!digest) return propagate(digest);
  if (!is_digest(*digest)) return fail(ErrorCode::corrupt, "\"sha256\" must be 64 hexadecimal digits");
  key.sha256 = std::move(*digest);
  auto scopes = scopes_from_json(object);
  if (!scopes) return propagate(scopes);
  key.scopes = std::move(*scopes);
  const auto time_of = [&](std::string_view field) -> Result<TimeMs> {
    auto text = json_string(object, field);
    if (!text) return propagate(text);
    return parse_time(*text);
  };
  auto created = time_of("created_at");
  if (!created) return propagate(created);
  key.created_at = *created;
  const auto expires = object.find("expires_at");
  if (expires == object.end()) return fail(ErrorCode::corrupt, "field \"expires_at\" is missing");
  if (!expires->is_null()) {
    auto time = time_of("expires_at");
    if (!time) return propagate(time);
    key.expires_at = *time;
  }
  return key;
}

Result<std::vector<ApiKey>> keys_from_json(const Json& json) {
  if (Status fields = check_fields(json, {"schema", "keys"}); !fields) return propagate(fields);
  const auto schema = json_int(json, "schema");
  if (!schema) return propagate(schema);
  if (*schema != kSchema)
    return fail(ErrorCode::corrupt, "schema {} is not known, only {}", *schema, kSchema);
  const auto list = json.find("keys");
  if (list == json.end() || !list->is_array())
    return fail(ErrorCode::corrupt, "field \"keys\" must be a list");
  std::vector<ApiKey> keys;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto key = key_from_json((*list)[i]);
    if (!key) return within(fmt::format("keys[{}]", i), key.error());
    if (!names.insert(key->name).second) {
      return fail(ErrorCode::corrupt, "keys[{}]: \"{}\" is there twice", i, key->name);
    }
    keys.push_back(std::move(*key));
  }
  return keys;
}

Result<std::vector<ApiKey>> parse_keys(std::string_view text, const Path& file) {
  auto json = parse_json(text);
  auto keys = json ? keys_from_json(*json) : Result<std::vector<ApiKey>>(propagate(json));
  if (keys) return keys;
  return fail(
      ErrorCode::corrupt,
      "{}: {}; nobody is let in by a file that is not understood: put it right, or move it away and add "
      "keys anew (pawl keys add)",
      file.string(), keys.error().message);
}

// Nothing where there is no file.
Result<std::optional<std::string>> read_file(const FileSystem& files, const Path& file) {
  auto bytes = files.read(file);
  if (bytes) return std::optional(std::move(*bytes));
  if (bytes.error().code == ErrorCode::not_found) return std::optional<std::string>();
  return propagate(bytes);
}

Result<std::vector<ApiKey>> read_keys(const FileSystem& files, const Path& file) {
  auto bytes = read_file(files, file);
  if (!bytes) return propagate(bytes);
  if (!*bytes) return std::vector<ApiKey>{};
  return parse_keys(**bytes, file);
}

Status write_keys(FileSystem& files, const Path& file, const std::vector<ApiKey>& keys) {
  Json list = Json::array();
  for (const ApiKey& key : keys) list.push_back(key_json(key));
  const Json json = {{"schema", kSchema}, {"keys", std::move(list)}};
  return write_atomic_private(files, file, json.dump(2) + "\n");
}

}  // namespace

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::open:
      return "open";
    case Scope::predict:
      return "predict";
    case Scope::read:
      return "read";
    case Scope::admin:
      return "admin";
  }
  return "";
}

bool ApiKey::may(Scope needed) const {
  const auto has = [&](Scope scope) {
    return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
  };
  return needed == Scope::open || has(Scope::admin) || has(needed);
}

Result<std::vector<Scope>> parse_scopes(std::string_view text) {
  std::vector<Scope> scopes;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view name = text.substr(0, comma);
    const auto scope = scope_of(name);
    if (!scope) {
      return fail(ErrorCode::invalid_argument,
                  "there is no scope \"{}\"; give predict, read, admin or several: "
                  "predict,read",
                  name);
    }
    if (std::find(scopes.begin(), scopes.end(), *scope) == scopes.end()) scopes.push_back(*scope);
    if (comma == std::string_view::npos) return scopes;
    text.remove_prefix(comma + 1);
  }
}

std::string scopes_text(const std::vector<Scope>& scopes) {
  std::string text;
  for (const Scope scope : scopes) {
    if (!text.empty()) text += ',';
    text += scope_name(scope);
  }
  return text;
}

Result<std::unique_ptr<KeyRing>> KeyRing::open(const FileSystem& files, Path file) {
  std::unique_ptr<KeyRing> ring(new KeyRing(files, std::move(file)));
  if (Status read = ring->reload(); !read) return propagate(read);
  return ring;
}

Status KeyRing::reload() {
  auto bytes = read_file(files_, file_);
  if (!bytes) return propagate(bytes);
  const std::lock_guard lock(mutex_);
  if (*bytes == read_) return {};
  if (!*bytes) {
    return fail(
        ErrorCode::not_found,
        "{} is gone while the server runs: its keys still hold. Put it back, or start the server anew",
        file_.string());
  }
  auto keys = parse_keys(**bytes, file_);
  if (!keys) return propagate(keys);
  read_ = std::move(*bytes);
  stored_ = std::move(*keys);
  return {};
}

Status KeyRing::hold(std::string_view name, std::string_view secret) {
  const bool plain = std::all_of(secret.begin(), secret.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (secret.size() < kSecretCharactersMin || !plain) {
    return fail(ErrorCode::bad_config,
                "the key of {} must be {} characters or more, without spaces; make one: openssl rand -hex 32",
                name, kSecretCharactersMin);
  }
  const std::lock_guard lock(mutex_);
  held_.push_back({.name = std::string(name), .sha256 = sha256_hex(secret), .scopes = {Scope::admin}});
  return {};
}

bool KeyRing::empty() const {
  const std::lock_guard lock(mutex_);
  return stored_.empty() && held_.empty();
}

std::optional<ApiKey> KeyRing::find(std::string_view presented) const {
  const std::string digest = sha256_hex(presented);
  const std::lock_guard lock(mutex_);
  const ApiKey* found = nullptr;
  for (const auto* keys : {&stored_, &held_}) {
    for (const ApiKey& key : *keys) {
      if (same_secret(key.sha256, digest)) found = &key;
    }
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<ApiKey> KeyRing::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ApiKey> all = stored_;
  all.insert(all.end(), held_.begin(), held_.end());
  return all;
}

Result<NewKey> add_key(FileSystem& files, const Path& file, std::string_view name, std::vector<Scope> scopes,
                       std::optional<TimeMs> expires_at, TimeMs now) {
  if (!is_name(name)) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is no name of a key: letters, digits, - and _, at most {}, as in my-bot", name,
                kNameMax);
  }
  if (scopes.empty()) return fail(ErrorCode::invalid_argument, "a key needs a scope: predict, read or admin");
  auto keys = read_keys(files, file);
  if (!keys) return propagate(keys);
  if (std::any_of(keys->begin(), keys->end(), [&](const ApiKey& key) { return key.name == name; })) {
    return fail(ErrorCode::conflict,
                "there is a key \"{}\" already; choose another name, or revoke it first: pawl keys revoke {}",
                name, name);
  }
  auto bytes = secret_bytes(kSecretBytes);
  if (!bytes) return propagate(bytes);
  NewKey made{{std::string(name), {}, std::move(scopes), now, expires_at},
              fmt::format("pawl_{}", base64url(*bytes))};
  made.key.sha256 = sha256_hex(made.secret);
  keys->push_back(made.key);
  if (Status written = write_keys(files, file, *keys); !written) return propagate(written);
  return made;
}

Status revoke_key(FileSystem& files, const Path& file, std::string_view name) {
  auto keys = read_keys(files, file);
  if (!keys) return propagate(keys);
  if (std::erase_if(*keys, [&](const ApiKey& key) { return key.name == name; }) > 0) {
    return write_keys(files, file, *keys);
  }
  std::vector<std::string> names;
  for (const ApiKey& key : *keys) names.push_back(key.name);
  return fail(ErrorCode::not_found, "there is no key \"{}\"; {}", name,
              names.empty() ? std::string("there are none at all")
                            : fmt::format("there are: {}", fmt::join(names, ", ")));
}

}  // namespace pawl::http
