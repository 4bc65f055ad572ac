// Rows that are older than the recipe keeps them (E8), and what the data folder takes.
#include <algorithm>
#include <filesystem>
#include <limits>

#include "app/commands.h"
#include "app/opened.h"
#include "mirrors/mirrors.h"

namespace pawl::app {

namespace {

constexpr double kMegabyte = 1024.0 * 1024.0;

// All files of the folder: the store, versions, jobs and what users look for.
double folder_mb(const Path& folder) {
  double bytes = 0;
  std::error_code unreadable;
  for (std::filesystem::recursive_directory_iterator at(folder, unreadable), end; !unreadable && at != end;
       at.increment(unreadable)) {
    std::error_code gone;
    if (at->is_symlink(gone) || !at->is_regular_file(gone)) continue;
    const std::uintmax_t size = at->file_size(gone);
    if (!gone) bytes += static_cast<double>(size);
  }
  return bytes / kMegabyte;
}

// Ages count back from the newest event, or from now where that is earlier: a folder that nobody wrote to for
// months loses nothing by lying still.
Result<TimeMs> counted_from(store::Store& store) {
  const TimeMs now = WallClock().now();
  auto last = store.events().last_seq();
  if (!last) return propagate(last);
  auto newest = store.events().read_after(*last - 1, 1);
  if (!newest) return propagate(newest);
  return newest->empty() ? now : std::min(now, newest->front().known_at);
}

Status prune(const CommonOptions& common, bool dry_run) {
  auto opened = open_with_recipe(common, dry_run ? DataFolder::Use::read : DataFolder::Use::write);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  store::Store& store = data.store();
  auto from = counted_from(store);
  if (!from) return propagate(from);
  const recipe::RetentionSettings& keep = recipe.retention;
  const auto before = [&](DurationMs age) {
    return age > 0 ? *from - age : std::numeric_limits<TimeMs>::min();
  };
  store::PruneReport dropped;
  if (!dry_run) {
    // What is dropped must have been written to the files that users look for.
    auto mirrors = mirrors::Mirrors::open(recipe, store, data.registry(), data.files(), data.folder());
    if (!mirrors) return propagate(mirrors);
    if (Status written = (*mirrors)->catch_up(); !written) return written;
    auto pruned = store.prune(before(keep.events_ms), before(keep.predictions_ms));
    if (!pruned) return propagate(pruned);
    dropped = *pruned;
    if (Status flushed = store.flush(); !flushed) return flushed;
  }
  auto sizes = store.sizes();
  if (!sizes) return propagate(sizes);
  const double folder = folder_mb(data.folder());
  if (common.json) {
    Json tables = Json::array();
    for (const store::StoreSizes::Table& table : sizes->tables) {
      tables.push_back({{"table", table.name}, {"rows", table.rows}, {"bytes", table.bytes}});
    }
    print(Json{{"dropped",
                {{"events", dropped.events},
                 {"predictions", dropped.predictions},
                 {"outcomes", dropped.outcomes}}},
               {"tables", std::move(tables)},
               {"store_bytes", sizes->file_bytes},
               {"free_bytes", sizes->free_bytes},
               {"folder_mb", folder},
               {"budget_mb", keep.budget_mb > 0 ? Json(keep.budget_mb) : Json()}}
              .dump() +
          "\n");
    return {};
  }
  if (!dry_run) {
    print(fmt::format("dropped {} events, {} predictions and {} outcomes by their age\n", dropped.events,
                      dropped.predictions, dropped.outcomes));
  }
  for (const store::StoreSizes::Table& table : sizes->tables) {
    print(fmt::format("  {:<22} {:>10} rows {:>9.1f} MB\n", table.name, table.rows,
                      static_cast<double>(table.bytes) / kMegabyte));
  }
  print(fmt::format("the store takes {:.1f} MB ({:.1f} MB of it free for new rows), the folder {:.1f} MB{}\n",
                    static_cast<double>(sizes->file_bytes) / kMegabyte,
                    static_cast<double>(sizes->free_bytes) / kMegabyte, folder,
                    keep.budget_mb <= 0
                        ? std::string()
                        : fmt::format(" of a budget of {:.0f} MB ({:.0f} %{})", keep.budget_mb,
                                      100 * folder / keep.budget_mb,
                                      folder > keep.budget_mb ? ", OVER: keep rows for less long" : "")));
  return {};
}

}  // namespace

int prune_command(const CommonOptions& common, bool dry_run) {
  const Status done = prune(common, dry_run);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
