// B1: the live process keeps its log in a file beside its data, where its users grep it.
#include <gtest/gtest.h>

#include "support/run_pawl.h"
#include "support/test_files.h"

namespace pawl {
namespace {

TEST(TradingLog, TellsOfTheProcessInTheWordsThatItsUsersGrep) {
  const test::TempFolder folder;
  const std::string data = (folder / "data").string();
  const test::Ran ran = test::run_pawl(
      {"run", "--recipe", (test::source_dir() / "config/crypto-live.yaml").string(), "--data", data, "--pace",
       "400/s", "--until", "verdict", "--port", "0", "--set", "model.trees=5"});
  ASSERT_EQ(ran.exit_code, 0) << ran.stderr_text;
  const std::string log = test::read_file(folder / "data" / "trading.log");
  for (const char* words :
       {"Heartbeat | Price: $", "Starting background retrain for BTC/USDT", "Training model (5 rounds)",
        "New model accuracy: ", "Old model accuracy: ", "Retrain completed for BTC/USDT"}) {
    EXPECT_NE(log.find(words), std::string::npos) << words << "\n" << log.substr(0, 2000);
  }
}

}  // namespace
}  // namespace pawl
