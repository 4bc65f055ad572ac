// The keys that a server lets in by: those of the data folder, and one of the environment.
#pragma once

#include <memory>

#include "base/files.h"
#include "http/keys.h"

namespace pawl::app {

// keys.json of the data folder, and one key with every scope from PAWL_API_KEY_FILE (a file: a secret of
// Docker's, a credential of systemd's) or, where a platform hands secrets out in no other way, PAWL_API_KEY.
// The latter is taken out of the environment, so that no child inherits it: to be called before there are
// threads. bad_config where both are set or the key is too short; else as KeyRing::open. `files` outlives the
// ring.
Result<std::unique_ptr<http::KeyRing>> open_key_ring(const FileSystem& files, const Path& data_folder);

Path keys_file(const Path& data_folder);

}  // namespace pawl::app
