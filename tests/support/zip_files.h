// Zip archives for tests: members packed without compression, or deflated.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pawl::test {

std::string make_zip(const std::vector<std::pair<std::string, std::string>>& members, bool deflated = false);

}  // namespace pawl::test
