// The life of versions: add, verify, promote, roll back. A version is one folder, immutable once it is
// there, with a manifest of checksums; what serves is one pointer in the store. Whatever stops the process,
// and wherever, the champion afterwards is the old or the new one, whole and valid (F4).
//
//   versions/<recipe>/<symbol>/v000012/{manifest.json, judged.model, serving.model, selftest.json}
//
// One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "domain/version.h"
#include "models/model_kind.h"
#include "store/store.h"

namespace pawl::registry {

// A version's artifacts, loaded and proven by its self-test vectors. Immutable; safe from any thread.
struct LoadedVersion {
  VersionBundle bundle;
  std::string content_hash;
  std::unique_ptr<const models::Model> judged;
  std::unique_ptr<const models::Model> serving;  // null where the version has none
  // What answers a request: the serving artifact, or the judged one where there is no other (the baseline).
  const models::Model& live() const { return serving ? *serving : *judged; }
};

// The files of a version, by name within its folder, manifest.json included: what is written, checked on
// load, exported and imported.
using VersionFiles = std::vector<std::pair<std::string, std::string>>;
VersionFiles pack(const VersionBundle& bundle);
// corrupt, with the reason: a missing or unlisted file, a wrong size or checksum, a manifest that does not
// parse, a feature list that does not give its hash or the model's width, non-finite weights, a self-test
// vector that does not come out as written.
Result<std::shared_ptr<const LoadedVersion>> unpack(const VersionFiles& files);

class Registry {
 public:
  // `folder` is the data folder; empty keeps versions in memory (replay without a folder). `files` and
  // `store` outlive the registry.
  Registry(store::Store& store, FileSystem& files, Path folder);

  // What is left of an interrupted add is removed; the champion of every line is verified. Returns what was
  // found wrong, in sentences; a line whose champion does not verify falls back to its newest promoted
  // version that does.
  Result<std::vector<std::string>> recover(TimeMs now);

  // Writes the version's folder (unless in memory) and its row. The bundle is verified first, as on a load:
  // what does not reproduce is refused (corrupt) and leaves nothing behind.
  Status add(const VersionBundle& bundle);
  Result<VersionNumber> next_number(const LineId& line) const;

  struct Promotion {
    LineId line;
    std::optional<VersionNumber> expected;  // the champion that was judged against; nothing: there is none yet
    VersionNumber to;
    std::string action = "promote";
    std::string reason;
    std::string evidence_hash;
  };
  // Verifies every target, then moves all pointers in one durable transaction. conflict where a champion is
  // not the expected one, where a line holds (unless by hand), or where a target has no serving artifact
  // (the rules baseline excepted).
  Status promote(const std::vector<Promotion>& promotions, TimeMs at, std::string_view actor);
  // Back to the version that served before (or to `to`), as a whole. The line then holds until released, or
  // until `hold_until`.
  Result<VersionNumber> roll_back(const LineId& line, std::optional<VersionNumber> to, TimeMs at,
                                  std::string_view actor, std::string_view reason,
                                  std::optional<TimeMs> hold_until);
  Status release(const LineId& line);
  Result<bool> holds(const LineId& line, TimeMs now) const;

  Result<std::optional<VersionNumber>> champion(const LineId& line) const;
  // Loads and proves a version; kept in a small cache. corrupt marks it refused in the store.
  Result<std::shared_ptr<const LoadedVersion>> load(const LineId& line, VersionNumber number);
  Result<std::vector<VersionSummary>> list(std::string_view line = {}) const;
  Result<std::vector<store::PromotionRow>> history(std::string_view line = {}) const;

  // The bytes of a version as one file, and back under the next number of a line: how a model moves between
  // machines. Data only: a length-checked container, nothing in it is executed.
  Result<std::string> export_version(const LineId& line, VersionNumber number);
  Result<VersionNumber> import_version(const LineId& line, std::string_view bytes, TimeMs at);

 private:
  store::Store& store_;
  FileSystem& files_;
  Path folder_;
  struct Cache;
  std::shared_ptr<Cache> cache_;
};

}  // namespace pawl::registry
