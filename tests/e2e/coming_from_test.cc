// docs/coming-from.md speaks of commands, keys and pages that are there.
#include <map>
#include <sstream>

#include "base/settings.h"
#include "e2e/replayed.h"
#include "recipe/recipe.h"
#include "support/long_tests.h"

namespace pawl::test {
namespace {

struct Quoted {
  Words words;
  bool in_block = false;  // to be run as it stands; else it may be a pattern
};

std::string page() {
  return read_file(source_dir() / "docs" / "coming-from.md");
}

// Every `pawl …` of the page: in backticks, or a line of a block of commands (without its comment).
std::vector<Quoted> quoted_commands() {
  std::vector<Quoted> commands;
  const auto add = [&](const std::string& text, bool in_block) {
    Quoted quoted{{}, in_block};
    std::istringstream in(text.substr(5));
    for (std::string word; in >> word;) quoted.words.push_back(word);
    if (!quoted.words.empty()) commands.push_back(std::move(quoted));
  };
  std::istringstream lines(page());
  bool in_block = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      in_block = line == "```sh";
    } else if (in_block) {
      if (line.starts_with("pawl ")) add(line.substr(0, line.find(" #")), true);
    } else {
      for (std::size_t at = line.find("`pawl "); at != std::string::npos; at = line.find("`pawl ", at + 1)) {
        add(line.substr(at + 1, line.find('`', at + 1) - at - 1), false);
      }
    }
  }
  return commands;
}

// What `pawl WORDS --help` says, asked once.
const std::string& help_of(const Words& words) {
  static std::map<Words, std::string> known;
  const auto [entry, is_new] = known.try_emplace(words);
  if (is_new) entry->second = run_pawl(words + Words{"--help"}).stdout_text;
  return entry->second;
}

// Whether a help page has a line that begins with this word: a subcommand or an option.
bool lists(const std::string& help, const std::string& word) {
  std::istringstream lines(help.substr(0, help.find("Examples:")));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream names(line);
    std::string first;
    names >> first;
    for (std::size_t from = 0; from <= first.size();) {
      const std::size_t comma = std::min(first.find(',', from), first.size());
      if (first.substr(from, comma - from) == word) return true;
      from = comma + 1;
    }
  }
  return false;
}

TEST(ComingFrom, ItsCommandsAndTheirFlagsExist) {
  const std::vector<Quoted> commands = quoted_commands();
  ASSERT_GE(commands.size(), 60U);
  for (const Quoted& quoted : commands) {
    const Words& command = quoted.words;
    const std::string text = fmt::format("pawl {}", fmt::join(command, " "));
    Words path;
    std::size_t i = 0;
    for (; i < command.size() && lists(help_of(path), command[i]) && !command[i].starts_with("-"); ++i) {
      path.push_back(command[i]);
    }
    EXPECT_FALSE(path.empty() && !command[0].starts_with("-")) << text << ": there is no such command";
    for (; i < command.size(); ++i) {
      const std::string flag = command[i].substr(0, command[i].find('='));
      if (flag.starts_with("-") && flag.size() > 1) {
        EXPECT_TRUE(lists(help_of(path), flag)) << text << ": there is no " << flag;
      }
    }
  }
}

// The files that the page speaks of as its reader's own.
void write_files(const std::filesystem::path& folder) {
  std::string bars, trades = "rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,profitable,signal_type\n";
  for (int i = 0; i < 60; ++i) {
    const TimeMs time = 1'672'531'200'000 + i * kHourMs;
    bars += fmt::format("{},{},{},{},{},{},{},0,1,0,0,0\n", time, 200 + i % 7, 206 + i % 7, 198 + i % 7,
                        201 + i % 7, 50 + i % 5, time + kHourMs - 1);
  }
  for (int i = 0; i < 400; ++i) {
    const int rsi = 20 + i * 37 % 61;
    trades += fmt::format("{},0.0001,0.0001,25,0.001,1.08,1.08,{},{},{}\n", rsi, 100 + i % 13,
                          (rsi < 50) != (i % 4 == 0) ? 1 : 0, i % 2 == 0 ? "BUY" : "SELL");
  }
  write_file(folder / "BTCUSDT-1h.csv", bars);
  write_file(folder / "training_data.csv", trades);
}

class LongComingFrom : public LongTest {};

TEST_F(LongComingFrom, ItsFiveMinutePathsWork) {
  const TempFolder folder;
  std::filesystem::copy(source_dir() / "config", folder / "config", std::filesystem::copy_options::recursive);
  write_files(folder.path());
  for (const Quoted& quoted : quoted_commands()) {
    if (!quoted.in_block) continue;
    const Ran ran = run_pawl(quoted.words, {.working_folder = folder.path()});
    // Kept is an answer too.
    EXPECT_TRUE(ran.exit_code == 0 || ran.exit_code == 10)
        << fmt::format("{}", fmt::join(quoted.words, " ")) << "\n"
        << ran.stdout_text << ran.stderr_text;
  }
}

// `section.key` in backticks, where the section is one of a recipe's.
TEST(ComingFrom, ItsKeysExist) {
  std::map<std::string, std::vector<std::string>> keys;
  for (const recipe::SectionSchema& section : recipe::section_schemas()) {
    if (section.section.empty()) continue;
    std::vector<std::string>& known = keys[section.section];
    if (!section.kind_key.empty()) known.push_back(section.kind_key);
    for (const Setting& setting : section.schema.settings()) known.push_back(setting.name);
  }
  const std::string text = page();
  int found = 0;
  for (std::size_t at = text.find('`'); at != std::string::npos; at = text.find('`', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && (std::islower(static_cast<unsigned char>(text[end])) != 0 ||
                                 std::isdigit(static_cast<unsigned char>(text[end])) != 0 ||
                                 text[end] == '_' || text[end] == '.')) {
      ++end;
    }
    const std::string word = text.substr(at + 1, end - at - 1);
    const std::size_t dot = word.find('.');
    if (dot == std::string::npos || !keys.contains(word.substr(0, dot))) continue;
    const std::vector<std::string>& known = keys[word.substr(0, dot)];
    EXPECT_NE(std::find(known.begin(), known.end(), word.substr(dot + 1)), known.end()) << word;
    ++found;
  }
  EXPECT_GE(found, 20);
}

TEST(ComingFrom, EveryPageItLinksToIsThere) {
  const std::string text = page();
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 2)) {
    std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
    target = target.substr(0, target.find('#'));
    if (target.empty() || target.starts_with("http")) continue;
    EXPECT_TRUE(std::filesystem::exists(source_dir() / "docs" / target)) << target;
  }
}

}  // namespace
}  // namespace pawl::test
