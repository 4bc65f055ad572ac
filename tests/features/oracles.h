// Which features have an oracle of their own, by who compares them with it. kinds_with_oracle_test.cc fails
// for a registered kind that none of these lists names.
#pragma once

#include <string>
#include <vector>

namespace pawl::features::oracles {

std::vector<std::string> golden();      // golden_test.cc: the values of the reference page
std::vector<std::string> naive();       // reference_test.cc: windows over bars
std::vector<std::string> naive_more();  // reference_kinds_test.cc: likewise, and from the first bar on

std::vector<std::string> naive_pairs();   // order_and_pairs_test.cc: likewise
std::vector<std::string> of_levels();     // levels_test.cc: levels and days found anew at each bar
std::vector<std::string> of_day();        // market_day_test.cc: likewise, of what is made of days
std::vector<std::string> of_clock();      // clock_test.cc: the calendar asked anew at each bar
std::vector<std::string> of_structure();  // structure_test.cc: swings found anew at each bar

}  // namespace pawl::features::oracles
