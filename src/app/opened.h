// What most commands begin with: a data folder, its recipe, and the loop as it stands.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/context.h"

namespace pawl::app {

// A data folder and the recipe to work in it with: the one that is named, or the one that it was made with.
struct Opened {
  std::unique_ptr<DataFolder> data;
  std::optional<std::string> remembered;  // the text of the recipe that the folder was made with
  recipe::Recipe recipe;                  // with what overrides it
};
Result<Opened> open_with_recipe(const CommonOptions& common, DataFolder::Use use);

// The text of the recipe that the data folder was made with; nothing where there is no store or it has none.
Result<std::optional<std::string>> remembered_in(const CommonOptions& common);

// The loop over those lines that have a champion, as the store left it, with progress on stderr: opening it
// with the others would begin them, which a look must not do, so `opened.recipe` loses their symbols. The
// loop refers to `opened`, which must stay where it is. insufficient_data where no line has a champion.
Result<std::unique_ptr<Engine>> restored_engine(const CommonOptions& common, Opened& opened);

// How many threads a study may use: --threads, or all there are.
int study_threads(const CommonOptions& common);

// Progress on stderr as its reader wants it: bars on a terminal, lines elsewhere, nothing with --quiet.
ProgressMeter::Style progress_style(const CommonOptions& common);

}  // namespace pawl::app
