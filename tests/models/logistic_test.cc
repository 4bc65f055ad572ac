#include "models/kinds/logistic_solver.h"
#include "models/model_support.h"

namespace pawl::models {
namespace {

// Gradient descent in long double on the same problem, written without a look at the solver: slow, simple,
// and right at the end.
std::vector<double> descend(const LogisticProblem& problem, int steps, long double rate) {
  const std::size_t width = problem.rows.columns + 1, scores = problem.scores();
  std::vector<long double> w(scores * width, 0);
  for (int step = 0; step < steps; ++step) {
    std::vector<long double> gradient(w.size(), 0);
    for (std::size_t row = 0; row < problem.rows.rows; ++row) {
      const auto z = problem.rows.values.subspan(row * problem.rows.columns, problem.rows.columns);
      std::vector<long double> e(scores);
      long double sum = scores == 1 ? 1 : 0;
      for (std::size_t s = 0; s < scores; ++s) {
        long double score = w[s * width];
        for (std::size_t c = 0; c < z.size(); ++c)
          score += w[s * width + c + 1] * static_cast<long double>(z[c]);
        sum += e[s] = std::exp(score);
      }
      for (std::size_t s = 0; s < scores; ++s) {
        const bool hit = scores == 1 ? problem.labels[row] == 1 : problem.labels[row] == static_cast<int>(s);
        const long double difference =
            (e[s] / sum - (hit ? 1 : 0)) / static_cast<long double>(problem.rows.rows);
        gradient[s * width] += difference;
        for (std::size_t c = 0; c < z.size(); ++c) gradient[s * width + c + 1] += difference * z[c];
      }
    }
    for (std::size_t k = 0; k < w.size(); ++k) {
      if (k % width != 0) gradient[k] += static_cast<long double>(problem.l2) * w[k];
      w[k] -= rate * gradient[k];
    }
  }
  return {w.begin(), w.end()};
}

// Mean and deviation of each column, then NaN → 0, as a second opinion on the scaling.
std::vector<double> standardise(const Rows& rows) {
  std::vector<double> out(rows.values.size(), 0);
  for (std::size_t c = 0; c < rows.columns; ++c) {
    long double n = 0, sum = 0, squares = 0;
    for (std::size_t r = 0; r < rows.count(); ++r) {
      const double value = rows.values[r * rows.columns + c];
      if (!std::isnan(value)) n += 1, sum += value, squares += static_cast<long double>(value) * value;
    }
    const long double mean = sum / n, deviation = std::sqrt(squares / n - mean * mean);
    for (std::size_t r = 0; r < rows.count(); ++r) {
      const double value = rows.values[r * rows.columns + c];
      if (!std::isnan(value)) out[r * rows.columns + c] = static_cast<double>((value - mean) / deviation);
    }
  }
  return out;
}

std::vector<double> unknowns_of(const Model& model) {
  const Json about = model.describe();
  std::vector<double> unknowns;
  for (std::size_t s = 0; s < about["intercepts"].size(); ++s) {
    unknowns.push_back(about["intercepts"][s].get<double>());
    for (const Json& column : about["columns"]) unknowns.push_back(column["weights"][s].get<double>());
  }
  return unknowns;
}

TEST(Logistic, ATinyCaseSolvedByHand) {
  // At x = +1 three of four rise, at −1 one of four: by symmetry the intercept is 0, and the weight solves
  // σ(w) − 3/4 + l2·w = 0. For w = 0.5 the penalty must be (3/4 − σ(0.5)) / 0.5.
  const Rows rows{{1, 1, 1, 1, -1, -1, -1, -1}, {1, 1, 1, 0, 0, 0, 0, 1}, 1, 2};
  const double l2 = (0.75 - 1 / (1 + std::exp(-0.5))) / 0.5;
  const auto trained = train("logistic", fmt::format("{{l2: {}}}", l2), rows.request());
  ASSERT_TRUE(trained);
  const auto model = load("logistic", trained->bytes);
  ASSERT_TRUE(model);
  const auto unknowns = unknowns_of(**model);
  EXPECT_NEAR(unknowns[0], 0, 1e-12);
  EXPECT_NEAR(unknowns[1], 0.5, 1e-12);
  EXPECT_NEAR(predict_one(**model, {1})[1], 1 / (1 + std::exp(-0.5)), 1e-12);
  EXPECT_NEAR(predict_one(**model, {kNan})[1], 0.5, 1e-12) << "a missing value is the mean";
}

TEST(Logistic, WithoutASignalTheProbabilitiesAreTheShares) {
  // 6, 4 and 2 of 12; the column is balanced within each class, so it can tell nothing.
  Rows rows{{}, {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2}, 1, 3};
  for (int i = 0; i < 12; ++i) rows.values.push_back(i % 2 == 0 ? 5 : 7);
  const auto trained = train("logistic", "{}", rows.request());
  ASSERT_TRUE(trained);
  const auto model = load("logistic", trained->bytes);
  const auto p = predict_one(**model, {7});
  EXPECT_NEAR(p[0], 6.0 / 12, 1e-10);
  EXPECT_NEAR(p[1], 4.0 / 12, 1e-10);
  EXPECT_NEAR(p[2], 2.0 / 12, 1e-10);
  const auto unknowns = unknowns_of(**model);
  EXPECT_NEAR(unknowns[0] + unknowns[2] + unknowns[4], 0, 1e-10)
      << "of all optima the one whose intercepts cancel";
}

TEST(Logistic, AgreesWithSlowGradientDescent) {
  for (const int classes : {2, 3}) {
    const Rows rows = noisy_rows(80, 4, classes, 11);
    const auto scaled = standardise(rows);
    const LogisticProblem problem{{scaled, rows.count(), rows.columns}, rows.labels, classes, 0.05};
    const auto expected = descend(problem, 4000, 0.8L);
    const auto trained = train("logistic", "{l2: 0.05, tolerance: 1.0e-13}", rows.request());
    ASSERT_TRUE(trained);
    EXPECT_TRUE(trained->report["converged"]);
    const auto model = load("logistic", trained->bytes);
    ASSERT_TRUE(model);
    const auto found = unknowns_of(**model);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < found.size(); ++k)
      EXPECT_NEAR(found[k], expected[k], 1e-9) << classes << " " << k;
  }
}

TEST(Logistic, TheGradientIsThatOfTheLossAndVanishesAtTheOptimum) {
  for (const int classes : {2, 3}) {
    const Rows rows = noisy_rows(60, 3, classes, 3);
    const auto scaled = standardise(rows);
    const LogisticProblem problem{{scaled, rows.count(), rows.columns}, rows.labels, classes, 0.02};
    std::vector<double> at(problem.unknowns()), gradient;
    Random random(1);
    for (double& value : at) value = random.normal();
    logistic_loss(problem, at, &gradient);
    for (std::size_t k = 0; k < at.size(); ++k) {
      auto above = at, below = at;
      above[k] += 1e-5;
      below[k] -= 1e-5;
      const double slope =
          (logistic_loss(problem, above, nullptr) - logistic_loss(problem, below, nullptr)) / 2e-5;
      EXPECT_NEAR(gradient[k], slope, 1e-8) << classes << " " << k;
    }
    const auto solution = solve_logistic(problem, {100, 1e-12, {}}, {});
    logistic_loss(problem, solution.unknowns, &gradient);
    for (const double part : gradient) EXPECT_NEAR(part, 0, 1e-12);
  }
}

TEST(Logistic, SeparableClassesStillHaveAnOptimum) {
  Rows rows{{}, {}, 1, 2};
  for (int i = 0; i < 100; ++i) rows.values.push_back(i), rows.labels.push_back(i >= 50);
  const auto trained = train("logistic", "{l2: 1.0e-8, max_iterations: 1000}", rows.request());
  ASSERT_TRUE(trained);
  EXPECT_TRUE(trained->report["converged"]) << trained->report;
  const auto model = load("logistic", trained->bytes);
  EXPECT_LT(predict_one(**model, {49})[1], 0.5);
  EXPECT_GT(predict_one(**model, {50})[1], 0.5);
}

TEST(Logistic, ConstantColumnsMissingColumnsAndInfinitiesDoNoHarm) {
  Rows rows = noisy_rows(200, 4, 2, 5);
  for (std::size_t r = 0; r < rows.count(); ++r) rows.values[r * 4 + 2] = 0.1, rows.values[r * 4 + 3] = kNan;
  rows.values[0] = kInf;
  rows.values[4] = -kInf;
  const auto trained = train("logistic", "{}", rows.request());
  ASSERT_TRUE(trained) << trained.error().message;
  const auto model = load("logistic", trained->bytes);
  ASSERT_TRUE(model);
  const auto unknowns = unknowns_of(**model);
  EXPECT_EQ(unknowns[3], 0);
  EXPECT_EQ(unknowns[4], 0);
  for (const double value : {kNan, kInf, -kInf, 1e308, -1e308, 5e-324}) {
    for (const double p : predict_one(**model, {value, value, value, value}))
      EXPECT_TRUE(p >= 0 && p <= 1) << value;
  }
}

TEST(Logistic, FrozenRoundsAreThatManySteps) {
  const Rows rows = noisy_rows(300, 5, 2, 9);
  auto request = rows.request();
  request.frozen_rounds = 3;
  EXPECT_EQ(train("logistic", "{}", request)->rounds, 3);
  request.frozen_rounds = 40;
  const auto more = train("logistic", "{}", request);
  EXPECT_EQ(more->rounds, 40);
  EXPECT_TRUE(more->report["converged"]) << "steps past the optimum stay there";
}

TEST(Logistic, TextThatIsNotAsWrittenIsCorrupt) {
  const std::string good = train("logistic", "{}", noisy_rows(50, 2, 3, 2).request())->bytes;
  ASSERT_TRUE(load("logistic", good));
  const Json json = Json::parse(good);
  std::vector<std::string> bad = {"", "{}", "[]", "7", good + "\n", good.substr(0, good.size() - 1)};
  for (const auto* key : {"classes", "columns", "unknowns", "format"}) {
    Json without = json, wrong = json;
    without.erase(key);
    wrong[key] = nullptr;
    bad.push_back(without.dump());
    bad.push_back(wrong.dump());
  }
  Json shorter = json, negative = json, huge = json, wordy = json;
  shorter["unknowns"].erase(0);
  negative["columns"][0]["scale"] = -1.0;
  huge["unknowns"][0] = 1e300;
  wordy["columns"][0]["note"] = "x";
  for (const Json& each : {shorter, negative, huge, wordy}) bad.push_back(each.dump());
  for (const std::string& bytes : bad) {
    const auto model = load("logistic", bytes);
    ASSERT_FALSE(model) << bytes;
    EXPECT_EQ(model.error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace pawl::models
