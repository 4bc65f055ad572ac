// The answer as a MetaTrader EA reads it: with StringFind, not with a JSON parser. A9, A10.
#include "http/predict_answer.h"

#include <gtest/gtest.h>

#include "http/predict_bodies.h"
#include "http/predict_body.h"
#include "serving/fixed_version.h"
#include "support/walk_bars.h"

namespace pawl::http {
namespace {

using namespace test;
using serving::test::fixed_version;

const std::vector<std::string> kSpecs = {"rsi(14)", "ema(12)@H1/close-1", "atr(400)", "ret(3)@H4"};

std::string body_of(std::string_view more = {}) {
  const BarSeries m5 = pawl::test::walk_bars(1, 300, pawl::test::kWalkStart + 50 * kDayMs, kM5);
  const BarSeries h1 = pawl::test::walk_bars(2, 280, m5.open_time(0) - 260 * kHourMs, kH1);
  const BarSeries h4 = pawl::test::walk_bars(3, 260, m5.open_time(0) - 255 * 4 * kHourMs, kH4);
  return body_text(
      "EUR_USD",
      {{"ohlcv_m5", window_text(m5)}, {"ohlcv_h1", window_text(h1)}, {"ohlcv_h4", window_text(h4)}}, more);
}

std::string answer_to(std::vector<double> probabilities, std::string_view more = {}) {
  const auto version = fixed_version(std::move(probabilities), kSpecs, kM5);
  std::string body = body_of(more);
  PredictReader reader({});
  const auto posted = reader.read(body);
  EXPECT_TRUE(posted) << posted.error().message;
  serving::WindowPredictor predictor(
      {.base = kM5, .signal = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.45}});
  const auto made = predictor.predict(*version, **posted);
  EXPECT_TRUE(made) << made.error().message;
  return predict_answer(*version, **posted, *made);
}

// The seed's EA, word for word in what it looks for.
struct Ea {
  std::string text;
  std::string prediction() const {
    const std::size_t at = text.find("\"prediction\":\"");
    if (at == std::string::npos) return "";
    const std::size_t from = at + 14;
    return text.substr(from, text.find('"', from) - from);
  }
  double number_behind(std::string_view key, std::size_t from = 0) const {
    const std::size_t at = text.find(key, from);
    if (at == std::string::npos) return -1;
    const std::size_t begin = at + key.size();
    const std::string digits = text.substr(begin, text.find_first_of(",}", begin) - begin);
    const auto number = parse_json(digits);
    return number && number->is_number() ? number->get<double>() : -1;
  }
  double confidence() const { return number_behind("\"confidence\":"); }
  double probability(std::string_view side) const {
    return number_behind(fmt::format("\"{}\":", side), text.find("\"probabilities\":{"));
  }
  bool failed() const {
    return text.find("\"error\":") != std::string::npos || text.find("\"message\":\"") != std::string::npos;
  }
};

TEST(PredictAnswer, IsReadByTheEa) {
  const Ea ea{answer_to({0.05, 0.03, 0.92})};
  EXPECT_FALSE(ea.failed());
  EXPECT_EQ(ea.prediction(), "BUY");
  EXPECT_EQ(ea.confidence(), 0.92) << "the first one is the top level's";
  EXPECT_EQ(ea.probability("BUY"), 0.92);
  EXPECT_EQ(ea.probability("SELL"), 0.05);
  EXPECT_EQ(ea.probability("HOLD"), 0.03);
}

TEST(PredictAnswer, AWeakSignalIsHoldBecauseTheEaLooksAtNothingElse) {
  const std::string answer = answer_to({0.44, 0.26, 0.30});
  const Json json = *parse_json(answer);
  EXPECT_EQ(Ea{answer}.prediction(), "HOLD");
  EXPECT_EQ(json["raw_prediction"], "SELL");
  EXPECT_EQ(json["should_trade"], false);
  EXPECT_EQ(json["quality_filtered"], true);
  EXPECT_EQ(json["position_size_pct"], 0);
}

TEST(PredictAnswer, FieldsStandInTheirOrder) {
  const std::string answer = answer_to({0.05, 0.03, 0.92});
  std::size_t at = 0;
  for (const char* name : {"pair",
                           "model_pair",
                           "prediction",
                           "raw_prediction",
                           "confidence",
                           "probabilities",
                           "BUY",
                           "SELL",
                           "HOLD",
                           "quality_score",
                           "quality_components",
                           "confidence",
                           "trend",
                           "volatility",
                           "momentum",
                           "position_size_pct",
                           "quality_filtered",
                           "should_trade",
                           "timestamp",
                           "feature_count",
                           "candles_m5",
                           "candles_h1",
                           "candles_h4",
                           "candles_used",
                           "status",
                           "version",
                           "content_hash",
                           "history"}) {
    const std::size_t next = answer.find(fmt::format("\"{}\":", name), at);
    ASSERT_NE(next, std::string::npos) << name;
    EXPECT_TRUE(answer.substr(at, next - at).find("\":") == std::string::npos || at == 0 ||
                answer[next - 1] == ',' || answer[next - 1] == '{')
        << name;
    at = next + 1;
  }
  EXPECT_EQ(answer.find(": "), std::string::npos);
  EXPECT_EQ(answer.find(", "), std::string::npos);
  const Json json = *parse_json(answer);
  EXPECT_EQ(json.size(), 21u) << answer;
  EXPECT_EQ(json["pair"], "EUR_USD");
  EXPECT_EQ(json["model_pair"], "EUR_USD");
  EXPECT_EQ(json["feature_count"], 4);
  EXPECT_EQ(json["candles_m5"], 300);
  EXPECT_EQ(json["candles_h1"], 280);
  EXPECT_EQ(json["candles_h4"], 260);
  EXPECT_EQ(json["candles_used"], 299);
  EXPECT_EQ(json["status"], "success");
  EXPECT_EQ(json["version"], "v000012");
  EXPECT_EQ(json["history"], "window");
  EXPECT_EQ(json["timestamp"], "2024-02-21T00:55:00Z") << "the close of the last closed bar";
}

TEST(PredictAnswer, IsTheSameBytesEveryTime) {
  EXPECT_EQ(answer_to({0.05, 0.03, 0.92}), answer_to({0.05, 0.03, 0.92}));
}

TEST(PredictAnswer, ShowsItsFeaturesWhereAskedTo) {
  const std::string answer = answer_to({0.05, 0.03, 0.92}, R"(,"debug":true)");
  const Json json = *parse_json(answer);
  ASSERT_EQ(json["features"].size(), 4u);
  EXPECT_EQ(json["features"][0]["name"], "rsi(14)");
  EXPECT_TRUE(json["features"][0]["value"].is_number());
  EXPECT_TRUE(json["features"][2]["value"].is_null()) << "too few bars for atr(400)";
  EXPECT_EQ(answer.find("nan"), std::string::npos);
  EXPECT_FALSE(Ea{answer}.failed());
  EXPECT_EQ(answer.substr(0, answer.find(",\"features\"")) + "}", answer_to({0.05, 0.03, 0.92}));
}

TEST(PredictAnswer, AnErrorIsOneField) {
  EXPECT_EQ(predict_error("ohlcv_m5[3].high: \"x\""), R"({"error":"ohlcv_m5[3].high: \"x\""})");
  const std::vector<std::string> answers = {"{\"a\":1}", predict_error("no")};
  EXPECT_EQ(batch_answer(answers), R"({"results":[{"a":1},{"error":"no"}],"count":2})");
  EXPECT_EQ(batch_answer({}), R"({"results":[],"count":0})");
}

}  // namespace
}  // namespace pawl::http
