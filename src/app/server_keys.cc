#include "app/server_keys.h"

#include <cstdlib>
#include <string>

namespace pawl::app {
namespace {

constexpr const char* kKeyVariable = "PAWL_API_KEY";
constexpr const char* kFileVariable = "PAWL_API_KEY_FILE";

Status hold_environment_key(const FileSystem& files, http::KeyRing& ring) {
  const char* key = std::getenv(kKeyVariable);
  const char* file = std::getenv(kFileVariable);
  if (key != nullptr && file != nullptr) {
    return fail(ErrorCode::bad_config, "{} and {} are both set; keep one of them", kKeyVariable,
                kFileVariable);
  }
  if (file != nullptr) {
    auto text = files.read(file);
    if (!text) return within(kFileVariable, text.error());
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    return ring.hold(kFileVariable, *text);
  }
  if (key == nullptr) return {};
  Status held = ring.hold(kKeyVariable, key);
  ::unsetenv(kKeyVariable);
  return held;
}

}  // namespace

Path keys_file(const Path& data_folder) {
  return data_folder / "keys.json";
}

Result<std::unique_ptr<http::KeyRing>> open_key_ring(const FileSystem& files, const Path& data_folder) {
  auto ring = http::KeyRing::open(files, keys_file(data_folder));
  if (!ring) return ring;
  if (Status held = hold_environment_key(files, **ring); !held) return propagate(held);
  return ring;
}

}  // namespace pawl::app
