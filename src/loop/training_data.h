// The training data file that a bot's users know (C3): a line for each trade that has closed and was
// collected, appended to what is there. A consumer of the event stream with a cursor, which stands in the
// store.
#pragma once

#include "base/files.h"
#include "market/trades_csv.h"
#include "recipe/recipe.h"
#include "store/store.h"

namespace pawl::loop {

// Uses the store's thread.
class TrainingDataFile {
 public:
  // All of them outlive it; `folder` is the data folder. Nothing is ever written where the recipe filters no
  // trades or names no such file.
  TrainingDataFile(const recipe::Recipe& recipe, store::Store& store, FileSystem& files, const Path& folder);

  // Appends what has closed since the last time; durable on return. After a crash between the file and the
  // cursor no line comes twice. A replay begins the file anew, and keeps what was there with ".old" behind
  // its name. bad_data where the file has other columns: nothing is appended then.
  Status catch_up();

 private:
  Status begin();
  Result<std::vector<market::TradeRow>> pending(std::int64_t& seq) const;
  // Of those, how many the end of the file holds already.
  Result<std::size_t> written_already(const std::vector<market::TradeRow>& rows) const;

  const recipe::Recipe& recipe_;
  store::Store& store_;
  FileSystem& files_;
  Path path_;
  market::TradesCsvFile file_;
  bool begun_ = false;
  std::int64_t seq_ = 0;
};

}  // namespace pawl::loop
