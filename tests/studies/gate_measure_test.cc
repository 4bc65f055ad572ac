// The experiment itself: models are as good as they are said to be, and every number comes out again.
#include "studies/gate_measure.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "support/test_files.h"

namespace pawl::studies {
namespace {

TEST(Duel, ModelsAreAsAccurateAsTheyAreMeantToBe) {
  double champion = 0, worse = 0, better = 0;
  constexpr int kMarkets = 30;
  for (std::uint64_t seed = 0; seed < kMarkets; ++seed) {
    const std::vector<Evidence> contests = duel({.rows = 4000}, {-5, 5}, seed);
    champion += *contests[0].champion_scores.get("accuracy") / kMarkets;
    worse += *contests[0].challenger_scores.get("accuracy") / kMarkets;
    better += *contests[1].challenger_scores.get("accuracy") / kMarkets;
  }
  EXPECT_NEAR(champion, 0.55, 0.006);
  EXPECT_NEAR(worse, 0.50, 0.006);
  EXPECT_NEAR(better, 0.60, 0.006);
}

TEST(Duel, ProbabilitiesAreCalibratedSoThatSkillLowersTheLoss) {
  const std::vector<Evidence> contests = duel({.rows = 20'000}, {-5, 0, 5}, 3);
  EXPECT_NEAR(*contests[0].challenger_scores.get("log_loss"), 0.6931, 0.001)
      << "who knows nothing says one half";
  EXPECT_LT(*contests[2].challenger_scores.get("log_loss"), *contests[1].challenger_scores.get("log_loss"));
}

MeasureOptions small(int threads) {
  return {.rows = {600, 1200}, .skill_points = {-5, 0, 5}, .repetitions = 40, .seed = 7, .threads = threads};
}

std::string text_of(const std::vector<MeasuredCell>& cells) {
  Json all = Json::array();
  for (const MeasuredCell& cell : cells) all.push_back(to_json(cell));
  return all.dump();
}

TEST(GateMeasure, IsTheSameAtAnyNumberOfThreadsAndComesBackFromItsJson) {
  const auto one = measure_gates(small(1), {}), three = measure_gates(small(3), {});
  ASSERT_TRUE(one && three);
  EXPECT_EQ(text_of(*one), text_of(*three));
  const auto again = measured_cells_from_json(*parse_json(text_of(*one)));
  ASSERT_TRUE(again);
  EXPECT_EQ(text_of(*again), text_of(*one));
  EXPECT_FALSE(measured_cells_from_json(*parse_json(R"([{"policy":"better"}])")));
}

TEST(GateMeasure, PoliciesDoWhatTheyAreKnownFor) {
  const auto cells = measure_gates(small(2), {});
  ASSERT_TRUE(cells);
  std::map<std::string, double> rate;
  for (const MeasuredCell& cell : *cells) {
    rate[cell.policy + " " + cell.form + " " + std::to_string(cell.rows) + " " +
         std::to_string(static_cast<int>(cell.skill_points))] = cell.rate();
  }
  EXPECT_EQ(rate.at("always  600 -5"), 1);
  EXPECT_EQ(rate.at("never  600 5"), 0);
  EXPECT_EQ(rate.at("threshold relative 1200 5"), 0) << "its floors are out of reach";
  EXPECT_NEAR(rate.at("better margin 0 1200 0"), 0.5, 0.25) << "an equal one passes half of the time";
  EXPECT_GT(rate.at("better margin 0 1200 5"), 0.7);
  for (const char* claim : {"superior", "not_worse"}) {
    EXPECT_LE(rate.at("sound " + std::string(claim) + " 1200 -5"), 0.05) << claim;
  }
}

// The page in the docs keeps the two promises that `sound` makes; it is made by the command, never by hand.
TEST(GatesPage, KeepsThePromisesOfSound) {
  const std::string page = test::read_file(test::source_dir() / "docs" / "gates.md");
  std::istringstream lines(page);
  std::size_t rows = 0, checked = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) rows = std::stoul(line.substr(3));
    if (!line.starts_with("| sound, ")) continue;
    const bool superior = line.starts_with("| sound, superior");
    std::vector<double> rates;
    for (std::size_t at = line.find('|', 2); at + 2 < line.size(); at = line.find('|', at + 1)) {
      rates.push_back(std::stod(line.substr(at + 1)));
    }
    ASSERT_EQ(rates.size(), 8u) << line;  // −5 −2 −1 0 +1 +2 +3 +5
    EXPECT_LE(rates[0], 3) << line;
    EXPECT_LE(rates[1], 3) << line;
    if (superior) {
      EXPECT_LE(rates[3], 3) << line;
    }
    if (rows == 20'000) {
      EXPECT_GE(superior ? rates[7] : rates[6], 60) << line;
    }
    ++checked;
  }
  EXPECT_EQ(checked, 4u) << "both claims at both sizes";
}

}  // namespace
}  // namespace pawl::studies
