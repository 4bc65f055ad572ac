// docs/how-to/add-a-feature.md shows code that is compiled and run: each block stands in the file it names.
#include <sstream>

#include "features/bars_for_features.h"

namespace pawl::features {
namespace {

// The words without the blanks around them, so that an indented block, in a list, is the same as its code.
std::string without_indents(const std::string& text) {
  std::istringstream lines(text);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) all += line.substr(first) + "\n";
  }
  return all;
}

TEST(HowToAddAFeature, ShowsCodeThatIsThere) {
  std::istringstream page(test::read_file(test::source_dir() / "docs" / "how-to" / "add-a-feature.md"));
  const std::string fence = "```cpp ";
  std::vector<std::string> files;
  for (std::string line; std::getline(page, line);) {
    const std::size_t at = line.find(fence);
    if (at == std::string::npos) continue;
    files.push_back(line.substr(at + fence.size()));
    std::string block;
    while (std::getline(page, line) && line.find("```") == std::string::npos) block += line + "\n";
    const std::string code = without_indents(test::read_file(test::source_dir() / files.back()));
    ASSERT_FALSE(block.empty());
    EXPECT_NE(code.find(without_indents(block)), std::string::npos) << files.back() << " does not have:\n"
                                                                    << block;
    // The example is whole: whoever copies it has a kind.
    if (files.back().ends_with("momentum.cc")) {
      EXPECT_EQ(without_indents(block), code);
    }
  }
  EXPECT_EQ(files.size(), 4u);
}

}  // namespace
}  // namespace pawl::features
