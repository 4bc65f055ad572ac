// After a stop at any instant: half-written folders go, damaged versions are marked, champions are proven.
#include <set>

#include "base/hash.h"
#include "registry/manifest.h"
#include "registry/registry.h"
#include "registry/version_folders.h"

namespace pawl::registry {

Result<std::vector<std::string>> Registry::recover(TimeMs now) {
  std::vector<std::string> found;
  if (Status cleaned = remove_orphans(found); !cleaned) return propagate(cleaned);
  if (Status checked = check_rows(found); !checked) return propagate(checked);
  const auto rows = store_.versions().list();
  if (!rows) return propagate(rows);
  std::set<LineId> lines;
  for (const store::VersionRow& row : *rows) lines.insert(row.line);
  for (const LineId& line : lines) {
    if (Status checked = check_champion(line, now, found); !checked) return propagate(checked);
  }
  return found;
}

// Folders without a row: an add that did not get to its end, or the old folder of one that was written anew.
Status Registry::remove_orphans(std::vector<std::string>& found) {
  if (in_memory()) return {};
  const auto rows = store_.versions().list();
  if (!rows) return propagate(rows);
  std::set<std::string> known;
  for (const store::VersionRow& row : *rows) known.insert(row.folder);
  const std::string top(kVersionsFolder);
  for (const std::string& recipe : files_.list(folder_ / top)) {
    for (const std::string& symbol : files_.list(folder_ / top / recipe)) {
      for (const std::string& name : files_.list(folder_ / top / recipe / symbol)) {
        const std::string path = fmt::format("{}/{}/{}/{}", top, recipe, symbol, name);
        if (known.contains(path)) continue;
        if (!name.starts_with(kHalfWritten) && !is_version_name(name)) {
          found.push_back(fmt::format("{} is none of pawl's and was left alone", path));
          continue;
        }
        if (Status removed = files_.remove_all(folder_ / path); !removed) return removed;
        found.push_back(fmt::format("{} was left by an interrupted run and was removed", path));
      }
    }
  }
  return {};
}

// Every version has the manifest that it was added with; champions are looked at more closely afterwards,
// the others when they are loaded.
Status Registry::check_rows(std::vector<std::string>& found) {
  if (in_memory()) return {};
  const auto rows = store_.versions().list();
  if (!rows) return propagate(rows);
  for (const store::VersionRow& row : *rows) {
    if (!row.refused.empty()) continue;
    std::string why;
    const auto manifest = files_.read(folder_ / row.folder / kManifestFile);
    if (row.folder.empty()) {
      why = "its bytes were kept in the memory of a process that is gone";
    } else if (!manifest) {
      if (manifest.error().code != ErrorCode::not_found) return propagate(manifest);
      why = fmt::format("{}/{} is missing", row.folder, kManifestFile);
    } else if (sha256_hex(*manifest) != row.content_hash) {
      why = fmt::format("{}/{} is not the one that was added", row.folder, kManifestFile);
    }
    if (why.empty()) continue;
    if (Status marked = store_.versions().set_refused(row.line, row.number, why); !marked) return marked;
    found.push_back(fmt::format("{} {} is refused: {}", row.line, row.number.text(), why));
  }
  return {};
}

Status Registry::check_champion(const LineId& line, TimeMs now, std::vector<std::string>& found) {
  const auto present = champion(line);
  if (!present) return propagate(present);
  const auto move = [&](VersionNumber to, std::string_view action, std::string reason) -> Status {
    const store::PromotionRow row{.id = 0,
                                  .line = line,
                                  .from = *present,
                                  .to = to,
                                  .at = now,
                                  .actor = "recovery",
                                  .action = std::string(action),
                                  .reason = reason,
                                  .evidence_hash = {}};
    if (Status moved = store_.versions().promote({&row, 1}); !moved) return moved;
    found.push_back(fmt::format("{} serves {} now: {}", line, to.text(), reason));
    return {};
  };
  const VersionNumber baseline{0};
  if (!*present) {
    const auto proven = prove_servable(line, baseline);
    if (proven) return move(baseline, "baseline", "it was added, but not promoted yet");
    return proven.error().code == ErrorCode::io ? Status(propagate(proven)) : Status();
  }
  const auto proven = prove_servable(line, **present);
  if (proven) return {};
  const Error& error = proven.error();
  if (error.code == ErrorCode::io) return propagate(proven);
  const auto earlier = earlier_champion(line, **present);
  if (!earlier) return propagate(earlier);
  std::optional<VersionNumber> to = *earlier;
  if (!to && **present != baseline && prove_servable(line, baseline)) to = baseline;
  if (to) return move(*to, "rollback", fmt::format("the champion does not verify: {}", error.message));
  found.push_back(fmt::format("{} has no version that verifies: {}", line, error.message));
  return {};
}

}  // namespace pawl::registry
