// What is said where something is missing or wrong, and that nothing is left behind by it.
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

TEST(RecipeByName, IsFoundBesideTheSourcesThatTheBinaryWasBuiltFrom) {
  const TempFolder folder;
  RunOptions elsewhere;
  elsewhere.working_folder = folder.path();
  // The binary of a build folder below build/, as ./start and the presets make it.
  fs::create_directories(folder / "tree/build/release");
  fs::create_directories(folder / "tree/config");
  fs::copy_file(recipe_file(), folder / "tree/config/mine.yaml");
  const std::string binary = folder / "tree/build/release/pawl";
  fs::copy_file(PAWL_BINARY, binary);
  const Ran found = run_program({binary, "config", "check", "--recipe", "mine", "--json"}, elsewhere);
  EXPECT_EQ(found.exit_code, 0) << found.stderr_text;

  const Ran missing = run_program({binary, "config", "check", "--recipe", "yours"}, elsewhere);
  EXPECT_EQ(missing.exit_code, 78);
  for (const std::string& says :
       {std::string("no config/yours.yaml"), "no " + (folder / "tree/config/yours.yaml").string(),
        std::string("mine"), std::string("the path")}) {
    EXPECT_TRUE(has(missing.stderr_text, says)) << missing.stderr_text;
  }

  // What lies in the working folder's config/ is nearer.
  fs::create_directories(folder / "config");
  write_file(folder / "config/mine.yaml", "schema: 1\nrecipe: [broken\n");
  EXPECT_EQ(run_program({binary, "config", "check", "--recipe", "mine"}, elsewhere).exit_code, 78);
}

TEST(ImportOfABadFile, LeavesNoDataFolderBehind) {
  const TempFolder folder;
  const std::string data = folder / "data";
  write_file(folder / "bad.csv", "time,open,high,low,close,volume\nnoon,1,1,1,1,1\n");
  write_file(folder / "bad.pawl", "no model");
  for (const Words& words : std::initializer_list<Words>{
           {"import", "bars", "BTC_USDT:H1=" + (folder / "nofile.csv").string()},
           {"import", "bars", "BTC_USDT:H1=" + (folder / "bad.csv").string()},
           {"import", "model", folder / "nofile", "--line", "crypto-live/BTC_USDT"},
           {"import", "model", folder / "bad.pawl", "--line", "crypto-live/BTC_USDT"}}) {
    const Ran ran = run_pawl(words + Words{"--data", data});
    EXPECT_NE(ran.exit_code, 0) << fmt::format("{}", fmt::join(words, " "));
    EXPECT_FALSE(fs::exists(data)) << fmt::format("{}", fmt::join(words, " "));
  }
}

TEST(AFolderWithBarsAlone, SaysWhatToDoNext) {
  const TempFolder folder;
  const std::string data = folder / "data";
  write_file(folder / "bars.csv", csv_of(simulated_bars(50)));
  ASSERT_EQ(run_pawl({"import", "bars", "BTC_USDT:H1=" + (folder / "bars.csv").string(), "--data", data,
                      "--recipe", recipe_file()})
                .exit_code,
            0);
  const Ran show = run_pawl({"models", "show", "--data", data});
  EXPECT_EQ(show.exit_code, 1);
  EXPECT_TRUE(has(show.stderr_text, "pawl train")) << show.stderr_text;
  const Ran status = run_pawl({"status", "--data", data});
  EXPECT_EQ(status.exit_code, 0) << status.stderr_text;
  EXPECT_TRUE(has(status.stdout_text, "50 H1 bars and no model yet")) << status.stdout_text;

  // With a model that serves but has met no run and no bar, too, in words.
  const Ran train = run_pawl({"train", "--data", data, "-q"});
  EXPECT_NE(train.exit_code, 0) << "50 bars are too few";
  const Ran begun = run_pawl({"status", "--data", data});
  EXPECT_EQ(begun.exit_code, 0) << begun.stderr_text;
  EXPECT_FALSE(has(begun.stdout_text, "never")) << begun.stdout_text;
}

TEST(AMistakeInASetting, NamesItsKeyOnce) {
  const auto said = [](const std::string& set) {
    return run_pawl({"config", "check", "--recipe", recipe_file(), "--set", set}).stderr_text;
  };
  EXPECT_TRUE(said("gate.policy=generous").starts_with("pawl: --set gate.policy: there is no"))
      << said("gate.policy=generous");
  EXPECT_TRUE(said("gate.margin=2").starts_with("pawl: --set gate.margin: must be")) << said("gate.margin=2");
  EXPECT_TRUE(said("nonsense=1").starts_with("pawl: --set nonsense: unknown key")) << said("nonsense=1");
  // A place that is not the key itself stands before it.
  EXPECT_TRUE(said("gate={policy: generous}").starts_with("pawl: --set gate: gate.policy: "))
      << said("gate={policy: generous}");
}

TEST(UsageErrors, AreJsonWhereJsonWasAskedFor) {
  for (const Words& words : std::initializer_list<Words>{{"reply", "--json"},
                                                         {"status", "--json", "--nope"},
                                                         {"train", "--json", "--threads", "0"},
                                                         {"audit", "--block", "-1", "--json"},
                                                         {"promote", "--json"},
                                                         {"replay", "--json", "--bad-rows", "fix"}}) {
    const std::string text = fmt::format("{}", fmt::join(words, " "));
    const Ran ran = run_pawl(words);
    EXPECT_EQ(ran.exit_code, 2) << text;
    EXPECT_FALSE(ran.stderr_text.empty()) << text;
    const Json error = json_of(ran.stdout_text)["error"];
    EXPECT_EQ(error["code"], "usage") << text;
    EXPECT_FALSE(error["message"].get<std::string>().empty()) << text;
    Words plain = words;
    std::erase(plain, "--json");
    EXPECT_EQ(run_pawl(plain).stdout_text, "") << text;
  }
}

TEST(ExportEvents, LeavesNothingHalfWritten) {
  const TempFolder folder;
  const std::string data = folder / "data";
  write_file(folder / "bars.csv", csv_of(simulated_bars(20)));
  replay_csv(folder.path(), folder / "bars.csv", {"--recipe", recipe_file()});
  const Words exported = {"export", "events", "--data", data};
  const std::string events = run_pawl(exported).stdout_text;
  EXPECT_GE(std::count(events.begin(), events.end(), '\n'), 20);
  fs::create_directories(folder / "out");
  ASSERT_EQ(run_pawl(exported + Words{"-o", folder / "out/events.ndjson"}).exit_code, 0);
  EXPECT_EQ(read_file(folder / "out/events.ndjson"), events);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "out"), {}), 1) << "no temporary file is left";

  const Ran missing = run_pawl(exported + Words{"-o", folder / "gone/events.ndjson"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_TRUE(has(missing.stderr_text, "there is no folder " + (folder / "gone").string()))
      << missing.stderr_text;
  // A full disk: the old file stays as it was.
  if (fs::exists("/dev/full")) {
    EXPECT_EQ(run_program({"/bin/sh", "-c",
                           std::string(PAWL_BINARY) + " export events --data '" + data + "' > /dev/full"})
                  .exit_code,
              1);
  }
}

}  // namespace
}  // namespace pawl::test
