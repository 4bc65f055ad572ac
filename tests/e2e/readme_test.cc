// The commands of README.md, run in its order by somebody who has just cloned: docs that do not work are
// worse than none.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "support/run_pawl.h"
#include "support/test_files.h"

namespace pawl {
namespace {

// Lines of the ```sh blocks that begin with "pawl ", without their comments.
std::vector<std::string> commands_of(const std::string& page) {
  std::vector<std::string> commands;
  std::istringstream lines(page);
  bool in_block = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      in_block = line == "```sh";
      continue;
    }
    if (!in_block || !line.starts_with("pawl ")) continue;
    commands.push_back(line.substr(0, line.find(" #")));
  }
  return commands;
}

std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  std::istringstream in(command.substr(5));
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

TEST(Readme, ItsCommandsWorkInItsOrder) {
  const std::vector<std::string> commands = commands_of(test::read_file(test::source_dir() / "README.md"));
  ASSERT_GE(commands.size(), 5u);
  const test::TempFolder folder;
  std::filesystem::copy(test::source_dir() / "config", folder / "config",
                        std::filesystem::copy_options::recursive);
  for (const std::string& command : commands) {
    std::vector<std::string> words = words_of(command);
    // The same replay, shorter: enough bars for a first training and its verdict.
    if (words.front() == "replay") words.insert(words.end(), {"--set", "source.bars=1500"});
    const test::Ran ran = test::run_pawl(words, {.working_folder = folder.path()});
    EXPECT_EQ(ran.exit_code, 0) << command << "\n" << ran.stdout_text << ran.stderr_text;
    EXPECT_FALSE(ran.stdout_text.empty()) << command;
  }
}

TEST(Running, ItsCommandsWorkInItsOrder) {
  const std::vector<std::string> commands =
      commands_of(test::read_file(test::source_dir() / "docs/running.md"));
  ASSERT_GE(commands.size(), 4u);
  const test::TempFolder folder;
  std::filesystem::copy(test::source_dir() / "config", folder / "config",
                        std::filesystem::copy_options::recursive);
  for (const std::string& command : commands) {
    const test::Ran ran = test::run_pawl(words_of(command), {.working_folder = folder.path()});
    EXPECT_EQ(ran.exit_code, 0) << command << "\n" << ran.stdout_text << ran.stderr_text;
  }
}

TEST(Comparing, ItsCommandsWork) {
  const std::vector<std::string> commands =
      commands_of(test::read_file(test::source_dir() / "docs/comparing.md"));
  ASSERT_GE(commands.size(), 1u);
  const test::TempFolder folder;
  std::filesystem::copy(test::source_dir() / "config", folder / "config",
                        std::filesystem::copy_options::recursive);
  for (const std::string& command : commands) {
    // The same comparison, shorter and with a faster model.
    std::vector<std::string> words = words_of(command);
    words.insert(words.end(), {"--set", "source.bars=2500", "--set", "model={kind: logistic}"});
    const test::Ran ran = test::run_pawl(words, {.working_folder = folder.path()});
    EXPECT_EQ(ran.exit_code, 0) << command << "\n" << ran.stdout_text << ran.stderr_text;
    EXPECT_NE(ran.stdout_text.find("The highest mean return"), std::string::npos) << ran.stdout_text;
    EXPECT_FALSE(std::filesystem::exists(folder / "data")) << "nothing is stored";
  }
}

TEST(Readme, EveryPageItLinksToIsThere) {
  const std::string page = test::read_file(test::source_dir() / "README.md");
  for (std::size_t at = page.find("]("); at != std::string::npos; at = page.find("](", at + 2)) {
    const std::string target = page.substr(at + 2, page.find(')', at) - at - 2);
    if (target.starts_with("http")) continue;
    EXPECT_TRUE(std::filesystem::exists(test::source_dir() / target)) << target;
  }
}

}  // namespace
}  // namespace pawl
