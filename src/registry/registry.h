// The life of versions: add, verify, promote, roll back. A version is one folder, immutable once it is
// there, with a manifest of checksums; what serves is one pointer in the store. Whatever stops the process,
// and wherever, the champion afterwards is the old or the new one, whole and valid (F4).
//
//   versions/<recipe>/<symbol>/v000012/{manifest.json, judged.model, serving.model, selftest.json}
//
// manifest.json lists every other file with size and SHA-256 and carries a checksum of itself; the SHA-256 of
// the whole manifest is the version's content hash and stands in its row in the store.
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
// corrupt, with the file and the reason: a missing or unlisted file, a wrong size or checksum, a manifest
// that does not parse, a feature list that does not give its hash or the model's width, non-finite weights,
// no self-test vector, or one that does not come out as written, bit for bit. conflict where this binary does
// not know the kind of model. Whether `features_hash` is what the feature room makes of the list is for the
// caller to compare.
Result<std::shared_ptr<const LoadedVersion>> unpack(const VersionFiles& files);

class Registry {
 public:
  // `folder` is the data folder; empty keeps versions in memory (replay without a folder). `files` and
  // `store` outlive the registry.
  Registry(store::Store& store, FileSystem& files, Path folder);

  // What is left of an interrupted add is removed; the champion of every line is verified. Returns what was
  // found wrong, in sentences; a line whose champion does not verify falls back to its newest promoted
  // version that does, the baseline at worst. A line that was interrupted between the adding and the
  // promotion of its baseline gets it as its champion.
  Result<std::vector<std::string>> recover(TimeMs now);

  // Writes the version's folder (unless in memory) and its row. The bundle is verified first, as on a load:
  // what does not reproduce is refused (corrupt) and leaves nothing behind.
  Status add(const VersionBundle& bundle);
  // Gives a version that has none its serving artifact, as when one that the gate kept is promoted by hand.
  // Its files are written anew beside the old ones and replace them in one step; the content hash changes.
  Status add_serving(const LineId& line, VersionNumber number, const Artifact& serving);
  Result<VersionNumber> next_number(const LineId& line) const;

  struct Promotion {
    LineId line;
    std::optional<VersionNumber>
        expected;  // the champion that was judged against; nothing: there is none yet
    VersionNumber to;
    std::string action = "promote";
    std::string reason;
    std::string evidence_hash;
  };
  // Verifies every target, then moves all pointers in one durable transaction. conflict where a champion is
  // not the expected one, where a line holds (unless the actor is "hand" or the action "force"), or where a
  // target has no serving artifact (the rules excepted).
  Status promote(const std::vector<Promotion>& promotions, TimeMs at, std::string_view actor);
  // Back to the version that served before (or to `to`), as a whole. The line then holds until released, or
  // until `hold_until`.
  Result<VersionNumber> roll_back(const LineId& line, std::optional<VersionNumber> to, TimeMs at,
                                  std::string_view actor, std::string_view reason,
                                  std::optional<TimeMs> hold_until);
  Status release(const LineId& line);
  Result<bool> holds(const LineId& line, TimeMs now) const;

  Result<std::optional<VersionNumber>> champion(const LineId& line) const;
  // Loads and proves a version; kept in a small cache. corrupt marks it refused in the store, for good; a
  // file that could not be read this time (io) does not.
  Result<std::shared_ptr<const LoadedVersion>> load(const LineId& line, VersionNumber number);
  // States as in VersionSummary, and "refused" for a version that did not verify.
  Result<std::vector<VersionSummary>> list(std::string_view line = {}) const;
  Result<std::vector<store::PromotionRow>> history(std::string_view line = {}) const;

  // The bytes of a version as one file, and back under the next number of a line: how a model moves between
  // machines. Data only: a length-checked container, nothing in it is executed.
  Result<std::string> export_version(const LineId& line, VersionNumber number);
  // Its number is 1 or more (0 is the baseline's); it is known from `at` on, and no champion yet.
  Result<VersionNumber> import_version(const LineId& line, std::string_view bytes, TimeMs at);

 private:
  using Loaded = std::shared_ptr<const LoadedVersion>;
  bool in_memory() const { return folder_.empty(); }
  Result<store::VersionRow> row_of(const LineId& line, VersionNumber number) const;
  Result<VersionFiles> files_of(const store::VersionRow& row) const;
  Status keep_files(const std::string& folder, const std::string& content_hash, const VersionFiles& files);
  void drop_files(const std::string& folder, const std::string& content_hash);
  // Reads and proves, from the disk where there is one; marks what is corrupt.
  Result<Loaded> prove(const store::VersionRow& row);
  // The same, and whether it may serve at all.
  Result<Loaded> prove_servable(const LineId& line, VersionNumber number);
  // The newest version that was promoted before `champion` was and that verifies.
  Result<std::optional<VersionNumber>> earlier_champion(const LineId& line, VersionNumber champion);
  Status remove_orphans(std::vector<std::string>& found);
  Status check_rows(std::vector<std::string>& found);
  Status check_champion(const LineId& line, TimeMs now, std::vector<std::string>& found);

  store::Store& store_;
  FileSystem& files_;
  Path folder_;
  struct Cache;
  std::shared_ptr<Cache> cache_;
};

}  // namespace pawl::registry
