// The hash of the decisions is that of their canonical lines, which anybody can compute.
#include "loop/decisions.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pawl::loop {
namespace {

void decide(DecisionLog& log, std::string_view line = "crypto-live/BTC_USDT") {
  Prediction prediction;
  prediction.line = line;
  prediction.known_at = 1'700'000'000'000;
  prediction.side = Side::sell;
  prediction.version = {12};
  prediction.p_up = 0.1;
  log.prediction(prediction);
  log.trigger({LineId(line), "b/ETH"}, "win_rate", 1);
  log.verdict(LineId(line), 3, Decision::keep, {13}, 2);
  log.swap(LineId(line), {12}, {13}, 3);
}

TEST(Decisions, AreLinesOfSortedJsonWithIntegersAndStringsOnly) {
  DecisionLog log(true);
  decide(log);
  EXPECT_EQ(
      log.lines(),
      (std::vector<std::string>{
          R"({"at":1700000000000,"kind":"prediction","line":"crypto-live/BTC_USDT","side":"SELL","version":12})",
          R"({"at":1,"kind":"trigger","lines":["crypto-live/BTC_USDT","b/ETH"],"trigger":"win_rate"})",
          R"({"at":2,"challenger":13,"kind":"verdict","line":"crypto-live/BTC_USDT","run":3,"verdict":"keep"})",
          R"({"at":3,"from":12,"kind":"swap","line":"crypto-live/BTC_USDT","to":13})"}));
}

TEST(Decisions, AreCanonicalEvenWhereANameNeedsEscaping) {
  DecisionLog log(true);
  decide(log, "a \"quoted\" \\ name\n");
  for (const std::string& line : log.lines()) {
    const auto json = parse_json(line);
    ASSERT_TRUE(json.has_value()) << line;
    EXPECT_EQ(json->dump(), line);
  }
}

TEST(Decisions, HashWhetherKeptOrNot) {
  DecisionLog kept(true), counted(false);
  decide(kept);
  decide(counted);
  std::string text;
  for (const std::string& line : kept.lines()) text += line + "\n";
  EXPECT_EQ(kept.sha256(), sha256_hex(text));
  EXPECT_EQ(counted.sha256(), kept.sha256());
  EXPECT_EQ(counted.count(), 4);
  EXPECT_TRUE(counted.lines().empty());
}

TEST(Decisions, OfNothingHashToTheHashOfNothing) {
  EXPECT_EQ(DecisionLog(true).sha256(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace pawl::loop
