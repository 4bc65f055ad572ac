// The lines that users grep: A3, B9, E1, E10. Each test is a table: an event, what was known at it, the
// lines.
#include "mirrors/log_lines.h"

#include <gtest/gtest.h>

#include "mirrors/made_store.h"
#include "mirrors/names.h"

namespace pawl::mirrors {
namespace {

using Lines = std::vector<std::string>;

const TimeMs kNoon = test::kWalkStart + 12 * kHourMs;
constexpr const char* kAt = "2024-01-01T12:00:00Z ";

Event event_of(const std::string& kind, const std::string& line) {
  return {.ingest_seq = 1, .known_at = kNoon, .kind = kind, .line = line};
}

Lines timed(Lines lines) {
  for (std::string& line : lines) line.insert(0, kAt);
  return lines;
}

LineFindings findings(const LineId& line, const std::string& verdict, double new_accuracy,
                      double old_accuracy, const std::vector<std::string>& reasons = {}) {
  LineFindings found;
  found.line = line;
  found.verdict = verdict;
  found.champion = "v000001";
  found.challenger = "v000002";
  found.challenger_scores = {{"accuracy", new_accuracy}};
  found.champion_scores = {{"accuracy", old_accuracy}};
  found.reasons = reasons;
  found.train_rows = 150;
  return found;
}

RunFindings run_of(const std::vector<LineFindings>& by_line) {
  RunFindings run;
  run.id = 7;
  run.completed = true;
  for (const LineFindings& line : by_line) run.lines.push_back(line.line);
  run.by_line = by_line;
  return run;
}

Lines lines_of_run(const recipe::Recipe& recipe, const RunFindings& run,
                   const std::string& kind = "verdict") {
  return log_lines(event_of(kind, run.lines.front()), Json::object(),
                   {.recipe = recipe, .state = LogState(), .run = &run});
}

const std::string kNoTriggers = "auto_training: {enabled: false}\n";

TEST(LogLines, A3_AGroupTellsEveryPairAndTheQuorumOnce) {
  const recipe::Recipe recipe = test::made_recipe("group: true\n", "[EUR_USD, GBP_USD, USD_JPY, AUD_USD]");
  const std::string quorum = "2/4 improved → deploy";
  const Lines lines = lines_of_run(
      recipe,
      run_of({findings("made/EUR_USD", "promote", 0.6, 0.5, {"EUR_USD: +3.5 % improved", quorum}),
              findings("made/GBP_USD", "keep", 0.6, 0.5, {"GBP_USD: +1.8 % (below 2 % threshold)", quorum}),
              // The gate tells the quorum first where it decided against the line's own finding.
              findings("made/USD_JPY", "keep", 0.6, 0.5, {quorum, "USD_JPY: +2.1 % improved"}),
              findings("made/AUD_USD", "insufficient", 0.6, 0.5,
                       {"AUD_USD: counts as not improved (100 judged rows, 200 are needed)", quorum})}));
  EXPECT_EQ(
      lines,
      timed({"EUR_USD: +3.5 % improved", "GBP_USD: +1.8 % (below 2 % threshold)", "USD_JPY: +2.1 % improved",
             "AUD_USD: counts as not improved (100 judged rows, 200 are needed)", "2/4 improved → deploy"}));
}

TEST(LogLines, B9_ATriggerStartsARetrain) {
  const recipe::Recipe recipe = test::made_recipe(kNoTriggers);
  const LogContext context{.recipe = recipe, .state = LogState()};
  const auto lines = [&](const std::string& trigger) {
    return log_lines(event_of("trigger", "made/BTC_USDT"),
                     {{"trigger", trigger}, {"lines", {"made/BTC_USDT"}}, {"run", 7}, {"reason", "…"}},
                     context);
  };
  EXPECT_EQ(lines("win_rate"),
            timed({"Performance degraded for BTC/USDT, scheduling retrain",
                   "Starting background retrain for BTC/USDT", "Training model (50 rounds)"}));
  EXPECT_EQ(lines("age"), timed({"Starting background retrain for BTC/USDT", "Training model (50 rounds)"}));
  EXPECT_EQ(log_lines(event_of("fetch", "BTC_USDT"), {{"symbol", "BTC_USDT"}, {"days", 180}}, context),
            timed({"Downloading 180 days of historical data"}));
}

TEST(LogLines, B9_ARunThatIsDeployedOrKept) {
  const recipe::Recipe recipe = test::made_recipe(kNoTriggers);
  EXPECT_EQ(lines_of_run(recipe, run_of({findings("made/BTC_USDT", "promote", 0.584, 0.571)})),
            timed({"New model accuracy: 58.4%", "Old model accuracy: 57.1%",
                   "New model saved for BTC/USDT (accuracy: 58.4%)", "Retrain completed for BTC/USDT"}));
  EXPECT_EQ(lines_of_run(recipe, run_of({findings("made/BTC_USDT", "keep", 0.5, 0.571)})),
            timed({"New model accuracy: 50.0%", "Old model accuracy: 57.1%",
                   "Keeping existing model for BTC/USDT", "Retrain completed for BTC/USDT"}));
}

TEST(LogLines, B9_EpochsAreToldOnlyWhereTheModelHasThem) {
  const recipe::Recipe recipe = test::made_recipe(kNoTriggers);
  LineFindings found = findings("made/BTC_USDT", "keep", 0.5, 0.5);
  found.training = {{"epochs", {{{"val_accuracy", 0.571}}, {{"val_accuracy", 0.584}}}}};
  const Lines lines = lines_of_run(recipe, run_of({found}));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0], std::string(kAt) + "Epoch 1/2 | Val Accuracy: 57.1%");
  EXPECT_EQ(lines[1], std::string(kAt) + "Epoch 2/2 | Val Accuracy: 58.4%");
}

TEST(LogLines, B8_AFailedRunIsToldInOneLine) {
  const recipe::Recipe recipe = test::made_recipe(kNoTriggers);
  RunFindings run;
  run.lines = {"made/BTC_USDT"};
  run.failure = "the disk\nis full";
  EXPECT_EQ(lines_of_run(recipe, run, "run_failed"),
            timed({"Retrain failed for BTC/USDT, the old model goes on: the disk is full"}));
}

const std::string kCollector = "files: {collection: data_collected, current_model: 'models/{symbol}.bin'}\n";

TEST(LogLines, E1_E10_TheCollectorsLines) {
  const recipe::Recipe recipe =
      test::made_recipe(kCollector + "triggers: [{kind: age, max_age_days: 1}]\n", "[QQQ]");
  const LogState state;
  LogContext context{.recipe = recipe, .state = state, .first = true};
  EXPECT_EQ(log_lines(event_of("bar", "QQQ"), {{"close", 515.23}}, context),
            timed({"Data logger initialized", "Retraining scheduler started"}));
  context.first = false;
  EXPECT_EQ(log_lines(event_of("bar", "QQQ"), {{"close", 515.23}}, context), Lines{});
  const Prediction prediction{.line = "made/QQQ", .symbol = "QQQ", .p_up = 0.625};
  context.prediction = &prediction;
  context.price = 515.23;
  EXPECT_EQ(log_lines(event_of("prediction", "made/QQQ"), {{"id", 1}}, context),
            timed({"Logged prediction: QQQ @ 515.23 = 1"}));
  EXPECT_EQ(log_lines(event_of("trigger", "made/QQQ"), {{"lines", {"made/QQQ"}}}, context),
            timed({"Starting model retraining..."}));
  EXPECT_EQ(log_lines(event_of("deferred", "made/QQQ"), {{"lines", {"made/QQQ"}}}, context),
            timed({"Not enough data for retraining"}));
}

TEST(LogLines, E10_ARunThatIsDeployedOrKept) {
  const recipe::Recipe recipe = test::made_recipe(kCollector, "[QQQ]");
  EXPECT_EQ(lines_of_run(recipe, run_of({findings("made/QQQ", "promote", 0.68, 0.6)})),
            timed({"Training samples: 150", "Test Accuracy: 0.68", "Model saved: models/QQQ.bin",
                   "Retraining completed successfully"}));
  EXPECT_EQ(lines_of_run(recipe, run_of({findings("made/QQQ", "keep", 0.5, 0.6)})),
            timed({"Training samples: 150", "Test Accuracy: 0.50",
                   "Retraining completed, the existing model stays"}));
}

TEST(LogLines, ARecipePrintsTheFamiliesThatItIsOf) {
  EXPECT_FALSE(log_families(test::made_recipe("")).any());
  EXPECT_TRUE(log_families(test::made_recipe("group: true\n")).group);
  EXPECT_TRUE(log_families(test::made_recipe(kNoTriggers)).auto_training);
  EXPECT_TRUE(log_families(test::made_recipe("quotes: {polling_interval_s: 60}\n")).collector);
  const recipe::Recipe all = test::made_recipe("group: true\n" + kCollector + kNoTriggers);
  EXPECT_EQ(
      lines_of_run(all, run_of({findings("made/BTC_USDT", "keep", 0.5, 0.5, {"BTC/USDT: -1 %"})})).size(),
      1u + 4u + 3u);
}

// B9: the line of state, as the stream brings it about.
class Heartbeats : public testing::Test {
 protected:
  Lines take(const std::string& kind, const std::string& line, TimeMs at, const Json& payload,
             std::optional<TimeMs> predicted_at = std::nullopt) {
    const Event event{.known_at = at, .kind = kind, .line = line};
    LogContext context{.recipe = recipe_, .state = state_};
    context.heartbeats = state_.apply(event, payload, predicted_at, recipe_);
    Lines lines = log_lines(event, payload, context);
    std::erase_if(lines, [](const std::string& one) { return one.find("Heartbeat") == std::string::npos; });
    return lines;
  }
  recipe::Recipe recipe_ =
      test::made_recipe("auto_training: {enabled: true}\nfiles: {heartbeat_minutes: 5}\n");
  LogState state_;
};

TEST_F(Heartbeats, B9_TellPriceCandlesSignalsAndLastRetrain) {
  const std::string line = "made/BTC_USDT";
  EXPECT_EQ(take("bar", "BTC_USDT", kNoon, {{"close", 43256.5}}),
            timed({"Heartbeat | Price: $43,256.50 | Candles: 1 | Signals: 0 | Win Rate: n/a | Needs Retrain: "
                   "False | Last Retrain: n/a"}));
  EXPECT_EQ(take("bar", "BTC_USDT", kNoon + kMinuteMs, {{"close", 43000}}), Lines{})
      << "not five minutes yet";
  for (int i = 0; i < 40; ++i)
    take("outcome", line, kNoon + kMinuteMs, {{"correct", i < 23}, {"side", "BUY"}}, kNoon);
  take("outcome", line, kNoon + kMinuteMs, {{"correct", false}, {"side", "HOLD"}}, kNoon);
  take("deferred", line, kNoon + kMinuteMs, {{"lines", {line}}});
  EXPECT_EQ(take("tick", "", kNoon + 5 * kMinuteMs, Json::object()),
            Lines{"2024-01-01T12:05:00Z Heartbeat | Price: $43,000.00 | Candles: 2 | Signals: 40 | Win Rate: "
                  "57.5% | Needs Retrain: True | Last Retrain: n/a"})
      << "23 of 40; holding is no signal, and a clock's tick will do";

  const TimeMs retrained = kNoon + 6 * kMinuteMs;
  take("verdict", line, retrained, {{"champion", "v000000"}, {"challenger", "v000001"}});
  take("outcome", line, retrained, {{"correct", true}, {"side", "BUY"}}, kNoon);
  take("outcome", line, retrained, {{"correct", true}, {"side", "SELL"}}, retrained);
  EXPECT_EQ(take("bar", "BTC_USDT", kNoon + 10 * kMinuteMs, {{"close", 43256.5}}),
            Lines{"2024-01-01T12:10:00Z Heartbeat | Price: $43,256.50 | Candles: 3 | Signals: 1 | Win Rate: "
                  "100.0% | Needs Retrain: False | Last Retrain: 2024-01-01"})
      << "what the model before had predicted counts no more";
}

TEST_F(Heartbeats, TheStateSurvivesARestart) {
  take("bar", "BTC_USDT", kNoon, {{"close", 43256.5}});
  take("outcome", "made/BTC_USDT", kNoon, {{"correct", true}, {"side", "BUY"}}, kNoon);
  take("verdict", "made/BTC_USDT", kNoon, {{"champion", "v000000"}, {"challenger", "v000001"}});
  const auto again = LogState::from_json(state_.to_json());
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->to_json(), state_.to_json());
  EXPECT_EQ(again->of("made/BTC_USDT").candles, 1);
  EXPECT_FALSE(LogState::from_json(Json::object()));
}

TEST(Names, PricesAreReadable) {
  EXPECT_EQ(grouped(43256.5, 2), "43,256.50");
  EXPECT_EQ(grouped(1234567, 0), "1,234,567");
  EXPECT_EQ(grouped(-1234.5, 1), "-1,234.5");
  EXPECT_EQ(grouped(999, 2), "999.00");
  EXPECT_EQ(price_digits(1.08345), 5);
}

}  // namespace
}  // namespace pawl::mirrors
