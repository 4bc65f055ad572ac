// pawl replay --compare, as somebody runs it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "e2e/replayed.h"
#include "support/test_files.h"

namespace pawl::test {
namespace {

constexpr const char* kSpec = R"yaml(grid:
  gates: {better: {gate.policy: better}, always: {gate.policy: always}}
  triggers:
    signals: {}
    weekly: {auto_training.enabled: false, triggers: [{kind: cron, schedule: "0 2 * * SUN"}]}
)yaml";

// A short simulated market and a fast model.
const std::vector<std::string> kShort = {"--set", "source.bars=4000", "--set", "model={kind: logistic}"};

std::vector<std::string> compare_words(const std::string& spec, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"replay", "--recipe", (source_dir() / "config/crypto-live.yaml").string(),
                                    "--compare", spec};
  words.insert(words.end(), kShort.begin(), kShort.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Compare, ThreadsChangeNothingButSeconds) {
  const TempFolder folder;
  std::ofstream(folder / "spec.yaml") << kSpec;
  const std::string spec = (folder / "spec.yaml").string();
  const Ran one =
      run_pawl(compare_words(spec, {"--threads", "1", "--json"}), {.working_folder = folder.path()});
  const Ran four =
      run_pawl(compare_words(spec, {"--threads", "4", "--json"}), {.working_folder = folder.path()});
  ASSERT_EQ(one.exit_code, 0) << one.stderr_text;
  Json a = json_of(one.stdout_text), b = json_of(four.stdout_text);
  EXPECT_EQ(a["policies"].size(), 4U);
  EXPECT_GT(a["trainings_asked"], a["trainings_done"]);
  EXPECT_GT(a["cost"]["training_s"], 0);
  a.erase("cost");
  b.erase("cost");
  EXPECT_EQ(a, b);
  EXPECT_FALSE(std::filesystem::exists(folder / "data")) << "nothing is stored";
}

TEST(Compare, APolicyIsWhatReplayMakesOfItsRecipe) {
  const TempFolder folder;
  std::ofstream(folder / "spec.yaml") << kSpec;
  const Ran ran =
      run_pawl(compare_words((folder / "spec.yaml").string(), {"--json"}), {.working_folder = folder.path()});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  const Json policy = json_of(ran.stdout_text)["policies"][2];
  ASSERT_EQ(policy["name"], "always / signals");
  std::vector<std::string> words = {"replay",
                                    "--recipe",
                                    (source_dir() / "config/crypto-live.yaml").string(),
                                    "--memory",
                                    "--json",
                                    "--set",
                                    "gate.policy=always"};
  words.insert(words.end(), kShort.begin(), kShort.end());
  const Ran replayed = run_pawl(words, {.working_folder = folder.path()});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.stderr_text;
  const Json alone = json_of(replayed.stdout_text);
  ASSERT_FALSE(alone["runs"].empty());
  EXPECT_EQ(policy["runs"], alone["runs"]);
  EXPECT_EQ(policy["pnl_after_cost"], alone["pnl_after_cost"]);
  EXPECT_EQ(policy["accuracy"], alone["win_rate"]);
  EXPECT_EQ(policy["signals"], alone["signals"]);
}

// A swap that was undone is no longer a promotion that stands: both forms say so.
TEST(Compare, RollbacksAreTold) {
  const TempFolder folder;
  std::ofstream(folder / "spec.yaml") << "policies:\n  - {name: plain, set: {gate.policy: always}}\n  - "
                                         "name: watched\n    set: {gate.policy: always, "
                                         "shadow: {when: always, rollback_e_value: 1.02, days: 60}}\n";
  const std::string spec = (folder / "spec.yaml").string();
  const Ran ran = run_pawl(compare_words(spec, {"--json"}), {.working_folder = folder.path()});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  const Json policies = json_of(ran.stdout_text)["policies"];
  EXPECT_EQ(policies[0]["rollbacks"], 0);
  std::int64_t back = 0, swaps = 0;
  for (const Json& swap : policies[1]["lines"][0]["swaps"]) {
    ++swaps;
    back += swap["back"].get<bool>() ? 1 : 0;
  }
  EXPECT_GT(back, 0) << "shows nothing";
  EXPECT_EQ(policies[1]["rollbacks"], back);
  EXPECT_EQ(policies[1]["promotions"], swaps - back);

  const Ran shown = run_pawl(compare_words(spec, {}), {.working_folder = folder.path()});
  ASSERT_EQ(shown.exit_code, 0) << shown.stderr_text;
  const std::size_t head = shown.stdout_text.find("promoted  taken back  age, mean");
  ASSERT_NE(head, std::string::npos) << shown.stdout_text;
  const std::size_t row = shown.stdout_text.find("\n  watched ", head);
  std::istringstream cells(shown.stdout_text.substr(row));
  std::string name;
  std::int64_t retrains = 0, promoted = 0, taken_back = 0;
  cells >> name >> retrains >> promoted >> taken_back;
  EXPECT_EQ(promoted, swaps - back);
  EXPECT_EQ(taken_back, back);
}

TEST(Compare, MistakesInTheSpecNameTheirPlace) {
  const TempFolder folder;
  std::ofstream(folder / "spec.yaml")
      << "policies:\n  - name: a\n  - name: b\n    set: {gate.polcy: better}\n";
  const Ran wrong = run_pawl(compare_words((folder / "spec.yaml").string(), {}));
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_NE(wrong.stderr_text.find("spec.yaml:3: policy \"b\""), std::string::npos) << wrong.stderr_text;
  EXPECT_NE(wrong.stderr_text.find("gate.polcy"), std::string::npos) << wrong.stderr_text;

  std::ofstream(folder / "costs.yaml") << "policies: [{name: a}, {name: b, set: {costs.per_side_bp: 9}}]\n";
  const Ran costs = run_pawl(compare_words((folder / "costs.yaml").string(), {}));
  EXPECT_NE(costs.exit_code, 0);
  EXPECT_NE(costs.stderr_text.find("another `costs`"), std::string::npos) << costs.stderr_text;

  const Ran like = run_pawl(compare_words((folder / "costs.yaml").string(), {"--like", "data"}));
  EXPECT_NE(like.stderr_text.find("--like does not go with --compare"), std::string::npos)
      << like.stderr_text;
}

TEST(Compare, ShippedSpecsFitTheirRecipes) {
  for (const auto& [recipe, spec] :
       {std::pair{"crypto-live", "crypto"}, std::pair{"forex-weekly", "forex"}}) {
    const Ran ran = run_pawl({"replay", "--recipe", (source_dir() / "config" / recipe).string() + ".yaml",
                              "--compare", (source_dir() / "config/compare" / spec).string() + ".yaml",
                              "--set", "source.bars=1200", "--json"});
    ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
    EXPECT_EQ(json_of(ran.stdout_text)["policies"].size(), 12U) << spec;
  }
}

}  // namespace
}  // namespace pawl::test
