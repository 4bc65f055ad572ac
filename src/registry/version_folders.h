// Version folders on the disk: a name that is there is a folder that is whole.
#pragma once

#include <string>

#include "base/files.h"
#include "registry/registry.h"

namespace pawl::registry {

inline constexpr std::string_view kVersionsFolder = "versions";
inline constexpr std::string_view kHalfWritten = ".tmp-";
// Ends the name of a folder that was written anew when its version got a serving artifact.
inline constexpr std::string_view kWithServing = "-serving";

// "versions/<recipe>/<symbol>/v000012", relative to the data folder. A line is an identifier, never a path:
// what could lead elsewhere (a "..", a backslash, a NUL, a leading slash) is invalid_argument, and other
// characters that folders do not like are written as %XX.
Result<std::string> version_folder(const LineId& line, VersionNumber number);
// Whether a folder's name could be a version's: what recovery may take away.
bool is_version_name(std::string_view name);

// Writes the files beside the folder, fsyncs them and their folder, renames it into place and fsyncs all
// folders above: afterwards it is there whole or not at all, whatever stopped in between.
Status write_version(FileSystem& files, const Path& data, const std::string& folder,
                     const VersionFiles& version);
// corrupt where the folder or a file of a version is missing.
Result<VersionFiles> read_version(const FileSystem& files, const Path& data, const std::string& folder);

}  // namespace pawl::registry
