#include "models/model_support.h"

namespace pawl::models {
namespace {

std::unique_ptr<Model> rules(std::string_view yaml, int classes = 2) {
  TrainRequest request;
  request.classes = classes;
  const auto trained = train("rules", yaml, request);
  EXPECT_TRUE(trained) << trained.error().message;
  auto model = load("rules", trained->bytes);
  EXPECT_TRUE(model) << model.error().message;
  return std::move(*model);
}

TEST(Rules, TrendFollowsTheFastAverageAndRevertLeansAgainstIt) {
  const auto trend = rules("{rule: trend, edge: 0.05}");
  EXPECT_EQ(predict_one(*trend, {1.01}), (std::vector{0.45 - 5e-17, 0.55}));
  EXPECT_EQ(predict_one(*trend, {0.99})[1], 0.45);
  const auto revert = rules("{rule: revert, edge: 0.05}");
  EXPECT_EQ(predict_one(*revert, {1.01})[1], 0.45);
  EXPECT_EQ(predict_one(*revert, {0.99})[1], 0.55);
}

TEST(Rules, EqualAveragesCountAsUpAndMissingOnesAsNoSide) {
  for (const auto* rule : {"{rule: trend}", "{rule: revert}"}) {
    const auto model = rules(rule);
    EXPECT_EQ(predict_one(*model, {1.0})[1], 0.55) << rule;
    EXPECT_EQ(predict_one(*model, {kNan}), (std::vector{0.5, 0.5})) << rule;
  }
}

TEST(Rules, WithThreeClassesASideAlwaysLeadsOnceWarm) {
  for (const auto* edge :
       {"{edge: 0.001, classes: 3}", "{edge: 0.05, classes: 3}", "{edge: 0.499, classes: 3}"}) {
    const auto model = rules(edge);
    const auto down = predict_one(*model, {0.9}), up = predict_one(*model, {1.1}),
               cold = predict_one(*model, {kNan});
    EXPECT_GE(down[0], 0.45);
    EXPECT_GT(down[0], std::max(down[1], down[2]));
    EXPECT_GE(up[2], 0.45);
    EXPECT_GT(up[2], std::max(up[0], up[1]));
    EXPECT_GT(cold[1], std::max(cold[0], cold[2]));
    for (const auto& row : {down, up, cold}) EXPECT_DOUBLE_EQ(row[0] + row[1] + row[2], 1);
  }
}

TEST(Rules, HoldIsInWhenEitherTheRequestOrTheSettingHasIt) {
  EXPECT_EQ(rules("{}")->classes(), 2);
  EXPECT_EQ(rules("{}", 3)->classes(), 3);
  EXPECT_EQ(rules("{classes: 3}", 2)->classes(), 3);
}

TEST(Rules, ReadsTheRatioOfItsAverages) {
  EXPECT_EQ(rules_features(settings_of("rules")), (std::vector<std::string>{"ema(12)/ema(26)"}));
  EXPECT_EQ(rules_features(settings_of("rules", "{fast: 5, slow: 20}")),
            (std::vector<std::string>{"ema(5)/ema(20)"}));
  EXPECT_EQ(rules("{fast: 5, slow: 20}")->describe()["feature"], "ema(5)/ema(20)");
}

// C6: version 0 of a trade filter lets every signal through, whatever it is shown.
TEST(Rules, C6AllowLeansTowardsProfitOnEveryRow) {
  TrainRequest request;
  request.rows.columns = 9;
  const auto trained = train("rules", "{rule: allow, edge: 0.05}", request);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_EQ(trained->bytes,
            R"({"classes":2,"columns":9,"edge":0.05,"format":"pawl rules 1","rule":"allow"})");
  const auto model = load("rules", trained->bytes);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->columns(), 9u);
  EXPECT_EQ(predict_one(**model, std::vector<double>(9, 0.0))[1], 0.55);
  EXPECT_EQ(predict_one(**model, std::vector<double>(9, kNan))[1], 0.55);
  EXPECT_TRUE(rules_features(settings_of("rules", "{rule: allow}")).empty());
  EXPECT_FALSE(train("rules", "{rule: allow}", {})) << "of no rows at all";
  request.classes = 3;
  EXPECT_FALSE(train("rules", "{rule: allow}", request));
}

TEST(Rules, AFastAverageThatIsNotFasterIsRefused) {
  const auto trained = train("rules", "{fast: 26, slow: 26}", {});
  ASSERT_FALSE(trained);
  EXPECT_EQ(trained.error().code, ErrorCode::bad_config);
}

TEST(Rules, OnlyBytesAsTrainWritesThemLoad) {
  const std::string good = train("rules", "{}", {})->bytes;
  ASSERT_TRUE(load("rules", good));
  for (const std::string& bad :
       {std::string(), good + " ", good.substr(1), std::string("{}"), std::string("[]"), std::string("null"),
        std::string(
            R"({"classes":2,"edge":0.05,"fast":12,"format":"pawl rules 1","rule":"trend","slow":26,"x":1})"),
        std::string(
            R"({"classes":4,"edge":0.05,"fast":12,"format":"pawl rules 1","rule":"trend","slow":26})"),
        std::string(R"({"classes":2,"edge":0.5,"fast":12,"format":"pawl rules 1","rule":"trend","slow":26})"),
        std::string(
            R"({"classes":2,"edge":null,"fast":12,"format":"pawl rules 1","rule":"trend","slow":26})"),
        std::string(
            R"({"classes":2,"edge":0.05,"fast":30,"format":"pawl rules 1","rule":"trend","slow":26})"),
        std::string(R"({"classes":2,"edge":0.05,"format":"pawl rules 1","rule":"allow"})"),
        std::string(
            R"({"classes":2,"columns":9,"edge":0.05,"fast":1,"format":"pawl rules 1","rule":"allow"})")}) {
    const auto model = load("rules", bad);
    ASSERT_FALSE(model) << bad;
    EXPECT_EQ(model.error().code, ErrorCode::corrupt) << bad;
  }
}

}  // namespace
}  // namespace pawl::models
