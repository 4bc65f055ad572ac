// What every command shares: the options that all take, the recipe they name, the data folder they work in.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "loop/loop.h"
#include "market/data_source.h"
#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::app {

struct CommonOptions {
  std::string data = "data";         // the data folder
  std::string recipe;                // a path or a name; empty: what the data folder was made with
  std::vector<std::string> set;      // key=value
  std::vector<std::string> bars;     // SYMBOL:TF=FILE, FILE, or a folder of such files
  std::vector<std::string> outside;  // files of outside series, or folders of them
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> threads;
  bool json = false;
  bool quiet = false;
  bool colour = false;  // decided from the terminal, NO_COLOR and --no-color
};

// The recipe with everything that overrides it: --set, --seed, --threads, --bars, and the environment.
// `fallback` is read where no recipe is named; without it naming none is a usage error.
Result<recipe::Recipe> load_recipe(const CommonOptions& options, const std::optional<std::string>& fallback);

// What a test puts in place of the disk, and of the program that trains; empty: the real ones.
struct StorageSeam {
  std::function<std::unique_ptr<FileSystem>()> files = {};
  std::string vfs = {};  // of SQLite's
  std::string trainer = {};
};

// An open data folder (or one in memory). Its parts refer to each other: it does not move.
class DataFolder {
 public:
  enum class Use { read, write, replay };
  // read: the folder must hold a store.
  // write: made where it is missing, and locked. A replay's folder becomes a live one by it: what is now done
  // in it by hand cannot be made again.
  // replay: emptied of an earlier replay's results and locked; a live store in it is refused (conflict).
  static Result<std::unique_ptr<DataFolder>> open(const Path& folder, Use use, const StorageSeam& seam = {});
  static Result<std::unique_ptr<DataFolder>> in_memory();

  store::Store& store() { return *store_; }
  // Closes the store and opens it again, as after a failure of the disk; the lock stays. Whatever used the
  // store or the registry must be gone.
  Status reopen();
  registry::Registry& registry() { return *registry_; }
  FileSystem& files() { return *files_; }
  const Path& folder() const { return folder_; }  // empty in memory

  // The recipe that the folder was made with, as text that load_recipe reads; nothing where it has none yet.
  Result<std::optional<std::string>> remembered_recipe() const;
  Status remember_recipe(const recipe::Recipe& recipe);

 private:
  DataFolder() = default;
  Status open_store(Use use);
  Path folder_;
  std::string vfs_;
  std::unique_ptr<FileSystem> files_;
  std::optional<FolderLock> lock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<registry::Registry> registry_;
};

// A loop over a data folder, with all that it stands on.
struct Engine {
  explicit Engine(bool keep_decisions) : decisions(keep_decisions) {}
  SimulatedClock clock;
  Log log = Log::silent();
  loop::DecisionLog decisions;
  std::unique_ptr<training::Executor> executor;
  std::unique_ptr<loop::Loop> loop;
};
// Its clock begins at `start`: the open of the first bar, which is when version 0 begins to serve. Unless the
// decisions are kept, only their hash and count are: there is one for every bar.
Result<std::unique_ptr<Engine>> make_engine(const recipe::Recipe& recipe, DataFolder& data, TimeMs start,
                                            loop::EventObserver observer, bool keep_decisions = false,
                                            loop::OutsidePoints outside = {});
// The same with more to say about it; what is left out is as above.
struct EngineOptions {
  TimeMs start = 0;
  loop::EventObserver observer = {};
  bool keep_decisions = false;
  loop::OutsidePoints outside = {};
  std::unique_ptr<training::Executor> executor = nullptr;  // null: inline
  Log log = Log::silent();
  // As in loop::Rooms.
  std::optional<TimeMs> opened_at = {};
  std::function<void(int priority, std::function<void()> work)> background = {};
  std::function<void(const loop::RunProgress&)> on_progress = {};
  std::function<void(std::string_view phase, std::int64_t run)> on_phase = {};
  std::function<std::optional<DurationMs>(std::int64_t run)> latency_of = {};
};
Result<std::unique_ptr<Engine>> make_engine(const recipe::Recipe& recipe, DataFolder& data,
                                            EngineOptions options);
// The executor of a process that serves: a child for each job, within the limits of the recipe. Its job
// folders are under `data_folder`, a folder on disk.
std::unique_ptr<training::Executor> make_executor_beside_serving(const recipe::Recipe& recipe,
                                                                 FileSystem& files, const Path& data_folder,
                                                                 const std::string& trainer = {});
// The open of the first stored bar of the recipe's symbols; now, where there is none.
Result<TimeMs> first_open(const recipe::Recipe& recipe, store::Store& store);

// Prints an error to stderr (as JSON too where asked) and gives the exit code.
int report(const Error& error, const CommonOptions& options);
// Text to stdout.
void print(std::string_view text);
// "2023-01-02 03:00" for people.
std::string short_time(TimeMs time);

}  // namespace pawl::app
