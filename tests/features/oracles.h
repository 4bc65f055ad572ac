// Which features have an oracle of their own, by who compares them with it. kinds_with_oracle_test.cc fails
// for a registered kind that none of these lists names.
#pragma once

#include <string>
#include <vector>

namespace pawl::features::oracles {

std::vector<std::string> golden();      // golden_test.cc: the values of the reference page
std::vector<std::string> naive();       // reference_test.cc: windows over bars
std::vector<std::string> naive_more();  // reference_kinds_test.cc: likewise, and from the first bar on

}  // namespace pawl::features::oracles
