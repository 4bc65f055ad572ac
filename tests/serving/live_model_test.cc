// The version that answers, and what it answers.
#include "serving/live_model.h"

#include <gtest/gtest.h>

#include <thread>

#include "domain/feature_frame.h"

namespace pawl::serving {
namespace {

// Answers what it was made with.
class Fixed final : public models::Model {
 public:
  explicit Fixed(std::vector<double> answer) : answer_(std::move(answer)) {}
  int classes() const override { return static_cast<int>(answer_.size()); }
  std::size_t columns() const override { return 2; }
  void predict(const models::Matrix&, std::span<double> probabilities) const override {
    std::copy(answer_.begin(), answer_.end(), probabilities.begin());
  }
  Json describe() const override { return Json::object(); }

 private:
  std::vector<double> answer_;
};

std::shared_ptr<registry::LoadedVersion> version(std::int64_t number, std::vector<double> judged) {
  auto loaded = std::make_shared<registry::LoadedVersion>();
  loaded->bundle.line = "a/B";
  loaded->bundle.number = {number};
  loaded->judged = std::make_unique<Fixed>(std::move(judged));
  return loaded;
}

const std::vector<double> kRow = {1.5, -2};
constexpr judging::SignalRule kEdge = {.kind = judging::SignalRule::Kind::edge, .min_edge = 0.02};

TEST(Predict, TellsProbabilitiesSideVersionAndDigestOfTheRow) {
  const Prediction prediction = predict(*version(7, {0.4, 0.6}), kRow, kEdge);
  EXPECT_EQ(prediction.line, "a/B");
  EXPECT_EQ(prediction.version.value, 7);
  EXPECT_EQ(prediction.p_up, 0.6);
  EXPECT_EQ(prediction.p_down, 0.4);
  EXPECT_EQ(prediction.side, Side::buy);
  EXPECT_EQ(prediction.features_digest, row_digest(kRow));
}

TEST(Predict, HoldsWhereTheRuleSaysSo) {
  EXPECT_EQ(predict(*version(1, {0.49, 0.51}), kRow, kEdge).side, Side::hold);
  EXPECT_EQ(predict(*version(1, {0.55, 0.45}), kRow, kEdge).side, Side::sell);
  constexpr judging::SignalRule top = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.45};
  const Prediction hold = predict(*version(1, {0.3, 0.5, 0.2}), kRow, top);
  EXPECT_EQ(hold.side, Side::hold);
  EXPECT_EQ(hold.p_down, 0.3);
  EXPECT_EQ(hold.p_up, 0.2) << "of three classes the middle one is HOLD";
}

TEST(Predict, AnswersWithTheServingArtifactWhereThereIsOne) {
  auto loaded = version(3, {0.9, 0.1});
  loaded->serving = std::make_unique<Fixed>(std::vector<double>{0.2, 0.8});
  EXPECT_EQ(predict(*loaded, kRow, kEdge).side, Side::buy);
}

TEST(LiveModel, ServesNothingUntilSomethingIsPublished) {
  LiveModel live;
  EXPECT_EQ(live.get(), nullptr);
  live.publish(version(1, {0.4, 0.6}));
  EXPECT_EQ(live.get()->bundle.number.value, 1);
}

TEST(LiveModel, KeepsAVersionAliveForWhoStillReadsIt) {
  LiveModel live;
  live.publish(version(1, {0.4, 0.6}));
  const LiveModel::Handle old = live.get();
  live.publish(version(2, {0.6, 0.4}));
  EXPECT_EQ(predict(*old, kRow, kEdge).version.value, 1);
  EXPECT_EQ(predict(*live.get(), kRow, kEdge).version.value, 2);
  EXPECT_EQ(old.use_count(), 1) << "the reader is the last that holds it";
}

TEST(LiveModel, NeverShowsAReaderHalfASwap) {
  LiveModel live;
  // A version whose number and answer belong together.
  const auto numbered = [](std::int64_t number) {
    const double p_up = static_cast<double>(number % 50) / 100 + 0.25;
    return version(number, {1 - p_up, p_up});
  };
  live.publish(numbered(0));
  std::vector<std::jthread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&live](const std::stop_token& stop) {
      std::int64_t last = 0;
      while (!stop.stop_requested()) {
        const Prediction prediction = predict(*live.get(), kRow, kEdge);
        ASSERT_GE(prediction.version.value, last) << "a reader never goes back";
        last = prediction.version.value;
        ASSERT_EQ(prediction.p_up, static_cast<double>(last % 50) / 100 + 0.25);
      }
    });
  }
  for (std::int64_t number = 1; number <= 2000; ++number) live.publish(numbered(number));
}

}  // namespace
}  // namespace pawl::serving
