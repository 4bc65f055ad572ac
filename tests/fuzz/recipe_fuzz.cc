// Any text at all is a recipe, or bad_config; and what loads survives its own dump.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "recipe/recipe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto recipe = pawl::recipe::load_recipe(text, "fuzz.yaml", {});
  if (!recipe) {
    if (recipe.error().code != pawl::ErrorCode::bad_config || recipe.error().message.empty()) std::abort();
    return 0;
  }
  const pawl::Json dumped = to_json(*recipe);
  const auto again = pawl::recipe::load_recipe(dumped.dump(), "dump.yaml", {});
  if (!again || to_json(*again) != dumped) std::abort();
  if (show(*recipe).empty()) std::abort();
  return 0;
}
