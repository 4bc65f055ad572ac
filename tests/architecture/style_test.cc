// Rules that a reader relies on and a compiler does not check.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "support/source_tree.h"
#include "support/test_files.h"

namespace pawl::test {
namespace {

constexpr std::size_t kLinesMax = 600;

// Words that a rule forbids in code, where they may stand all the same, and what to do instead.
struct Ban {
  std::vector<std::string> words;
  std::vector<std::string> except;  // beginnings of file names
  std::string instead;
  bool in_comments = false;
};

// True where the line has the text, and not as the end of a longer name.
bool has_word(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const char before = at == 0 ? ' ' : line[at - 1];
    if (std::isalnum(static_cast<unsigned char>(before)) == 0 && before != '_') return true;
  }
  return false;
}

bool starts_with_any(const std::string& name, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const std::string& beginning) { return name.starts_with(beginning); });
}

std::vector<std::string> find_banned(const std::vector<SourceFile>& files, const std::vector<Ban>& bans) {
  std::vector<std::string> found;
  for (const SourceFile& file : files) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string_view line = file.lines[i];
      const std::string_view code = line.substr(0, line.find("//"));
      for (const Ban& ban : bans) {
        const bool hit = std::any_of(ban.words.begin(), ban.words.end(), [&](const std::string& word) {
          return has_word(ban.in_comments ? line : code, word);
        });
        if (!hit || starts_with_any(file.name, ban.except)) continue;
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

// Written in pieces where this file would find itself.
std::vector<Ban> bans_everywhere() {
  return {{{"TO"
            "DO",
            "FIX"
            "ME",
            "HA"
            "CK"},
           {},
           "do it, or write an issue",
           true}};
}

std::vector<Ban> bans_in_sources() {
  return {
      {{"strtod", "atof", "stod", "stof", "setlocale", "locale("},
       {},
       "depends on the locale: std::from_chars"},
      {{"rand(", "random_device"}, {}, "chance comes from base/random.h"},
      {{"unordered_map", "unordered_set"}, {}, "its order differs between machines: std::map, sorted vector"},
      {{"system_clock::now", "steady_clock::now"}, {"base/", "app/"}, "time is an argument"},
      {{"cout"}, {"app/"}, "only the program writes to stdout"},
      {{"catch (...)"}, {}, "catch what the library throws, by its type"},
      {{"= new ", "return new "}, {}, "std::make_unique"},
      {{"throw "}, {}, "return a Result"},
  };
}

std::vector<Ban> bans_in_tests() {
  return {{{"sleep"
            "_for",
            "sleep"
            "_until",
            "usl"
            "eep",
            "sle"
            "ep("},
           {},
           "time is an argument: hand it in"},
          {{"TEST(Lo"
            "ng"},
           {},
           "a long test uses the fixture of support/long_tests.h"}};
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
      {"int f() { return std::rand(); }", "// never throw Wrong(), never std::stod(text)",
       "x = std::stod(text);", "throw Wrong();", "std::unordered_map<int, int> order;",
       "rethrow Wrong; operand(x);"}};
  EXPECT_EQ(find_banned({planted}, bans_in_sources()).size(), 4u);
  const SourceFile undone{"gates/worse.cc",
                          {"// FIX"
                           "ME: later"}};
  EXPECT_EQ(find_banned({undone}, bans_everywhere()),
            std::vector<std::string>{"gates/worse.cc:1: do it, or write an issue"});
  const SourceFile waiting{"gates/wait_test.cc",
                           {"std::this_thread::sleep"
                            "_for(1s);"}};
  EXPECT_EQ(find_banned({waiting}, bans_in_tests()).size(), 1u);
  const SourceFile clock{"app/main.cc", {"auto now = std::chrono::system_clock::now();"}};
  EXPECT_EQ(find_banned({clock}, bans_in_sources()).size(), 0u) << "the program may look at the clock";
}

}  // namespace
}  // namespace pawl::test
