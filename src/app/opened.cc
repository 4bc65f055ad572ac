#include "app/opened.h"

#include <algorithm>
#include <thread>

namespace pawl::app {

Result<Opened> open_with_recipe(const CommonOptions& common, DataFolder::Use use) {
  auto data = DataFolder::open(common.data, use);
  if (!data) return propagate(data);
  auto remembered = (*data)->remembered_recipe();
  if (!remembered) return propagate(remembered);
  auto recipe = load_recipe(common, *remembered);
  if (!recipe) return propagate(recipe);
  return Opened{std::move(*data), std::move(*remembered), std::move(*recipe)};
}

Result<std::optional<std::string>> remembered_in(const CommonOptions& common) {
  if (!RealFileSystem().exists(Path(common.data) / "pawl.db")) return std::optional<std::string>{};
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  return (*data)->remembered_recipe();
}

Result<std::unique_ptr<Engine>> restored_engine(const CommonOptions& common, Opened& opened) {
  recipe::Recipe& recipe = opened.recipe;
  std::vector<Symbol> begun;
  for (const Symbol& symbol : recipe.symbols) {
    auto champion = opened.data->registry().champion(recipe.line_of(symbol));
    if (!champion) return propagate(champion);
    if (*champion) begun.push_back(symbol);
  }
  if (begun.empty()) {
    return fail(ErrorCode::insufficient_data,
                "{}: no line has a version that serves; train one first: pawl train --recipe {}", recipe.name,
                recipe.name);
  }
  recipe.symbols = std::move(begun);
  auto start = first_open(recipe, opened.data->store());
  if (!start) return propagate(start);
  auto engine = make_engine(recipe, *opened.data, *start, {});
  if (!engine) return propagate(engine);
  ProgressMeter meter("reading the store", "bars", progress_style(common));
  if (Status restored = (*engine)->loop->restore(meter.sink()); !restored) return propagate(restored);
  meter.pause();
  return engine;
}

int study_threads(const CommonOptions& common) {
  return static_cast<int>(common.threads.value_or(std::max(1U, std::thread::hardware_concurrency())));
}

ProgressMeter::Style progress_style(const CommonOptions& common) {
  return common.quiet ? ProgressMeter::Style::none : ProgressMeter::style_for_stderr();
}

}  // namespace pawl::app
