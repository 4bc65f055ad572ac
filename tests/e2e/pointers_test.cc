// What serves, moved and looked at by hand: one folder through promote, rollback, hold, release; and models
// on their way to another machine.
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

namespace fs = std::filesystem;

class Pointers : public testing::Test {
 protected:
  void SetUp() override {
    report = replay_quickly(folder.path());
    ASSERT_FALSE(report.is_null());
    data = folder / "data";
    for (const Json& decision : report["decisions"]) {
      if (decision["kind"] == "swap") served.push_back(fmt::format("v{:06}", decision["to"].get<int>()));
    }
    for (const Json& version : report["versions"]) {
      if (version["state"] == "kept") kept = version["version"];
    }
    ASSERT_GT(served.size(), 1U);
    ASSERT_FALSE(kept.empty());
  }
  Ran pawl(const Words& words) const { return run_pawl(words + Words{"--data", data, "--json", "-q"}); }
  Json answer(const Words& words) const {
    const Ran ran = pawl(words);
    EXPECT_EQ(ran.exit_code, 0) << fmt::format("{}", fmt::join(words, " ")) << ": " << ran.stderr_text;
    return json_of(ran.stdout_text);
  }
  Json line_status() const { return answer({"status"})["lines"][0]; }

  TempFolder folder;
  std::string data;
  Json report;
  std::vector<std::string> served;  // in the order in which they came to serve
  std::string kept;                 // one that the gate refused
};

TEST_F(Pointers, MoveByHandAndHoldAfterARollback) {
  const std::string newest = served.back(), earlier = served[served.size() - 2];
  Json status = line_status();
  EXPECT_EQ(status["champion"], newest);
  EXPECT_EQ(status["holds"], false);
  EXPECT_EQ(status["signals"], report["signals"]);
  EXPECT_EQ(status["win_rate"], report["win_rate"]);
  EXPECT_EQ(status["bars"], report["bars"]);

  EXPECT_EQ(
      answer({"rollback", "BTC_USDT", "--reason", "it lost money"}),
      (Json{{"line", "crypto-live/BTC_USDT"}, {"action", "rolled back"}, {"from", newest}, {"to", earlier}}));
  status = line_status();
  EXPECT_EQ(status["champion"], earlier);
  EXPECT_EQ(status["holds"], true);

  // Even a training whose challenger passes the gate does not move a line that holds.
  const Words train = {"train", "--set", "gate.policy=always"};
  const Ran held = pawl(train);
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_TRUE(has(held.stderr_text, "holds")) << held.stderr_text;
  EXPECT_EQ(line_status()["champion"], earlier);

  EXPECT_EQ(answer({"release", "BTC_USDT"})["action"], "released");
  const Json trained = answer(train)["runs"][0];
  EXPECT_EQ(trained["verdict"], "promote");
  EXPECT_EQ(trained["champion"]["version"], earlier);
  EXPECT_EQ(line_status()["champion"], trained["challenger"]["version"]);

  EXPECT_EQ(answer({"promote", "BTC/USDT", newest})["to"], newest) << "any spelling of the symbol";
  const Json history = answer({"models", "history", "BTC_USDT"})["promotions"];
  const Json &rolled_back = history[history.size() - 3], &by_run = history[history.size() - 2],
             &by_hand = history.back();
  EXPECT_EQ(rolled_back["action"], "rollback");
  EXPECT_EQ(rolled_back["reason"], "it lost money");
  EXPECT_EQ(rolled_back["actor"], "hand");
  EXPECT_TRUE(by_run["actor"].get<std::string>().starts_with("run "));
  EXPECT_EQ(by_run["evidence_hash"].get<std::string>().size(), 64U);
  EXPECT_EQ(by_hand["actor"], "hand");
  EXPECT_EQ(by_hand["to"], newest);
  EXPECT_EQ(history[0]["action"], "baseline");
}

TEST_F(Pointers, RollBackToAVersionForATime) {
  EXPECT_EQ(answer({"rollback", "BTC_USDT", "v000000", "--hold-for", "7d"})["to"], "v000000");
  EXPECT_EQ(line_status()["champion"], "v000000");
  EXPECT_EQ(line_status()["holds"], true);
  EXPECT_EQ(pawl({"rollback", "BTC_USDT", "v000000"}).exit_code, 1) << "it serves already";
  EXPECT_EQ(pawl({"rollback", "BTC_USDT", "--hold-for", "soon"}).exit_code, 2);
}

TEST_F(Pointers, RefuseWhatMustNotServe) {
  const Ran refused = pawl({"promote", "BTC_USDT", kept});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.stderr_text, "refused by the gate")) << refused.stderr_text;
  EXPECT_EQ(pawl({"promote", "BTC_USDT", "v999999"}).exit_code, 1);
  EXPECT_EQ(pawl({"promote", "BTC_USDT", "newest"}).exit_code, 2);
  const Ran line = pawl({"promote", "DOGE_USDT", kept});
  EXPECT_EQ(line.exit_code, 1);
  EXPECT_TRUE(has(line.stderr_text, "the lines here are: crypto-live/BTC_USDT")) << line.stderr_text;
  EXPECT_EQ(line_status()["champion"], served.back());
}

TEST_F(Pointers, KeepATrainedChallengerThatIsNoBetter) {
  const Ran ran = pawl({"train", "--set", "gate.policy=never", "--reason", "trying"});
  EXPECT_EQ(ran.exit_code, 10) << ran.stderr_text;
  const Json run = json_of(ran.stdout_text)["runs"][0];
  EXPECT_EQ(run["verdict"], "keep");
  EXPECT_EQ(run["reason"], "manual: trying");
  EXPECT_EQ(line_status()["champion"], served.back());
  EXPECT_EQ(answer({"config", "show"})["gate"]["policy"], "better") << "--set was for that run alone";
  EXPECT_EQ(pawl({"train", "--symbol", "DOGE_USDT"}).exit_code, 2);
}

TEST_F(Pointers, ListAndVerifyEveryVersion) {
  const Json versions = answer({"models", "list"})["versions"];
  EXPECT_EQ(versions.size(), report["versions"].size());
  for (std::size_t i = 0; i < versions.size(); ++i) {
    EXPECT_EQ(versions[i]["content_hash"], report["versions"][i]["content_hash"]);
  }
  EXPECT_EQ(answer({"models", "verify"})["refused"], 0);
  const Json shown = answer({"models", "show", "BTC_USDT"});
  EXPECT_EQ(shown["version"], served.back()) << "without a version, the champion";
  EXPECT_TRUE(shown.contains("serving"));
  EXPECT_LT(shown["judged"]["data_cut"], shown["serving"]["data_cut"]);
  EXPECT_FALSE(answer({"models", "show", "BTC_USDT", kept}).contains("serving"));

  // One flipped byte, and the version is told from the others.
  const fs::path artifact =
      fs::path(data) / "versions" / "crypto-live" / "BTC_USDT" / served.front() / "judged.model";
  std::string bytes = read_file(artifact);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(artifact, bytes);
  const Ran damaged = pawl({"models", "verify"});
  EXPECT_EQ(damaged.exit_code, 65) << damaged.stderr_text;
  const std::string listed = damaged.stdout_text.substr(0, damaged.stdout_text.find('\n'));
  const Json found = json_of(listed);
  EXPECT_EQ(found["refused"], 1);
  for (const Json& version : found["versions"])
    EXPECT_EQ(version["valid"], version["version"] != served.front());
}

TEST_F(Pointers, MoveAModelToAnotherMachine) {
  const std::string file = folder / "champion.pawl", there = folder / "there";
  ASSERT_EQ(pawl({"export", "model", "BTC_USDT", "-o", file}).exit_code, 0);
  const Words to_there = {"--data", there, "--json", "-q"};
  const Ran imported = run_pawl(Words{"import", "model", file, "--line", "crypto-live/BTC_USDT"} + to_there);
  ASSERT_EQ(imported.exit_code, 0) << imported.stderr_text;
  const std::string version = json_of(imported.stdout_text)["version"];
  EXPECT_EQ(version, "v000001") << "the next number of the line there";
  const Json here = answer({"models", "show", "BTC_USDT"});
  const Json other = json_of(run_pawl(Words{"models", "show", "BTC_USDT", version} + to_there).stdout_text);
  EXPECT_EQ(other["serving"], here["serving"]);
  EXPECT_EQ(other["judged"], here["judged"]);
  EXPECT_EQ(other["features_hash"], here["features_hash"]);
  EXPECT_EQ(run_pawl(Words{"promote", "BTC_USDT", version} + to_there).exit_code, 0);
  EXPECT_EQ(json_of(run_pawl(Words{"models", "show", "BTC_USDT"} + to_there).stdout_text)["version"],
            version);

  std::string bytes = read_file(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(file, bytes);
  const Ran damaged = run_pawl(Words{"import", "model", file, "--line", "crypto-live/BTC_USDT"} + to_there);
  EXPECT_EQ(damaged.exit_code, 65) << damaged.stderr_text;
  EXPECT_TRUE(has(damaged.stderr_text, file)) << damaged.stderr_text;
}

TEST_F(Pointers, GiveBackWhatWentIn) {
  const Ran bars = run_pawl({"export", "bars", "BTC_USDT", "--data", data});
  EXPECT_EQ(bars.stdout_text, read_file(folder / "bars.csv"));
  const Ran events = run_pawl({"export", "events", "--data", data});
  std::istringstream lines(events.stdout_text);
  std::int64_t seq = 0;
  for (std::string line; std::getline(lines, line);) EXPECT_EQ(json_of(line)["seq"], ++seq);
  EXPECT_GT(seq, 3 * 2500) << "bars, predictions and outcomes";
}

TEST(LiveFolder, GoesFromBarsToAFirstModel) {
  const TempFolder folder;
  const std::string data = folder / "data", csv = folder / "bars.csv";
  write_file(csv, csv_of(simulated_bars(1500)));
  const Words to_data = {"--data", data, "--json", "-q"};
  ASSERT_EQ(run_pawl(Words{"import", "bars", "BTC_USDT:H1=" + csv} + quick_settings() + to_data).exit_code,
            0);
  const Ran before = run_pawl(Words{"status"} + to_data);
  ASSERT_EQ(before.exit_code, 0) << "bars alone are a beginning: " << before.stderr_text;
  EXPECT_EQ(json_of(before.stdout_text)["lines"][0]["bars"], 1500);

  // The recipe is remembered from the import.
  const Ran trained = run_pawl(
      Words{"train", "--set", "gate.policy=always", "--set", "validation.walk_forward_folds=2"} + to_data);
  ASSERT_EQ(trained.exit_code, 0) << trained.stderr_text;
  const Json run = json_of(trained.stdout_text)["runs"][0];
  EXPECT_EQ(run["first_model"], true);
  EXPECT_EQ(run["folds"].size(), 2U);
  EXPECT_EQ(json_of(run_pawl(Words{"status"} + to_data).stdout_text)["lines"][0]["champion"], "v000001");

  const Ran again = run_pawl(Words{"import", "bars", "BTC_USDT:H1=" + csv} + to_data);
  EXPECT_EQ(json_of(again.stdout_text)["imported"][0]["duplicates"], 1500);
}

TEST(LiveFolder, SaysWhenThereIsTooLittleToTrainOn) {
  const TempFolder folder;
  const std::string csv = folder / "bars.csv";
  write_file(csv, csv_of(simulated_bars(300)));
  const Ran ran = run_pawl(Words{"train", "--bars", "BTC_USDT:H1=" + csv, "--data", folder / "data", "-q"} +
                           quick_settings());
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.stderr_text, "300 bars are known and 1000 are needed")) << ran.stderr_text;
}

}  // namespace
}  // namespace pawl::test
