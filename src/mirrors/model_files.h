// The files about models, written anew when something about them changes: links, metrics, metadata,
// walk-forward tables. What they say is what the registry and the runs say now, so nothing has to be
// remembered between two processes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/files.h"
#include "mirrors/run_findings.h"
#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::mirrors {

class ModelFiles {
 public:
  ModelFiles(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry,
             FileSystem& files, Path folder)
      : recipe_(recipe), store_(store), registry_(registry), files_(files), folder_(std::move(folder)) {}

  bool wanted() const;
  // A run that has been completed since the last refresh; the first refresh reads them all by itself.
  void add(const RunFindings& run);
  // The next refresh reads all runs again.
  void forget_runs() { runs_read_ = false; }
  // Brings every file to what it should be. A link is moved in one step, and is there only where its model's
  // file is: the rules baseline has none. conflict where something else stands in its place.
  Status refresh();

 private:
  Status read_runs();
  Status refresh_links(const LineId& line);
  Status refresh_metadata(const LineId& line);
  Status refresh_metrics(const LineId& line);
  Status refresh_walk_forward(const LineId& line);
  // Where a version's model lies, below the data folder; nothing for the baseline and where it is not on
  // disk.
  Result<std::optional<Path>> artifact(const LineId& line, VersionNumber number) const;
  Status set_link(const std::string& name, const std::optional<Path>& target);
  // Nothing to write: the file goes.
  Status set_file(const std::string& name, const std::optional<std::string>& bytes);

  const recipe::Recipe& recipe_;
  store::Store& store_;
  registry::Registry& registry_;
  FileSystem& files_;
  Path folder_;
  bool runs_read_ = false;
  std::map<LineId, Json> history_;              // entries of the metrics file, oldest first
  std::map<LineId, std::string> walk_forward_;  // newest table of each line
  std::map<std::string, std::string> linked_;   // name → target, as last set by this process
};

// The version that served before `champion` was promoted, by the log of promotions; a rollback makes nothing
// new, so it is stepped over. Nothing where it was the first.
std::optional<VersionNumber> served_before(const std::vector<store::PromotionRow>& log,
                                           VersionNumber champion);

}  // namespace pawl::mirrors
