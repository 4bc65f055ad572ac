// manifest.json: everything of a version but the models' bytes, and what the other files must be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/version.h"

namespace pawl::registry {

inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kJudgedFile = "judged.model";
inline constexpr std::string_view kServingFile = "serving.model";
inline constexpr std::string_view kSelfTestFile = "selftest.json";

struct ListedFile {
  std::string name;
  std::int64_t size = 0;
  std::string sha256;
};

struct Manifest {
  VersionBundle bundle;  // without model bytes and self-test vectors
  std::vector<ListedFile> files;
};

std::string write_manifest(const VersionBundle& bundle, const std::vector<ListedFile>& files);
// corrupt, with the reason, for anything that write_manifest did not write: every byte counts.
Result<Manifest> read_manifest(std::string_view bytes);

}  // namespace pawl::registry
