// A bundle as files, and files as a loaded, proven version.
#include <algorithm>

#include "base/hash.h"
#include "models/artifact_model.h"
#include "registry/manifest.h"
#include "registry/registry.h"
#include "registry/self_test.h"

namespace pawl::registry {
namespace {

std::unexpected<Error> damaged(std::string_view file, std::string_view why) {
  return fail(ErrorCode::corrupt, "{}: {}", file, why);
}

const std::string* find(const VersionFiles& files, std::string_view name) {
  const auto found = std::ranges::find_if(files, [&](const auto& file) { return file.first == name; });
  return found == files.end() ? nullptr : &found->second;
}

// Exactly the listed files, each with the listed bytes.
Status check_files(const VersionFiles& files, const Manifest& manifest) {
  for (const ListedFile& listed : manifest.files) {
    const std::string* bytes = find(files, listed.name);
    if (!bytes) return damaged(listed.name, "is missing");
    if (std::cmp_not_equal(bytes->size(), listed.size)) {
      return damaged(listed.name, fmt::format("has {} bytes instead of {}", bytes->size(), listed.size));
    }
    if (sha256_hex(*bytes) != listed.sha256) return damaged(listed.name, "its checksum is wrong");
  }
  std::vector<std::string_view> expected = {kManifestFile, kJudgedFile, kSelfTestFile};
  if (manifest.bundle.serving) expected.push_back(kServingFile);
  if (manifest.files.size() + 1 != expected.size()) {
    return damaged(kManifestFile, "lists the wrong number of files");
  }
  for (const std::string_view name : expected) {
    if (name != kManifestFile &&
        std::ranges::find(manifest.files, name, &ListedFile::name) == manifest.files.end()) {
      return damaged(kManifestFile, fmt::format("does not list {}", name));
    }
  }
  for (const auto& [name, bytes] : files) {
    if (std::ranges::find(expected, name) == expected.end()) return damaged(name, "does not belong here");
  }
  if (files.size() != expected.size()) return damaged(kManifestFile, "a file is there twice");
  return {};
}

Result<std::unique_ptr<const models::Model>> load_model(const VersionBundle& bundle, const Artifact& artifact,
                                                        std::string_view file) {
  auto model = models::load_artifact(artifact);
  if (!model) return within(file, model.error());
  if ((*model)->columns() != bundle.features.size()) {
    return damaged(file, fmt::format("reads {} features, the manifest lists {}", (*model)->columns(),
                                     bundle.features.size()));
  }
  if ((*model)->classes() != bundle.classes) {
    return damaged(file,
                   fmt::format("has {} classes, the manifest says {}", (*model)->classes(), bundle.classes));
  }
  // Whoever watches for drift reads a row as wide as the reference says.
  const Json& reference = artifact.reference;
  if (reference.is_object() && reference.contains("features") &&
      reference["features"].size() != bundle.features.size()) {
    return damaged(kManifestFile, fmt::format("has a reference for drift of {} features and lists {}",
                                              reference["features"].size(), bundle.features.size()));
  }
  if (Status proven = prove_model(**model, artifact.self_test); !proven) return within(file, proven.error());
  return std::move(*model);
}

Status read_self_tests(const std::string& bytes, VersionBundle& bundle) {
  const auto json = parse_json(bytes);
  if (!json) return damaged(kSelfTestFile, json.error().message);
  const auto read = [&](std::string_view name, Artifact& artifact) -> Status {
    if (!json->is_object() || !json->contains(name)) {
      return damaged(kSelfTestFile, fmt::format("has no vectors for the {} artifact", name));
    }
    auto vectors = self_test_from_json((*json)[std::string(name)]);
    if (!vectors) return damaged(kSelfTestFile, vectors.error().message);
    artifact.self_test = std::move(*vectors);
    return {};
  };
  if (Status judged = read("judged", bundle.judged); !judged) return judged;
  return bundle.serving ? read("serving", *bundle.serving) : Status{};
}

}  // namespace

VersionFiles pack(const VersionBundle& bundle) {
  VersionFiles files;
  Json self_tests = {{"judged", self_test_to_json(bundle.judged.self_test)}};
  files.emplace_back(kJudgedFile, bundle.judged.model_bytes);
  if (bundle.serving) {
    self_tests["serving"] = self_test_to_json(bundle.serving->self_test);
    files.emplace_back(kServingFile, bundle.serving->model_bytes);
  }
  files.emplace_back(kSelfTestFile, self_tests.dump(1) + "\n");
  std::vector<ListedFile> listed;
  for (const auto& [name, bytes] : files) {
    listed.push_back({name, static_cast<std::int64_t>(bytes.size()), sha256_hex(bytes)});
  }
  files.emplace_back(kManifestFile, write_manifest(bundle, listed));
  return files;
}

Result<std::shared_ptr<const LoadedVersion>> unpack(const VersionFiles& files) {
  const std::string* manifest_bytes = find(files, kManifestFile);
  if (!manifest_bytes) return damaged(kManifestFile, "is missing");
  auto manifest = read_manifest(*manifest_bytes);
  if (!manifest) return within(kManifestFile, manifest.error());
  if (Status complete = check_files(files, *manifest); !complete) return propagate(complete);

  auto version = std::make_shared<LoadedVersion>();
  version->bundle = std::move(manifest->bundle);
  version->content_hash = sha256_hex(*manifest_bytes);
  VersionBundle& bundle = version->bundle;
  bundle.judged.model_bytes = *find(files, kJudgedFile);
  if (bundle.serving) bundle.serving->model_bytes = *find(files, kServingFile);
  if (Status read = read_self_tests(*find(files, kSelfTestFile), bundle); !read) return propagate(read);

  auto judged = load_model(bundle, bundle.judged, kJudgedFile);
  if (!judged) return propagate(judged);
  version->judged = std::move(*judged);
  if (bundle.serving) {
    auto serving = load_model(bundle, *bundle.serving, kServingFile);
    if (!serving) return propagate(serving);
    version->serving = std::move(*serving);
  }
  return version;
}

}  // namespace pawl::registry
