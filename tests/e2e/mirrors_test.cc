// The files that users look for, from a whole replay: D4, E2, E6, B9, E10.
#include <algorithm>

#include "e2e/replayed.h"

namespace pawl::test {
namespace {

const Words kFiles = {"--set", "files.collection=data_collected",
                      "--set", "files.metrics=models/training_metrics.json",
                      "--set", "files.alerts=models/alerts.log",
                      "--set", "files.current_model=models/model_BTC_USDT.pt",
                      "--set", "files.stamped_model=models/model_{time}.pt",
                      "--set", "files.model_metadata=models/metadata.json",
                      "--set", "files.log=data/trading.log",
                      "--set", "files.heartbeat_minutes=1440"};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Mirrors, TellWhatTheReplayTells) {
  TempFolder folder;
  const Json out = replay_quickly(folder.path(), kFiles);
  const std::filesystem::path data = folder / "data";
  std::size_t predictions = 0;
  for (const Json& decision : out["decisions"]) predictions += decision["kind"] == "prediction" ? 1 : 0;
  ASSERT_GT(predictions, 1000u);
  EXPECT_EQ(count(read_file(data / "data_collected/predictions.csv"), "\n"), predictions + 1);
  EXPECT_EQ(count(read_file(data / "data_collected/features.csv"), "\n"), predictions + 1);
  EXPECT_EQ(count(read_file(data / "data_collected/outcomes.csv"), "\n"),
            out["outcomes"].get<std::size_t>() + 1);

  std::size_t promoted = 0;
  for (const Json& run : out["runs"]) promoted += run["verdict"] == "promote" ? 1 : 0;
  ASSERT_GT(promoted, 0u);
  const std::string alerts = read_file(data / "models/alerts.log");
  EXPECT_EQ(count(alerts, "Model Retraining Success\n"), promoted);
  EXPECT_EQ(count(alerts, "\nDuration: 1800.0 seconds\n"), out["runs"].size());
  const std::string log = read_file(data / "data/trading.log");
  EXPECT_EQ(count(log, "Starting background retrain for BTC"), out["runs"].size());
  EXPECT_EQ(count(log, "New model saved for BTC"), promoted);
  EXPECT_EQ(count(log, "Logged prediction: BTC"), predictions);
  EXPECT_GT(count(log, "Heartbeat | Price: $"), 100u) << "one a day";
  EXPECT_EQ(count(log, "Epoch "), 0u) << "trees have none";

  std::string champion;
  for (const Json& version : out["versions"]) {
    if (version["state"] == "champion") champion = version["version"];
  }
  EXPECT_TRUE(has(std::filesystem::read_symlink(data / "models/model_BTC_USDT.pt").string(), champion));
  EXPECT_FALSE(read_file(data / "models/model_BTC_USDT.pt").empty()) << "the link leads to the model";
  const Json metrics = json_of(read_file(data / "models/training_metrics.json"));
  EXPECT_EQ(metrics["version"], champion);
  EXPECT_EQ(metrics["history"].size(), out["runs"].size());
  EXPECT_EQ(json_of(read_file(data / "models/metadata.json"))["test_accuracy"], metrics["accuracy"]);
}

TEST(Mirrors, ASecondReplayWritesTheSameBytes) {
  TempFolder folder;
  replay_quickly(folder.path(), kFiles);
  const auto bytes = [&folder](const char* name) { return read_file(folder / "data" / name); };
  const char* const names[] = {"data_collected/predictions.csv", "data_collected/features.csv",
                               "data_collected/outcomes.csv",    "models/alerts.log",
                               "models/training_metrics.json",   "data/trading.log"};
  std::vector<std::string> first;
  for (const char* name : names) first.push_back(bytes(name));
  replay_quickly(folder.path(), kFiles);
  for (std::size_t i = 0; i < std::size(names); ++i) EXPECT_EQ(bytes(names[i]), first[i]) << names[i];
}

TEST(Mirrors, SeveralLinesNeedNamesOfTheirOwn) {
  TempFolder folder;
  write_file(folder / "bars.csv", csv_of(simulated_bars(100)));
  const Ran ran = run_pawl(
      Words{"replay", "--recipe", recipe_file(), "--set", "symbols=[BTC/USDT, ETH/USDT]", "--set",
            "files.current_model=models/model.pt", "--bars", "BTC_USDT:H1=" + (folder / "bars.csv").string(),
            "--bars", "ETH_USDT:H1=" + (folder / "bars.csv").string(), "--data", folder / "data", "-q"});
  EXPECT_EQ(ran.exit_code, 78);
  EXPECT_TRUE(has(ran.stderr_text, "{symbol}")) << ran.stderr_text;
}

}  // namespace
}  // namespace pawl::test
