// D5, D6, D7, D8 and D11: the words that the clients of a daily retrained service know.
#include "http/routes/retraining.h"

#include <gtest/gtest.h>

#include "api_rig.h"

namespace pawl::http {
namespace {

using test::HttpAnswer;

recipe::Recipe daily(const loop::Sets& more = {}) {
  std::string text = loop::kRigRecipe;
  text +=
      "triggers: [{kind: cron, schedule: \"0 2 * * *\"}, {kind: cron, schedule: \"0 3 * * SUN\", full: "
      "true}]\n";
  text += "files: {current_model: models/prod_model.bin, backup_model: models/backup_model.bin}\n";
  auto loaded = recipe::load_recipe(text, "daily.yaml", {.set = more, .environment = {}});
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  return std::move(*loaded);
}

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

TEST(RetrainingRoutes, TellTriggerAndRollBack) {
  // Nothing passes this gate unless it is forced.
  ApiRig rig(daily({{"gate.policy", "better"}, {"gate.margin", "0.9"}}));
  const BarSeries bars = loop::rig_bars(900);
  const HttpAnswer early = rig.post("/api/ml/retraining/trigger", Json::object());
  EXPECT_EQ(early.status, 400);
  EXPECT_EQ(keys_of(*parse_json(early.body)), std::set<std::string>{"error"});
  rig.push(bars, 0, 900);

  ASSERT_TRUE(test::comes_true([&] { return rig.get_json("/api/ml/retraining/status")["running"] == true; }));
  const Json status = rig.get_json("/api/ml/retraining/status");
  EXPECT_EQ(keys_of(status),
            (std::set<std::string>{"backup_path", "current_metrics", "model_path", "next_retraining",
                                   "running", "scheduled_jobs", "training"}));
  EXPECT_EQ(status["model_path"], "models/prod_model.bin");
  EXPECT_EQ(status["backup_path"], "models/backup_model.bin");
  EXPECT_EQ(status["scheduled_jobs"].size(), 2u);
  EXPECT_EQ(status["scheduled_jobs"][1]["name"], "full retrain");
  EXPECT_EQ(keys_of(status["current_metrics"]),
            (std::set<std::string>{"accuracy", "cv_mean", "cv_std", "f1_score", "precision", "recall",
                                   "roc_auc", "version"}));

  std::atomic<bool> hold = true;
  rig.trainer.post(9, [&] { hold.wait(true); });
  const Json started = rig.post_json("/api/ml/retraining/trigger?force=true", Json::object());
  EXPECT_EQ(started["job_id"].get<std::string>().substr(0, 8), "retrain_");
  EXPECT_EQ(started["status"], "started");
  EXPECT_NE(started["message"].get<std::string>().find("forced"), std::string::npos);
  const HttpAnswer second = rig.post("/api/ml/retraining/trigger", Json::object());
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(keys_of(*parse_json(second.body)), std::set<std::string>{"error"});
  ASSERT_TRUE(
      test::comes_true([&] { return rig.get_json("/api/ml/retraining/status")["training"] == true; }));
  hold = false;
  hold.notify_all();
  EXPECT_EQ(rig.end_of("/api/v1/jobs/1")["verdict"], "promote");
  EXPECT_EQ(rig.get_json("/api/v1/promotions")["items"][0]["action"], "force");

  ASSERT_TRUE(test::comes_true(
      [&] { return rig.get_json("/api/ml/model/info")["metrics"]["version"] == "v000001"; }));
  const Json info = rig.get_json("/api/ml/model/info");
  for (const char* key : {"model_path", "backup_path", "metrics", "features", "feature_count"}) {
    EXPECT_TRUE(info.contains(key)) << key;
  }
  EXPECT_EQ(info["feature_count"], 3);
  EXPECT_TRUE(info["metrics"]["accuracy"].is_number());

  const Json back = rig.post_json("/api/ml/retraining/rollback", Json::object());
  EXPECT_EQ(back["success"], true);
  EXPECT_NE(back["message"].get<std::string>().find("v000000"), std::string::npos);
  // Metrics and model together: two of the originals kept the new metrics.
  ASSERT_TRUE(test::comes_true(
      [&] { return rig.get_json("/api/ml/retraining/status")["current_metrics"]["version"] == "v000000"; }));
  EXPECT_EQ(rig.post("/api/ml/retraining/trigger?force=maybe", Json::object()).status, 400);
}

TEST(RetrainingRoutes, SayInTheLogThatThereIsNoScheduler) {
  const test::TempFolder folder;
  const auto log = Log::open(LogLevel::info, folder / "log.txt");
  ASSERT_TRUE(log.has_value());
  log_scheduler_failure(*log, {ErrorCode::bad_config, "no such time zone"});
  EXPECT_NE(
      test::read_file(folder / "log.txt").find("Failed to start retraining scheduler: no such time zone"),
      std::string::npos);
}

}  // namespace
}  // namespace pawl::http
