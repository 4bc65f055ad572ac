#include "app/followers.h"

#include "loop/training_data.h"
#include "mirrors/mirrors.h"

namespace pawl::app {

Status catch_up_files(const recipe::Recipe& recipe, DataFolder& data) {
  if (data.folder().empty()) return {};
  auto mirrors = mirrors::Mirrors::open(recipe, data.store(), data.registry(), data.files(), data.folder());
  if (!mirrors) return propagate(mirrors);
  if (Status written = (*mirrors)->finish(); !written) return written;
  return loop::TrainingDataFile(recipe, data.store(), data.files(), data.folder()).catch_up();
}

Status catch_up_files(const CommonOptions& common, DataFolder& data) {
  const auto remembered = data.remembered_recipe();
  if (!remembered) return propagate(remembered);
  if (!*remembered) return {};
  const auto recipe = load_recipe(common, *remembered);
  if (!recipe) return propagate(recipe);
  return catch_up_files(*recipe, data);
}

}  // namespace pawl::app
