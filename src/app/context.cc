#include "app/context.h"

#include <signal.h>

#include <cerrno>
#include <charconv>

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "market/sources/csv.h"
#include "training/child_executor.h"

extern char** environ;

namespace pawl::app {

namespace {

// Replay's results can always be made again: waiting for the disk after each version would only slow it.
class UnsyncedFiles final : public FileSystem {
 public:
  Status write(const Path& file, std::string_view bytes) override { return real_.write(file, bytes); }
  Status sync(const Path&) override { return {}; }
  Status rename(const Path& from, const Path& to) override { return real_.rename(from, to); }
  Status make_folders(const Path& folder) override { return real_.make_folders(folder); }
  Status remove_all(const Path& path) override { return real_.remove_all(path); }
  Status link(const Path& target, const Path& name) override { return real_.link(target, name); }
  Status append(const Path& file, std::uint64_t kept, std::string_view bytes) override {
    return real_.append(file, kept, bytes);
  }
  Result<std::string> read(const Path& file) const override { return real_.read(file); }
  Result<std::uint64_t> size(const Path& file) const override { return real_.size(file); }
  bool exists(const Path& path) const override { return real_.exists(path); }
  std::vector<std::string> list(const Path& folder) const override { return real_.list(folder); }

 private:
  RealFileSystem real_;
};

std::vector<std::pair<std::string, std::string>> environment_variables() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !text.starts_with("PAWL_")) continue;
    found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ',';
    list += json_quote(text);
  }
  return list + "]";
}

// Files as given, and for a folder its CSV files. Of bars, those whose name says what they hold.
std::vector<std::string> files_of(const std::vector<std::string>& given, bool bars) {
  std::vector<std::string> files;
  for (const std::string& one : given) {
    if (!std::filesystem::is_directory(one)) {
      files.push_back(one);
      continue;
    }
    for (const std::string& name : RealFileSystem().list(one)) {
      const std::string path = (Path(one) / name).string();
      const bool csv = name.ends_with(".csv") || name.ends_with(".csv.gz");
      if (csv && (!bars || market::parse_bar_file_argument(path))) files.push_back(path);
    }
  }
  return files;
}

Result<recipe::Overrides> overrides_of(const CommonOptions& options) {
  recipe::Overrides overrides;
  overrides.environment = environment_variables();
  if (!options.bars.empty()) {
    overrides.set.emplace_back("source.kind", "csv");
    overrides.set.emplace_back("source.files", quoted_list(files_of(options.bars, true)));
  }
  if (!options.outside.empty()) {
    overrides.set.emplace_back("outside_files", quoted_list(files_of(options.outside, false)));
  }
  if (options.seed) overrides.set.emplace_back("seed", std::to_string(*options.seed));
  if (options.threads) overrides.set.emplace_back("training.threads", std::to_string(*options.threads));
  for (const std::string& assignment : options.set) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::invalid_argument,
                  "--set {}: write it as key=value, for example --set gate.policy=always", assignment);
    }
    overrides.set.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return overrides;
}

// Where a recipe that is only named is looked for: below the working folder, and in the source tree that the
// binary was built in (build/<preset>/pawl).
std::vector<std::string> recipe_folders() {
  std::vector<std::string> folders = {"config"};
  std::error_code unknown;
  const Path self = std::filesystem::read_symlink("/proc/self/exe", unknown);
  if (!unknown) folders.push_back((self.parent_path() / "../../config").lexically_normal().string());
  return folders;
}

// The lock of a process that was killed lives on for a moment in a trainer that it had just begun to start,
// which ends with it: whoever is started in its place waits for that.
Result<FolderLock> acquire_lock(const Path& file) {
  constexpr double kPatienceS = 1;
  const double began = monotonic_seconds();
  for (;;) {
    auto lock = FolderLock::acquire(file);
    if (lock || lock.error().code != ErrorCode::conflict || monotonic_seconds() - began > kPatienceS)
      return lock;
    const auto holder = FolderLock::holder(file);
    int process = 0;
    if (holder && *holder) std::from_chars((*holder)->data(), (*holder)->data() + (*holder)->size(), process);
    const bool lives = process > 0 && (::kill(process, 0) == 0 || errno != ESRCH);
    if (lives) return lock;
    rest_seconds(0.01);
  }
}

constexpr std::string_view kKindKey = "kind", kRecipeKey = "recipe";

}  // namespace

Result<recipe::Recipe> load_recipe(const CommonOptions& options, const std::optional<std::string>& fallback) {
  auto overrides = overrides_of(options);
  if (!overrides) return propagate(overrides);
  const auto load = [&]() -> Result<recipe::Recipe> {
    if (!options.recipe.empty())
      return recipe::load_recipe_file(options.recipe, *overrides, recipe_folders());
    if (fallback) return recipe::load_recipe(*fallback, "the data folder's recipe", *overrides);
    return fail(ErrorCode::invalid_argument, "which recipe? Name one: --recipe config/crypto-live.yaml");
  };
  Result<recipe::Recipe> recipe = load();
  // A simulated market is part of what a seed stands for; one that the recipe's user gave by hand stays.
  if (recipe && options.seed && recipe->source.kind == "simulated" &&
      !recipe->origins["source.seed"].starts_with("--set")) {
    overrides->set.emplace_back("source.seed", std::to_string(*options.seed));
    return load();
  }
  return recipe;
}

Result<std::unique_ptr<DataFolder>> DataFolder::in_memory() {
  std::unique_ptr<DataFolder> data(new DataFolder());
  data->files_ = std::make_unique<UnsyncedFiles>();
  auto store = store::open_sqlite({});
  if (!store) return propagate(store);
  data->store_ = std::move(*store);
  data->registry_ = std::make_unique<registry::Registry>(*data->store_, *data->files_, Path{});
  return data;
}

// A group ends where somebody says so, between two inputs: a bar that was kept without what was predicted
// from it would never be predicted from again.
Status DataFolder::open_store(Use use) {
  constexpr std::int64_t kNoEndOfItself = 200'000;
  auto store = store::open_sqlite({.file = folder_ / "pawl.db",
                                   .vfs = vfs_,
                                   .read_only = use == Use::read,
                                   .group_rows = kNoEndOfItself,
                                   .power_safe = use != Use::replay});
  if (!store) return propagate(store);
  store_ = std::move(*store);
  return {};
}

Result<std::unique_ptr<DataFolder>> DataFolder::open(const Path& folder, Use use, const StorageSeam& seam) {
  std::unique_ptr<DataFolder> data(new DataFolder());
  data->folder_ = folder;
  data->vfs_ = seam.vfs;
  if (seam.files) {
    data->files_ = seam.files();
  } else if (use == Use::replay) {
    data->files_ = std::make_unique<UnsyncedFiles>();
  } else {
    data->files_ = std::make_unique<RealFileSystem>();
  }
  const Path database = folder / "pawl.db";
  const bool exists = data->files_->exists(database);
  if (use == Use::read && !exists) {
    return fail(
        ErrorCode::not_found,
        "{}: there is no store of pawl's; name the folder with --data, or fill one: pawl replay --data {}",
        folder.string(), folder.string());
  }
  if (use != Use::read) {
    if (Status made = data->files_->make_folders(folder); !made) return propagate(made);
    auto lock = acquire_lock(folder / "lock");
    if (!lock) return propagate(lock);
    data->lock_ = std::move(*lock);
  }
  if (Status opened = data->open_store(use); !opened) return propagate(opened);
  auto kind = data->store_->meta(kKindKey);
  if (!kind) return propagate(kind);
  const std::string_view wanted = use == Use::replay ? "replay" : "live";
  if (use == Use::replay && exists) {
    if (*kind && **kind != wanted) {
      return fail(
          ErrorCode::conflict,
          "{}: this folder holds a live store, or a replay that was worked on by hand since (trained, "
          "promoted, rolled back, imported into), which a replay would overwrite; give the replay a "
          "folder of its own (--data replay) or none at all (--memory)",
          folder.string());
    }
    data->store_.reset();
    for (const char* name : {"pawl.db", "pawl.db-wal", "pawl.db-shm", "versions", "jobs"}) {
      if (Status removed = data->files_->remove_all(folder / name); !removed) return propagate(removed);
    }
    if (Status opened = data->open_store(use); !opened) return propagate(opened);
    *kind = std::nullopt;
  }
  if (use != Use::read && *kind != wanted) {
    if (Status set = data->store_->set_meta(kKindKey, wanted); !set) return propagate(set);
  }
  data->registry_ = std::make_unique<registry::Registry>(*data->store_, *data->files_, folder);
  return data;
}

Status DataFolder::reopen() {
  registry_.reset();
  store_.reset();
  if (Status opened = open_store(Use::write); !opened) return opened;
  registry_ = std::make_unique<registry::Registry>(*store_, *files_, folder_);
  return {};
}

Result<std::optional<std::string>> DataFolder::remembered_recipe() const {
  return store_->meta(kRecipeKey);
}

Status DataFolder::remember_recipe(const recipe::Recipe& recipe) {
  return store_->set_meta(kRecipeKey, recipe::to_json(recipe).dump());
}

Result<TimeMs> first_open(const recipe::Recipe& recipe, store::Store& store) {
  auto listing = store.bars().list();
  if (!listing) return propagate(listing);
  TimeMs first = WallClock().now();
  for (const store::BarStore::Listing& one : *listing) {
    for (const Symbol& symbol : recipe.symbols) {
      if (one.symbol == symbol.canonical() && one.timeframe == recipe.base)
        first = std::min(first, one.first_open);
    }
  }
  return first;
}

Result<std::unique_ptr<Engine>> make_engine(const recipe::Recipe& recipe, DataFolder& data, TimeMs start,
                                            loop::EventObserver observer, bool keep_decisions,
                                            loop::OutsidePoints outside) {
  return make_engine(recipe, data,
                     {.start = start,
                      .observer = std::move(observer),
                      .keep_decisions = keep_decisions,
                      .outside = std::move(outside)});
}

Result<std::unique_ptr<Engine>> make_engine(const recipe::Recipe& recipe, DataFolder& data,
                                            EngineOptions options) {
  auto engine = std::make_unique<Engine>(options.keep_decisions);
  engine->clock.advance_to(options.start);
  engine->log = options.log;
  engine->executor = std::move(options.executor);
  if (!engine->executor) {
    const bool keep_jobs = !data.folder().empty() && recipe.training.keep_jobs > 0;
    engine->executor =
        training::make_inline_executor(data.files(), keep_jobs ? data.folder() / "jobs" : Path{},
                                       recipe.training.keep_jobs, static_cast<int>(recipe.training.threads));
  }
  auto loop = loop::Loop::open(recipe,
                               {.store = data.store(),
                                .registry = data.registry(),
                                .executor = *engine->executor,
                                .clock = engine->clock,
                                .log = engine->log,
                                .opened_at = options.opened_at,
                                .background = std::move(options.background),
                                .on_progress = std::move(options.on_progress),
                                .on_phase = std::move(options.on_phase),
                                .latency_of = std::move(options.latency_of)},
                               engine->decisions, std::move(options.observer), std::move(options.outside));
  if (!loop) return propagate(loop);
  engine->loop = std::move(*loop);
  return engine;
}

std::unique_ptr<training::Executor> make_executor_beside_serving(const recipe::Recipe& recipe,
                                                                 FileSystem& files, const Path& data_folder,
                                                                 const std::string& trainer) {
  const recipe::TrainingSettings& training = recipe.training;
  constexpr std::uint64_t kMegabyte = 1024 * 1024;
  return training::make_child_executor(
      files, {.program = trainer.empty() ? kOwnProgram : trainer,
              .jobs_folder = data_folder / "jobs",
              .keep_jobs = training.keep_jobs,
              .threads = static_cast<int>(training.threads),
              .memory_bytes_max = static_cast<std::uint64_t>(training.memory_mb_max) * kMegabyte,
              .run_ms_max = training.run_ms_max,
              .silence_ms_max = training.silence_ms_max});
}

int report(const Error& error, const CommonOptions& options) {
  if (options.json) {
    print(Json{{"error", {{"code", code_name(error.code)}, {"message", error.message}}}}.dump() + "\n");
  }
  std::fputs(fmt::format("pawl: {}\n", error.message).c_str(), stderr);
  return exit_code(error.code);
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string short_time(TimeMs time) {
  const CivilTime t = civil_from_time(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute);
}

}  // namespace pawl::app
