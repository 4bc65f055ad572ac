// Probabilities that mean what they say.
#include "models/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "models/artifact_model.h"
#include "models/model_support.h"

namespace pawl::models {
namespace {

double sigmoid(double score) {
  return 1 / (1 + std::exp(-score));
}

// Rows whose true log-odds a model exaggerates `times` over.
struct Exaggerated {
  std::vector<double> said, pairs;  // p of the second class; rows × 2
  std::vector<int> hits;
};
Exaggerated exaggerated(std::size_t rows, double times, std::uint64_t seed) {
  Random random(seed);
  Exaggerated made;
  for (std::size_t i = 0; i < rows; ++i) {
    const double score = 0.6 * random.normal();
    made.said.push_back(sigmoid(times * score));
    made.pairs.insert(made.pairs.end(), {1 - made.said.back(), made.said.back()});
    made.hits.push_back(random.uniform() < sigmoid(score) ? 1 : 0);
  }
  return made;
}

double brier(std::span<const double> p, std::span<const int> hits) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum += (p[i] - hits[i]) * (p[i] - hits[i]);
  return sum / static_cast<double>(p.size());
}

std::vector<double> mapped(const Calibration& calibration, std::vector<double> pairs) {
  calibration.apply(pairs);
  std::vector<double> second;
  for (std::size_t i = 1; i < pairs.size(); i += 2) second.push_back(pairs[i]);
  return second;
}

// The same fit by its min-max formula: of a point, the greatest over starts of the least over ends of the
// mean between them.
std::vector<double> naive_isotonic(const std::vector<double>& x, const std::vector<int>& hits) {
  std::vector<double> points = x;
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  std::vector<double> sums(points.size()), counts(points.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto at =
        static_cast<std::size_t>(std::lower_bound(points.begin(), points.end(), x[i]) - points.begin());
    sums[at] += hits[i];
    counts[at] += 1;
  }
  std::vector<double> fitted;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double greatest = 0;
    for (std::size_t from = 0; from <= i; ++from) {
      double least = 1, sum = 0, count = 0;
      for (std::size_t to = from; to < points.size(); ++to) {
        sum += sums[to];
        count += counts[to];
        if (to >= i) least = std::min(least, sum / count);
      }
      greatest = std::max(greatest, least);
    }
    fitted.push_back(greatest);
  }
  return fitted;
}

TEST(PoolAdjacentViolators, PoolsByHand) {
  const std::vector<double> answers = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
  const std::vector<int> hits = {0, 1, 0, 0, 1, 1};
  const auto blocks = pool_adjacent_violators(answers, hits);
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[0].value, 0);
  EXPECT_EQ(blocks[1].from, 0.2);
  EXPECT_EQ(blocks[1].to, 0.4);
  EXPECT_EQ(blocks[1].value, 1.0 / 3);
  EXPECT_EQ(blocks[1].rows, 3);
  EXPECT_EQ(blocks[2].value, 1);
}

TEST(PoolAdjacentViolators, TakesEqualAnswersAsOnePoint) {
  const std::vector<double> answers = {0.5, 0.2, 0.5, 0.5, 0.2};
  const std::vector<int> hits = {1, 0, 0, 1, 0};
  const auto blocks = pool_adjacent_violators(answers, hits);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[1].from, blocks[1].to);
  EXPECT_EQ(blocks[1].value, 2.0 / 3);
}

TEST(PoolAdjacentViolators, AgreesWithTheMinMaxFormula) {
  Random random(3);
  for (int round = 0; round < 40; ++round) {
    std::vector<double> answers;
    std::vector<int> hits;
    for (int i = 0; i < 30; ++i) {
      answers.push_back(static_cast<double>(random.below(20)) / 20);
      hits.push_back(random.uniform() < answers.back() ? 1 : 0);
    }
    const std::vector<double> naive = naive_isotonic(answers, hits);
    std::vector<double> points = answers;
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    const auto blocks = pool_adjacent_violators(answers, hits);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto block = std::find_if(blocks.begin(), blocks.end(),
                                      [&](const IsotonicBlock& b) { return points[i] <= b.to; });
      ASSERT_NE(block, blocks.end());
      EXPECT_NEAR(block->value, naive[i], 1e-12);
    }
  }
}

TEST(Isotonic, NeverWorsensTheBrierScoreOnItsOwnRows) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const Exaggerated rows = exaggerated(200 + random.below(400), 0.2 + 3 * random.uniform(), seed);
    const auto made = Calibration::fit(CalibrationMethod::isotonic, 2, rows.pairs, rows.hits);
    ASSERT_TRUE(made);
    EXPECT_LE(brier(mapped(*made, rows.pairs), rows.hits), brier(rows.said, rows.hits) + 1e-9) << seed;
  }
}

TEST(Calibration, KeepsTheOrderAndStaysWithinWhatItsRowsAllow) {
  const Exaggerated rows = exaggerated(500, 2, 4);
  for (const auto method : {CalibrationMethod::isotonic, CalibrationMethod::platt}) {
    const auto made = Calibration::fit(method, 2, rows.pairs, rows.hits);
    ASSERT_TRUE(made);
    double last = 0;
    for (int i = 0; i <= 1000; ++i) {
      std::vector<double> pair = {1 - i / 1000.0, i / 1000.0};
      made->apply(pair);
      EXPECT_GE(pair[1], std::max(last, 1.0 / 502));
      EXPECT_LE(pair[1], 1 - 1.0 / 502);
      EXPECT_EQ(pair[0], 1 - pair[1]);
      last = pair[1];
    }
  }
}

// The best line by a search that knows nothing of derivatives.
TEST(Platt, FindsThePriorCorrectedOptimum) {
  const Exaggerated rows = exaggerated(300, 3, 8);
  std::vector<double> scores;
  for (const double p : rows.said) scores.push_back(std::log(p / (1 - p)));
  const auto hits = static_cast<double>(std::count(rows.hits.begin(), rows.hits.end(), 1));
  const double misses = 300 - hits;
  const auto loss = [&](double slope, double offset) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double target = rows.hits[i] ? (hits + 1) / (hits + 2) : 1 / (misses + 2);
      const double p = sigmoid(slope * scores[i] + offset);
      sum -= target * std::log(p) + (1 - target) * std::log(1 - p);
    }
    return sum;
  };
  double slope = 1, offset = 0;
  for (double step = 0.5; step > 1e-9; step /= 2) {
    for (bool moved = true; moved;) {
      moved = false;
      for (const auto& [a, b] : {std::pair{step, 0.0}, {-step, 0.0}, {0.0, step}, {0.0, -step}}) {
        if (loss(slope + a, offset + b) < loss(slope, offset)) {
          slope += a;
          offset += b;
          moved = true;
        }
      }
    }
  }
  const PlattLine line = fit_platt(scores, rows.hits);
  EXPECT_NEAR(line.slope, slope, 1e-5);
  EXPECT_NEAR(line.offset, offset, 1e-5);
  EXPECT_LT(line.slope, 0.7) << "what it exaggerates three times over is taken back";
}

// Scores that say nothing: the line is flat at the mean of the targets, (n₊(n₊+1)/(n₊+2) + n₋/(n₋+2)) / n.
TEST(Platt, OfConstantScoresIsTheMeanTarget) {
  const std::vector<double> scores(10, 0.0);
  const std::vector<int> hits = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0};
  const PlattLine line = fit_platt(scores, hits);
  EXPECT_NEAR(sigmoid(line.offset), (3 * 4.0 / 5 + 7 * 1.0 / 9) / 10, 1e-12);
}

TEST(Platt, NeverTurnsTheOrderRound) {
  Exaggerated rows = exaggerated(300, 2, 5);
  for (int& hit : rows.hits) hit = 1 - hit;
  std::vector<double> scores;
  for (const double p : rows.said) scores.push_back(std::log(p / (1 - p)));
  EXPECT_EQ(fit_platt(scores, rows.hits).slope, 0);
}

TEST(Calibration, MakesAnOverconfidentModelReliableOnFreshRows) {
  const Exaggerated own = exaggerated(2000, 3, 1), fresh = exaggerated(20'000, 3, 2);
  const double before = calibration_error(fresh.said, fresh.hits);
  EXPECT_GT(before, 0.1);
  for (const auto method : {CalibrationMethod::isotonic, CalibrationMethod::platt}) {
    const auto made = Calibration::fit(method, 2, own.pairs, own.hits);
    ASSERT_TRUE(made);
    const std::vector<double> after = mapped(*made, fresh.pairs);
    EXPECT_LT(calibration_error(after, fresh.hits), 0.03) << calibration_method_name(method);
    EXPECT_LT(brier(after, fresh.hits), brier(fresh.said, fresh.hits));
  }
}

TEST(Calibration, HasAMapForEachOfThreeClasses) {
  const Rows rows = noisy_rows(600, 3, 3, 11);
  const auto trained = train("xgboost", "{trees: 40, depth: 4}", rows.request());
  ASSERT_TRUE(trained);
  const Rows held = noisy_rows(1500, 3, 3, 12), fresh = noisy_rows(6000, 3, 3, 13);
  const auto model = load("xgboost", trained->bytes);
  ASSERT_TRUE(model);
  const auto made =
      Calibration::fit(CalibrationMethod::isotonic, 3, predict(**model, held.matrix()), held.labels);
  ASSERT_TRUE(made) << made.error().message;
  Artifact artifact{.model_kind = "xgboost", .model_bytes = trained->bytes, .calibration = made->to_json()};
  const auto calibrated = load_artifact(artifact);
  ASSERT_TRUE(calibrated) << calibrated.error().message;
  const auto before = predict(**model, fresh.matrix()), after = predict(**calibrated, fresh.matrix());
  double was = 0, is = 0;
  for (std::size_t i = 0; i < fresh.count(); ++i) {
    EXPECT_NEAR(after[3 * i] + after[3 * i + 1] + after[3 * i + 2], 1, 1e-12);
    const auto label = static_cast<std::size_t>(fresh.labels[i]);
    was -= std::log(before[3 * i + label]);
    is -= std::log(after[3 * i + label]);
  }
  EXPECT_LT(is, was);
}

TEST(Calibration, GivesTheSameBitsWrittenAndRead) {
  const Exaggerated rows = exaggerated(500, 2, 9);
  for (const auto method : {CalibrationMethod::isotonic, CalibrationMethod::platt}) {
    const auto made = Calibration::fit(method, 2, rows.pairs, rows.hits);
    ASSERT_TRUE(made);
    const auto text = parse_json(made->to_json().dump());
    ASSERT_TRUE(text);
    const auto read = Calibration::from_json(*text);
    ASSERT_TRUE(read) << read.error().message;
    const auto a = mapped(*made, rows.pairs), b = mapped(*read, rows.pairs);
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(a[i]), std::bit_cast<std::uint64_t>(b[i]));
    }
  }
}

TEST(Calibration, RefusesTooFewRowsAndWhatItDidNotWrite) {
  const Exaggerated few = exaggerated(99, 2, 9), rows = exaggerated(200, 2, 9);
  EXPECT_EQ(Calibration::fit(CalibrationMethod::platt, 2, few.pairs, few.hits).error().code,
            ErrorCode::insufficient_data);
  EXPECT_EQ(Calibration::fit(CalibrationMethod::platt, 2, rows.pairs, std::vector<int>(200, 1)).error().code,
            ErrorCode::insufficient_data);
  for (const char* text :
       {R"({})", R"({"method":"none","rows":9,"maps":[]})", R"({"method":"platt","rows":9,"maps":[]})",
        R"({"method":"isotonic","rows":9,"maps":[{"x":[0.5,0.4],"y":[0.1,0.2]}]})",
        R"({"method":"isotonic","rows":9,"maps":[{"x":[0.4,0.5],"y":[0.3,0.2]}]})",
        R"({"method":"platt","rows":9,"maps":[{"slope":-1,"offset":0}]})",
        R"({"method":"platt","rows":9,"maps":[{"slope":"1","offset":0}]})"}) {
    const auto read = Calibration::from_json(parse_json(text).value_or(Json()));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  }
}

TEST(CalibrationError, IsTheWeightedGapByHand) {
  const std::vector<double> p = {0.82, 0.88, 0.15, 0.11};
  const std::vector<int> hits = {1, 0, 0, 0};
  EXPECT_NEAR(calibration_error(p, hits), (0.7 + 0.26) / 4, 1e-12);
}

}  // namespace
}  // namespace pawl::models
