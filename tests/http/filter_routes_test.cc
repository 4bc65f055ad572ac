// C1–C6: a dashboard and a bot with a trade filter.
#include "http/routes/filter.h"

#include <gtest/gtest.h>

#include "api_rig.h"
#include "http/routes/ml_config.h"
#include "loop/trade_rig.h"

namespace pawl::http {
namespace {

using test::HttpAnswer;

Json signal_json(const TradeSignal& signal) {
  Json indicators = Json::object();
  for (std::size_t i = 0; i < kTradeIndicators.size(); ++i) {
    indicators[std::string(kTradeIndicators[i])] = signal.indicators[i];
  }
  return {{"id", signal.id},
          {"symbol", signal.symbol},
          {"side", side_name(signal.side)},
          {"entry_price", signal.entry_price},
          {"time", format_time(signal.at)},
          {"indicators", std::move(indicators)}};
}
Json close_json(const TradeClose& close) {
  return {{"id", close.id},
          {"exit_price", close.exit_price},
          {"pnl_pct", close.pnl_pct},
          {"profitable", close.profitable},
          {"time", format_time(close.at)}};
}

struct FilterRoutes : testing::Test {
  // Auto-retraining off: what begins here is asked for.
  ApiRig rig{loop::trade_recipe({{"trades.ml_auto_retrain", "false"}})};
  BarSeries bars = loop::one_way_bars(200);

  // Hours [from, to) of a bot's life.
  void live(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
      rig.push(bars, i, i + 1);
      const Json answer = rig.post_json("/api/ml/signal", signal_json(loop::signal_at(bars, i)));
      EXPECT_TRUE(answer["allow"].is_boolean()) << answer;
      if (i >= 2) {
        EXPECT_EQ(rig.post_json("/api/ml/trade/close", close_json(loop::close_at(bars, i - 2, i)))["success"],
                  true);
      }
    }
  }
};

TEST_F(FilterRoutes, TrainWhenThereAreEnoughTrades) {
  live(0, 12);
  const HttpAnswer few = rig.post("/api/ml/train", Json::object());
  EXPECT_EQ(few.status, 400);
  EXPECT_EQ(few.body, R"({"error":"Not enough samples for retraining: 10/20"})");
  live(12, 52);
  const Json trained = rig.post_json("/api/ml/train", {{"training_data_path", "data/training_data.csv"},
                                                       {"model_path", "models/ml_signal_model.pkl"}});
  EXPECT_EQ(trained["success"], true);
  EXPECT_EQ(trained["version"], "v000001");
  EXPECT_EQ(trained["model_path"], "models/ml_signal_model.pkl");
  // Fifty closed trades, of which the newest fifth judges; what had not closed when that began is left out.
  EXPECT_GE(trained["samples"], 47);
  EXPECT_LE(trained["samples"], 50);
  for (const char* score : {"accuracy", "precision", "recall"})
    EXPECT_TRUE(trained[score].is_number()) << trained;
  const Json run = rig.get_json("/api/v1/runs/1")["document"];
  EXPECT_EQ(trained["accuracy"], run["challenger"]["scores"]["accuracy"]);
  // The market only rises: whoever sells loses.
  rig.push(bars, 52, 54);
  const Json sell = rig.post_json("/api/ml/signal", signal_json(loop::signal_at(bars, 53)));
  EXPECT_EQ(sell["version"], "v000001");
  EXPECT_EQ(sell["allow"], false);
  EXPECT_LT(sell["p_profit"], 0.5);
}

TEST_F(FilterRoutes, TakeNoPathFromOutside) {
  for (const char* path : {"../secrets", "/etc/passwd", "data\\x.csv", "other.csv", ""}) {
    EXPECT_EQ(rig.post("/api/ml/train", {{"training_data_path", path}}).status, 400) << path;
    EXPECT_EQ(rig.post("/api/ml/train", {{"model_path", path}}).status, 400) << path;
  }
  EXPECT_EQ(rig.post("/api/ml/train", {{"model_path", std::string("a\0b", 3)}}).status, 400);
  EXPECT_EQ(rig.post("/api/ml/train", {{"model", "x"}}).status, 400);
}

TEST_F(FilterRoutes, AnswerTheSameReportTwice) {
  rig.push(bars, 0, 10);
  const Json signal = signal_json(loop::signal_at(bars, 9));
  const Json first = rig.post_json("/api/ml/signal", signal);
  EXPECT_EQ(first["duplicate"], false);
  const Json again = rig.post_json("/api/ml/signal", signal);
  EXPECT_EQ(again["duplicate"], true);
  EXPECT_EQ(again["number"], first["number"]);
  Json other = signal;
  other["entry_price"] = 7;
  EXPECT_EQ(rig.post("/api/ml/signal", other).status, 409);
  rig.push(bars, 10, 13);
  const Json close = close_json(loop::close_at(bars, 9, 12));
  EXPECT_EQ(rig.post_json("/api/ml/trade/close", close)["duplicate"], false);
  EXPECT_EQ(rig.post_json("/api/ml/trade/close", close)["duplicate"], true);
  Json never = close;
  never["id"] = "never";
  EXPECT_EQ(rig.post("/api/ml/trade/close", never).status, 404);
  Json far = signal_json(loop::signal_at(bars, 12));
  far["time"] = "2199-01-01T00:00:00Z";
  EXPECT_EQ(rig.post("/api/ml/signal", far).status, 400) << "the loop's clock would go there";
  far["time"] = nullptr;
  far["indicators"].erase("rsi");
  const HttpAnswer missing = rig.post("/api/ml/signal", far);
  EXPECT_EQ(missing.body, R"({"error":"indicators.rsi: is missing"})");
}

TEST_F(FilterRoutes, TakeTradesInTheWordsOfTheTradeFiles) {
  rig.push(bars, 0, 10);
  const TradeSignal signal = loop::signal_at(bars, 9);
  Json open = market::to_json(market::TradeEvent(signal));
  EXPECT_EQ(rig.post_json("/api/v1/trades", open)["allowed"], true);
  rig.push(bars, 10, 13);
  const Json close = market::to_json(market::TradeEvent(loop::close_at(bars, 9, 12)));
  Json unknown = close;
  unknown["id"] = "unknown";
  const Json several = rig.post_json("/api/v1/trades", Json::array({close, unknown, open}));
  EXPECT_EQ(several["items"][0]["closed"], true);
  EXPECT_EQ(several["items"][1]["code"], "not_found");
  EXPECT_EQ(several["items"][2]["duplicate"], true);
  open["colour"] = "red";
  EXPECT_EQ(rig.post("/api/v1/trades", Json::array({close, open})).status, 400);
}

TEST_F(FilterRoutes, TakeBarsAgainAndNoForeignOnes) {
  rig.push(bars, 0, 10);
  EXPECT_EQ(rig.post_json("/api/v1/bars", ApiRig::body_of(bars, 5, 11))["duplicates"], 5);
  EXPECT_EQ(rig.post("/api/v1/bars", ApiRig::body_of(bars, 15, 16)).status, 409);
}

TEST_F(FilterRoutes, KeepTheConfiguration) {
  const Json before = rig.get_json("/api/ml/config");
  EXPECT_EQ(before["config"]["ml_retrain_frequency_days"], 2);
  EXPECT_EQ(before["pending"], false);
  const Json saved =
      rig.post_json("/api/ml/config", {{"ml_auto_retrain", true}, {"ml_min_training_samples", 200}});
  EXPECT_EQ(saved["changed"]["ml_min_training_samples"], (Json{{"from", 50}, {"to", 200}}));
  EXPECT_NE(saved["takes_effect"].get<std::string>().find("started again"), std::string::npos);
  EXPECT_EQ(rig.get_json("/api/ml/config")["config"]["ml_auto_retrain"], true);
  EXPECT_EQ(rig.get_json("/api/ml/config")["in_force"]["ml_auto_retrain"], false);
  // As the next process loads it.
  const auto set = ml_config_overrides(*rig.open_store(true));
  ASSERT_TRUE(set.has_value());
  const recipe::Recipe next = loop::trade_recipe(*set);
  EXPECT_TRUE(next.trades.auto_retrain);
  EXPECT_EQ(next.trades.min_training_samples, 200);
  for (const Json& wrong : {Json{{"ml_min_training_samples", 20}}, Json{{"ml_min_training_samples", "100"}},
                            Json{{"ml_model_path", "../x"}}, Json{{"ml_retrain_frequency", "hourly"}},
                            Json{{"ml_colour", 1}}, Json{{"allow_at", 0.1}}, Json::object(), Json::array()}) {
    const HttpAnswer refused = rig.post("/api/ml/config", wrong);
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_TRUE(parse_json(refused.body)->contains("error"));
  }
}

TEST(NoFilter, IsSaidByEveryRouteOfTheFilter) {
  const ApiRig rig(loop::rig_recipe());
  for (const char* path : {"/api/ml/config", "/api/ml/train", "/api/ml/signal", "/api/ml/trade/close"}) {
    const HttpAnswer answer = rig.post(path, Json::object());
    EXPECT_EQ(answer.status, 409) << path;
    EXPECT_NE(answer.body.find("has no `trades` section"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(rig.get("/api/ml/config").status, 409);
}

}  // namespace
}  // namespace pawl::http
