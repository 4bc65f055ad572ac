// The words of the command line: help, mistakes and their exit codes, and what a recipe may be told.
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

const std::vector<Words> kCommands = {{"replay"},
                                      {"train"},
                                      {"pull"},
                                      {"judge"},
                                      {"models", "list"},
                                      {"models", "show"},
                                      {"models", "verify"},
                                      {"models", "history"},
                                      {"promote"},
                                      {"rollback"},
                                      {"release"},
                                      {"import", "bars"},
                                      {"import", "model"},
                                      {"import-model"},
                                      {"export", "dataset"},
                                      {"export", "model"},
                                      {"export", "bars"},
                                      {"export", "events"},
                                      {"audit"},
                                      {"config", "show"},
                                      {"config", "check"},
                                      {"keys", "add"},
                                      {"keys", "list"},
                                      {"keys", "revoke"},
                                      {"doctor"},
                                      {"healthcheck"},
                                      {"status"}};

TEST(Help, HasExamplesForEveryCommand) {
  for (const Words& command : kCommands) {
    const Ran ran = run_pawl(command + Words{"--help"});
    EXPECT_EQ(ran.exit_code, 0);
    const std::string name = fmt::format("  pawl {}", fmt::join(command, " "));
    EXPECT_TRUE(has(ran.stdout_text, "Examples:\n")) << name;
    EXPECT_TRUE(has(ran.stdout_text.substr(ran.stdout_text.rfind("Examples:")), name)) << ran.stdout_text;
    EXPECT_EQ(ran.stderr_text, "");
  }
}

TEST(Help, NamesEveryCommandAndTheExitCodes) {
  const Ran ran = run_pawl({"--help"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const Words& command : kCommands)
    EXPECT_TRUE(has(ran.stdout_text, "  " + command.front())) << command.front();
  for (const char* code : {"0 ok", "1 failure", "2 usage", "10 kept", "65 bad data", "78 bad config"}) {
    EXPECT_TRUE(has(ran.stdout_text, code)) << code;
  }
  const Ran version = run_pawl({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.stdout_text.starts_with("pawl ")) << version.stdout_text;
}

struct Mistake {
  Words words;
  int exit_code;
  const char* says;
};

class Mistakes : public testing::Test {
 protected:
  void expect(const Mistake& mistake) {
    RunOptions options;
    options.working_folder = folder.path();
    const Ran ran = run_pawl(mistake.words, options);
    const std::string words = fmt::format("{}", fmt::join(mistake.words, " "));
    EXPECT_EQ(ran.exit_code, mistake.exit_code) << words << "\n" << ran.stderr_text;
    EXPECT_TRUE(has(ran.stderr_text, mistake.says)) << words << "\n" << ran.stderr_text;
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << words << " left something behind";
  }
  TempFolder folder;
  const std::string recipe = recipe_file();
};

TEST_F(Mistakes, InWordsAreUsageErrors) {
  for (const Mistake& mistake : std::initializer_list<Mistake>{
           {{}, 2, "subcommand"},
           {{"reply"}, 2, "no command \"reply\""},
           {{"models"}, 2, "subcommand"},
           {{"replay", "--recipe", recipe, "--nope"}, 2, "--nope"},
           {{"replay", "--recipe", recipe, "--threads", "0"}, 2, "--threads"},
           {{"replay", "--recipe", recipe, "--threads", "many"}, 2, "--threads"},
           {{"replay", "--recipe", recipe, "--bad-rows", "fix"}, 2, "--bad-rows"},
           {{"replay"}, 2, "which recipe?"},
           {{"train"}, 2, "which recipe?"},
           {{"config", "check"}, 2, "which recipe?"},
           {{"replay", "--recipe", recipe, "--set", "gate.policy"}, 2, "key=value"},
           {{"replay", "--recipe", recipe, "--set", "=always"}, 2, "key=value"},
           {{"promote", "BTC_USDT"}, 2, "version"},
           {{"import", "model", "m.pawl", "--line", "BTC_USDT"}, 2, "in full"},
           {{"export", "dataset", "--recipe", recipe, "--as-of", "noon"}, 2, "--as-of"},
           {{"audit", "--block", "-1"}, 2, "--block"}}) {
    expect(mistake);
  }
}

TEST_F(Mistakes, InARecipeAreBadConfig) {
  for (const Mistake& mistake : std::initializer_list<Mistake>{
           {{"config", "check", "--recipe", recipe, "--set", "gate.policy=generous"}, 78, "generous"},
           {{"config", "check", "--recipe", recipe, "--set", "gate.margins=1"}, 78, "margin"},
           {{"config", "check", "--recipe", recipe, "--set", "gate.margin=2"}, 78, "gate.margin"},
           {{"config", "check", "--recipe", recipe, "--set", "validation.min_bars=few"},
            78,
            "validation.min_bars"},
           {{"config", "check", "--recipe", recipe, "--set", "nonsense.key=1"}, 78, "nonsense"},
           {{"config", "check", "--recipe", recipe, "--set", "symbols=[]"}, 78, "symbols"},
           {{"config", "check", "--recipe", recipe, "--set", "features=[rsy(14)]"}, 78, "rsy"},
           {{"config", "check", "--recipe", recipe, "--set", "seed.deeper=1"}, 78, "seed"},
           {{"replay", "--recipe", recipe, "--set", "gate.policy=generous"}, 78, "generous"},
           {{"train", "--recipe", recipe, "--set", "gate.policy=generous"}, 78, "generous"}}) {
    expect(mistake);
  }
}

TEST_F(Mistakes, InAFolderAreFailures) {
  for (const Words& words : std::initializer_list<Words>{{"status"},
                                                         {"audit"},
                                                         {"models", "list"},
                                                         {"models", "verify"},
                                                         {"rollback", "BTC_USDT"},
                                                         {"promote", "BTC_USDT", "v000001"},
                                                         {"release"},
                                                         {"export", "events"},
                                                         {"export", "model"}}) {
    expect({words, 1, "there is no store"});
  }
}

TEST(Recipe, IsShownWithWhereEachValueCameFrom) {
  const Words show = {"config", "show", "--recipe", recipe_file()};
  const auto line_of = [](const std::string& text, std::string_view key) {
    const std::size_t at = text.find(key);
    return at == std::string::npos ? std::string() : text.substr(at, text.find('\n', at) - at);
  };
  RunOptions with_environment;
  with_environment.env = {{"PAWL_GATE__MARGIN", "0.02"}, {"PAWL_SEED", "5"}};
  const std::string plain = run_pawl(show).stdout_text;
  EXPECT_TRUE(has(line_of(plain, "gate.margin"), "crypto-live.yaml:")) << line_of(plain, "gate.margin");
  EXPECT_TRUE(has(line_of(plain, "gate.min_rows"), "default")) << line_of(plain, "gate.min_rows");

  const std::string environment = run_pawl(show, with_environment).stdout_text;
  EXPECT_TRUE(has(line_of(environment, "gate.margin"), "0.02")) << line_of(environment, "gate.margin");
  EXPECT_TRUE(has(line_of(environment, "gate.margin"), "PAWL_GATE__MARGIN"));

  const std::string both = run_pawl(show + Words{"--set", "gate.margin=0.03"}, with_environment).stdout_text;
  EXPECT_TRUE(has(line_of(both, "gate.margin"), "0.03")) << "--set is over the environment";
  EXPECT_TRUE(has(line_of(both, "gate.margin"), "--set"));
}

TEST(Recipe, ShownAsJsonIsARecipeThatShowsTheSame) {
  const TempFolder folder;
  const Ran first = run_pawl(
      {"config", "show", "--recipe", recipe_file(), "--json", "--set", "gate.margin=0.01", "--seed", "9"});
  ASSERT_EQ(first.exit_code, 0) << first.stderr_text;
  write_file(folder / "again.yaml", first.stdout_text);
  const Ran again = run_pawl({"config", "show", "--recipe", folder / "again.yaml", "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.stderr_text;
  EXPECT_EQ(json_of(again.stdout_text), json_of(first.stdout_text));
  EXPECT_EQ(json_of(again.stdout_text)["seed"], 9);
}

TEST(Recipe, IsCheckedAsStrictlyAsARunReadsIt) {
  const TempFolder folder;
  const Ran fine = run_pawl({"config", "check", "--recipe", recipe_file(), "--json"});
  ASSERT_EQ(fine.exit_code, 0) << fine.stderr_text;
  const Json json = json_of(fine.stdout_text);
  EXPECT_EQ(json["ok"], true);
  EXPECT_EQ(json["features"], 28);
  EXPECT_EQ(json["features_hash"].get<std::string>().size(), 64U);

  std::string text = read_file(recipe_file());
  text.insert(text.find("gate:"), "gates: {policy: always}\n");
  write_file(folder / "typo.yaml", text);
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find("gates:")), '\n');
  const Ran typo = run_pawl({"config", "check", "--recipe", folder / "typo.yaml", "--json"});
  EXPECT_EQ(typo.exit_code, 78);
  EXPECT_TRUE(has(typo.stderr_text, fmt::format("typo.yaml:{}", line))) << typo.stderr_text;
  EXPECT_TRUE(has(typo.stderr_text, "gate")) << "and what was meant";
  EXPECT_EQ(json_of(typo.stdout_text)["error"]["code"], "bad_config");

  write_file(folder / "broken.yaml", "schema: 1\nrecipe: [a\n");
  EXPECT_EQ(run_pawl({"config", "check", "--recipe", folder / "broken.yaml"}).exit_code, 78);
  EXPECT_NE(run_pawl({"config", "check", "--recipe", folder / "missing.yaml"}).exit_code, 0);
}

}  // namespace
}  // namespace pawl::test
