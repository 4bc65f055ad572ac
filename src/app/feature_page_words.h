// What docs/features.md says before its list of kinds, written by hand.
#pragma once

#include <string_view>

namespace pawl::app {

std::string_view features_page_words();

}  // namespace pawl::app
