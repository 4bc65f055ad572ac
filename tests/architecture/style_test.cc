// Rules that a reader relies on and a compiler does not check.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "support/source_tree.h"
#include "support/test_files.h"

namespace pawl::test {
namespace {

constexpr std::size_t kLinesMax = 600;

// A line that a rule forbids: where it may not stand, what it looks like, and what to do instead.
struct Ban {
  std::string pattern;
  std::vector<std::string> except;  // beginnings of file names
  std::string instead;
  bool in_comments = false;
};

std::vector<std::string> find_banned(const std::vector<SourceFile>& files, const std::vector<Ban>& bans) {
  std::vector<std::string> found;
  for (const Ban& ban : bans) {
    const std::regex pattern(ban.pattern);
    for (const SourceFile& file : files) {
      const bool excepted = std::any_of(ban.except.begin(), ban.except.end(),
                                        [&](const std::string& home) { return file.name.starts_with(home); });
      if (excepted) continue;
      for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const std::string& line = file.lines[i];
        if (!std::regex_search(ban.in_comments ? line : line.substr(0, line.find("//")), pattern)) continue;
        found.push_back(file.name + ":" + std::to_string(i + 1) + ": " + ban.instead);
      }
    }
  }
  return found;
}

std::vector<SourceFile> sources() {
  return source_files(source_dir() / "src", {".h", ".cc"});
}
std::vector<SourceFile> tests() {
  return source_files(source_dir() / "tests", {".h", ".cc"});
}

std::vector<Ban> bans_everywhere() {
  // Written in pieces, so that this file does not find itself.
  return {
      {std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b", {}, "do it, or write an issue", true}};
}

std::vector<Ban> bans_in_sources() {
  return {
      {R"(\b(strtod|atof|stod|stof|setlocale|std::locale)\b)", {}, "depends on the locale; std::from_chars"},
      {R"(\bstd::(rand|random_device)\b)", {}, "chance comes from base/random.h"},
      {R"(\bstd::unordered_)", {}, "its order differs between machines; std::map or a sorted vector"},
      {R"(\b(system_clock|steady_clock)::now\b)", {"base/", "app/"}, "time is an argument"},
      {R"(\bstd::cout\b)", {"app/"}, "only the program writes to stdout"},
      {R"(\bcatch \(\.\.\.\))", {}, "catch what the library throws, by type"},
      {R"([^(]\bnew [A-Z]\w*[({])", {}, "std::make_unique"},
      {R"(\bthrow [A-Za-z])", {}, "return a Result"},
  };
}

std::vector<Ban> bans_in_tests() {
  return {{std::string("sleep") + R"((_for|_until)?\s*\()", {}, "time is an argument: hand it in"},
          {std::string("TEST\\(Lo") + "ng[A-Z]", {}, "a long test uses the fixture of support/long_tests.h"}};
}

void expect_none(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) ADD_FAILURE() << fault;
}

TEST(Style, NothingIsLeftUndone) {
  expect_none(find_banned(sources(), bans_everywhere()));
  expect_none(find_banned(tests(), bans_everywhere()));
  for (const char* folder : {"config", "tools", "docs", "bench"}) {
    expect_none(find_banned(source_files(source_dir() / folder, {""}), bans_everywhere()));
  }
}

TEST(Style, SourcesAreDeterministicAndNeverThrow) {
  expect_none(find_banned(sources(), bans_in_sources()));
}

TEST(Style, TestsDoNotWait) {
  expect_none(find_banned(tests(), bans_in_tests()));
}

TEST(Style, FilesCanBeReadInOneSitting) {
  for (const SourceFile& file : sources()) {
    EXPECT_LE(file.lines.size(), kLinesMax) << "src/" << file.name << " has several meanings; split it";
  }
}

TEST(Style, HeadersAreIncludedOnce) {
  for (const SourceFile& file : sources()) {
    if (!file.name.ends_with(".h")) continue;
    EXPECT_NE(std::find(file.lines.begin(), file.lines.end(), "#pragma once"), file.lines.end())
        << "src/" << file.name;
  }
}

TEST(Style, EveryRoomWithCodeHasTests) {
  std::set<std::string> tested;
  for (const SourceFile& file : tests()) {
    if (file.name.ends_with("_test.cc")) tested.insert(top_folder(file.name));
  }
  // The program is tested from outside, as users see it.
  if (tested.contains("e2e")) tested.insert("app");
  std::set<std::string> missing;
  for (const SourceFile& file : sources()) {
    if (file.name.ends_with(".cc") && !tested.contains(top_folder(file.name))) {
      missing.insert(top_folder(file.name));
    }
  }
  for (const std::string& room : missing) ADD_FAILURE() << "src/" << room << " has no tests/" << room;
}

// A test file of another name would never be built, and so never fail.
TEST(Style, EveryTestFileIsPickedUp) {
  for (const SourceFile& file : tests()) {
    const std::string folder = top_folder(file.name);
    if (folder == "support" || folder == "fuzz" || file.name.ends_with(".h")) continue;
    EXPECT_TRUE(file.name.ends_with("_test.cc")) << "tests/" << file.name;
    EXPECT_NE(folder, file.name) << "tests/" << file.name << " stands in no room's folder";
  }
}

TEST(StyleCheck, FindsWhatIsPlanted) {
  const SourceFile planted{
      "gates/better.cc",
      {"int f() { return std::rand(); }",
       "// tod"
       "o",
       "double x = std::stod(text);", "throw Wrong();", "std::unordered_map<int, int> order;"}};
  EXPECT_EQ(find_banned({planted}, bans_in_sources()).size(), 4u);
  const SourceFile undone{"gates/worse.cc", {std::string("// FIX") + "ME: later"}};
  EXPECT_EQ(find_banned({undone}, bans_everywhere()),
            std::vector<std::string>{"gates/worse.cc:1: do it, or write an issue"});
  const SourceFile waiting{"gates/wait_test.cc", {std::string("std::this_thread::sleep") + "_for(1s);"}};
  EXPECT_EQ(find_banned({waiting}, bans_in_tests()).size(), 1u);
}

}  // namespace
}  // namespace pawl::test
