// Every row of the specification that is built has a test that names it.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "support/source_tree.h"
#include "support/test_files.h"

namespace pawl {
namespace {

const std::vector<std::string> kRows = {
    "A1", "A2", "A3", "A4",  "A5",  "A8", "A9", "A12", "B1", "B12", "B2", "B3", "B4", "B5", "B7",
    "B8", "B9", "C1", "C2",  "C3",  "C4", "C5", "C6",  "C7", "D1",  "D2", "D3", "D4", "D5", "D6",
    "D7", "D8", "D9", "D10", "D11", "E1", "E2", "E3",  "E4", "E5",  "E6", "E7", "E8", "E9", "E10"};

TEST(SpecRows, EachThatIsBuiltIsNamedByATest) {
  std::set<std::string> named;
  const std::regex row("\\b([A-E][0-9]{1,2})\\b");
  for (const test::SourceFile& file : test::source_files(test::source_dir() / "tests", {".cc"})) {
    if (file.name.ends_with("spec_rows_test.cc")) continue;
    for (const std::string& line : file.lines) {
      for (std::sregex_iterator at(line.begin(), line.end(), row), end; at != end; ++at)
        named.insert((*at)[1]);
    }
  }
  for (const std::string& wanted : kRows)
    EXPECT_TRUE(named.contains(wanted)) << wanted << " is named by no test";
}

}  // namespace
}  // namespace pawl
