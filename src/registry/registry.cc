// Adding, loading, listing. pointers.cc moves what serves, recovery.cc cleans up after a crash.
#include "registry/registry.h"

#include <set>

#include "base/hash.h"
#include "registry/cache.h"
#include "registry/container.h"
#include "registry/manifest.h"
#include "registry/version_folders.h"

namespace pawl::registry {
namespace {

std::string name_of(const LineId& line, VersionNumber number) {
  return fmt::format("{} {}", line, number.text());
}

}  // namespace

Registry::Registry(store::Store& store, FileSystem& files, Path folder)
    : store_(store), files_(files), folder_(std::move(folder)), cache_(std::make_shared<Cache>()) {}

Result<store::VersionRow> Registry::row_of(const LineId& line, VersionNumber number) const {
  auto row = store_.versions().find(line, number);
  if (!row) return propagate(row);
  if (!*row) return fail(ErrorCode::not_found, "{} does not exist", name_of(line, number));
  return std::move(**row);
}

Result<VersionFiles> Registry::files_of(const store::VersionRow& row) const {
  if (!in_memory() && !row.folder.empty()) return read_version(files_, folder_, row.folder);
  const auto found = cache_->files.find(row.content_hash);
  if (found != cache_->files.end()) return found->second;
  return fail(ErrorCode::corrupt, "its bytes were kept in the memory of a process that is gone");
}

Status Registry::keep_files(const std::string& folder, const std::string& content_hash,
                            const VersionFiles& files) {
  if (!in_memory()) return write_version(files_, folder_, folder, files);
  cache_->files[content_hash] = files;
  return {};
}

void Registry::drop_files(const std::string& folder, const std::string& content_hash) {
  cache_->files.erase(content_hash);
  // What stays behind has no row; recover() takes it away.
  if (!in_memory()) static_cast<void>(files_.remove_all(folder_ / folder));
}

Status Registry::add(const VersionBundle& bundle) {
  auto folder = version_folder(bundle.line, bundle.number);
  if (!folder) return propagate(folder);
  const auto taken = store_.versions().find(bundle.line, bundle.number);
  if (!taken) return propagate(taken);
  if (*taken) return fail(ErrorCode::conflict, "{} is there already", name_of(bundle.line, bundle.number));
  const VersionFiles files = pack(bundle);
  auto loaded = unpack(files);
  if (!loaded) return within(name_of(bundle.line, bundle.number), loaded.error());

  const std::string& hash = (*loaded)->content_hash;
  if (Status kept = keep_files(*folder, hash, files); !kept) return kept;
  const Status added = store_.versions().add({.line = bundle.line,
                                              .number = bundle.number,
                                              .folder = in_memory() ? std::string() : *folder,
                                              .content_hash = hash,
                                              .known_at = bundle.known_at,
                                              .run_id = bundle.run_id,
                                              .model_kind = bundle.judged.model_kind,
                                              .has_serving = bundle.serving.has_value(),
                                              .refused = {}});
  if (!added) {
    drop_files(*folder, hash);
    return added;
  }
  cache_->put(std::move(*loaded));
  return {};
}

Status Registry::add_serving(const LineId& line, VersionNumber number, const Artifact& serving) {
  const auto row = row_of(line, number);
  if (!row) return propagate(row);
  if (row->has_serving) {
    return fail(ErrorCode::conflict, "{} has a serving artifact already", name_of(line, number));
  }
  auto folder = version_folder(line, number);
  if (!folder) return propagate(folder);
  *folder += kWithServing;
  const auto judged_only = prove(*row);
  if (!judged_only) return propagate(judged_only);
  VersionBundle bundle = (*judged_only)->bundle;
  bundle.serving = serving;
  const VersionFiles files = pack(bundle);
  auto loaded = unpack(files);
  if (!loaded) return within(name_of(line, number), loaded.error());

  const std::string& hash = (*loaded)->content_hash;
  if (Status kept = keep_files(*folder, hash, files); !kept) return kept;
  const Status stored =
      store_.versions().set_serving(line, number, in_memory() ? std::string() : *folder, hash);
  if (!stored) {
    drop_files(*folder, hash);
    return stored;
  }
  drop_files(row->folder, row->content_hash);
  cache_->drop(row->content_hash);
  cache_->put(std::move(*loaded));
  return {};
}

Result<VersionNumber> Registry::next_number(const LineId& line) const {
  return store_.versions().next_number(line);
}

Result<Registry::Loaded> Registry::prove(const store::VersionRow& row) {
  const auto check = [&]() -> Result<Loaded> {
    const auto files = files_of(row);
    if (!files) return propagate(files);
    auto loaded = unpack(*files);
    if (!loaded) return loaded;
    const VersionBundle& bundle = (*loaded)->bundle;
    if (bundle.line != row.line || bundle.number != row.number) {
      return fail(ErrorCode::corrupt, "{}: it is that of {}", kManifestFile,
                  name_of(bundle.line, bundle.number));
    }
    if ((*loaded)->content_hash != row.content_hash) {
      return fail(ErrorCode::corrupt, "{}: it is whole, but not the one that was added", kManifestFile);
    }
    return loaded;
  };
  auto loaded = check();
  if (loaded) {
    cache_->put(*loaded);
    return loaded;
  }
  cache_->drop(row.content_hash);
  if (loaded.error().code == ErrorCode::corrupt) {
    const Status marked = store_.versions().set_refused(row.line, row.number, loaded.error().message);
    if (!marked) return propagate(marked);
  }
  return within(name_of(row.line, row.number), loaded.error());
}

Result<Registry::Loaded> Registry::load(const LineId& line, VersionNumber number) {
  const auto row = row_of(line, number);
  if (!row) return propagate(row);
  if (!row->refused.empty()) {
    return fail(ErrorCode::corrupt, "{} was refused: {}", name_of(line, number), row->refused);
  }
  if (Loaded kept = cache_->find(*row)) return kept;
  return prove(*row);
}

Result<std::vector<VersionSummary>> Registry::list(std::string_view line) const {
  const auto rows = store_.versions().list(line);
  if (!rows) return propagate(rows);
  const auto log = store_.versions().promotions(line);
  if (!log) return propagate(log);
  std::set<std::pair<LineId, VersionNumber>> served;
  for (const store::PromotionRow& row : *log) served.emplace(row.line, row.to);

  std::vector<VersionSummary> versions;
  std::optional<VersionNumber> champion_now;
  for (const store::VersionRow& row : *rows) {
    if (versions.empty() || versions.back().line != row.line) {
      const auto champion_of_line = champion(row.line);
      if (!champion_of_line) return propagate(champion_of_line);
      champion_now = *champion_of_line;
    }
    const char* state = champion_now == row.number                ? "champion"
                        : !row.refused.empty()                    ? "refused"
                        : row.number.value == 0                   ? "baseline"
                        : served.contains({row.line, row.number}) ? "retired"
                                                                  : "kept";
    versions.push_back({.line = row.line,
                        .number = row.number,
                        .content_hash = row.content_hash,
                        .known_at = row.known_at,
                        .model_kind = row.model_kind,
                        .run_id = row.run_id,
                        .has_serving = row.has_serving,
                        .state = state});
  }
  return versions;
}

Result<std::vector<store::PromotionRow>> Registry::history(std::string_view line) const {
  return store_.versions().promotions(line);
}

Result<std::string> Registry::export_version(const LineId& line, VersionNumber number) {
  const auto row = row_of(line, number);
  if (!row) return propagate(row);
  // From the disk, so that damage is found here rather than at the other end.
  if (const auto proven = prove(*row); !proven) return propagate(proven);
  auto files = files_of(*row);
  if (!files) return propagate(files);
  return write_container({row->content_hash, std::move(*files)});
}

Result<VersionNumber> Registry::import_version(const LineId& line, std::string_view bytes, TimeMs at) {
  const auto container = read_container(bytes);
  if (!container) return propagate(container);
  const auto loaded = unpack(container->files);
  if (!loaded) return propagate(loaded);
  if ((*loaded)->content_hash != container->content_hash) {
    return fail(ErrorCode::bad_data,
                "the files are not those that were exported: the content hash is another");
  }
  auto number = next_number(line);
  if (!number) return propagate(number);
  if (number->value == 0) number->value = 1;
  VersionBundle bundle = (*loaded)->bundle;
  bundle.trained_because = fmt::format("imported from {} ({}); {}", name_of(bundle.line, bundle.number),
                                       container->content_hash.substr(0, 12), bundle.trained_because);
  bundle.line = line;
  bundle.number = *number;
  bundle.known_at = at;
  bundle.run_id = 0;
  if (Status added = add(bundle); !added) return propagate(added);
  return number;
}

}  // namespace pawl::registry
