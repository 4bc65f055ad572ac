// The files that users look for, written from what the store holds: a consumer of the one event stream with a
// cursor. Which files, and where below the data folder, the recipe's `files:` section says.
//
//   <collection>/{predictions,features,outcomes}.csv   a row each, as they happen
//   alerts, log                                        paragraphs and lines, as they happen
//   metrics, model_metadata, <walk_forward>/*.csv      written anew when a run ends or a pointer moves
//   current_model, backup_model, stamped_model         links into versions/
//
// The same store gives the same bytes, however often the process was stopped on the way: the cursor, and how
// long each file was then, stand in the store itself. A file that is longer (its process died before it could
// say so) is cut back; one that is shorter, or gone, is written again from the first event that is still in
// the store, and so are the others that grow.
#pragma once

#include <limits>
#include <memory>

#include "base/files.h"
#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::mirrors {

// Uses the store's thread. All that it was opened over outlives it.
class Mirrors {
 public:
  // `folder` is the data folder. bad_config where several lines would share one file's name: the pattern then
  // needs {symbol} or {line}.
  static Result<std::unique_ptr<Mirrors>> open(const recipe::Recipe& recipe, store::Store& store,
                                               registry::Registry& registry, FileSystem& files, Path folder);
  ~Mirrors();

  // Writes what the newest `events_max` events that it has not seen yet, oldest first, have brought. O(new
  // bars), but for the first time: features are computed again from the first bar. Rows, lines and cursor are
  // on the disk on return; a failure leaves them at an earlier event, and the next call goes on from there.
  // corrupt where a feature row that is computed again is not the one that was predicted from; conflict where
  // a file of somebody's stands in the place of a link.
  Status catch_up(std::size_t events_max = std::numeric_limits<std::size_t>::max());
  // The same, and then the files about models once more from what the store says now: for whoever has added
  // to the record of a run that had ended, as a replay does with its walk-forward.
  Status finish();

 private:
  class Impl;
  explicit Mirrors(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::mirrors
