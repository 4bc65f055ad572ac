// Any text at all is a feature expression, or bad_config; its canonical form means the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "features/engine.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pawl::features::FeatureList;
  const auto calendar = pawl::MarketCalendar::utc_always();
  const std::vector<std::string> specs = {std::string(reinterpret_cast<const char*>(data), size)};
  const auto list = FeatureList::parse(specs, pawl::kH1, calendar);
  if (!list) {
    if (list.error().code != pawl::ErrorCode::bad_config || list.error().message.empty()) std::abort();
    return 0;
  }
  const auto again = FeatureList::parse(list->specs(), pawl::kH1, calendar);
  if (!again || again->hash() != list->hash() || again->specs() != list->specs()) std::abort();
  return 0;
}
