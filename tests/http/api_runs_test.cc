// A1, B3, E5: retrains that are asked for over the API, what they come to, and pointers moved by hand.
#include <gtest/gtest.h>

#include "api_rig.h"
#include "base/hash.h"

namespace pawl::http {
namespace {

using test::HttpAnswer;

struct ApiRuns : testing::Test {
  void fill(ApiRig& rig, std::size_t count = 900) const { rig.push(bars, 0, count); }
  BarSeries bars = loop::rig_bars(1000);
};

TEST_F(ApiRuns, AreAskedForFollowedAndRead) {
  ApiRig rig(loop::rig_recipe());
  fill(rig);
  const HttpAnswer started = rig.post("/api/v1/runs", {{"reason", "new data"}});
  ASSERT_EQ(started.status, 202) << started.body;
  EXPECT_EQ(started.header("Location"), "/api/v1/jobs/1");
  const Json job = rig.end_of(started.header("Location"));
  EXPECT_EQ(job["state"], "completed") << job;
  EXPECT_EQ(job["verdict"], "promote");
  const Json run = rig.get_json("/api/v1/runs/1");
  EXPECT_NE(run["reason"].get<std::string>().find("new data"), std::string::npos);
  EXPECT_EQ(run["document"]["challenger"]["version"], "v000001");
  const Json version = rig.get_json("/api/v1/versions/rig/BTC_USDT/v000001");
  EXPECT_EQ(version["features"].size(), 3u);
  EXPECT_TRUE(version.contains("serving"));
  const Json versions = rig.get_json("/api/v1/versions?limit=1");
  EXPECT_EQ(versions["items"][0]["state"], "champion");
  const Json older = rig.get_json("/api/v1/versions?cursor=" + versions["next_cursor"].get<std::string>());
  ASSERT_EQ(older["items"].size(), 1u);
  EXPECT_EQ(older["items"][0]["version"], "v000000");
  EXPECT_EQ(rig.get_json("/api/v1/promotions")["items"][0]["to"], "v000001");
  ASSERT_TRUE(
      test::comes_true([&] { return rig.get_json("/api/v1/lines/rig/BTCUSDT")["champion"] == "v000001"; }));
  EXPECT_EQ(rig.get_json("/api/v1/lines")["items"].size(), 1u);
  EXPECT_EQ(rig.get("/api/v1/runs/99").status, 404);
  EXPECT_EQ(rig.get("/api/v1/runs/../x").status, 404);
  EXPECT_EQ(rig.get("/api/v1/versions/rig/BTC_USDT/..%2fv1").status, 400);
  EXPECT_EQ(rig.get("/api/v1/lines/other/BTC_USDT").status, 404);
}

TEST_F(ApiRuns, ThatCannotBeginSayWhy) {
  ApiRig rig(loop::rig_recipe());
  EXPECT_EQ(rig.post("/api/v1/runs", Json::object()).status, 400) << "there is not one bar";
  rig.push(bars, 0, 50);
  const HttpAnswer few = rig.post("/api/v1/runs", Json::object());
  EXPECT_EQ(few.status, 400) << few.body;
  EXPECT_NE(few.body.find("insufficient_data"), std::string::npos) << few.body;
}

TEST_F(ApiRuns, WaitForEnoughSamplesAndForEachOther) {
  ApiRig rig(loop::rig_recipe());
  fill(rig);
  const HttpAnswer samples = rig.post("/api/v1/runs", {{"symbols", {"BTCUSDT"}}, {"min_samples", 100000}});
  EXPECT_EQ(samples.status, 400);
  EXPECT_NE(samples.body.find("Not enough data for retraining: rig/BTC_USDT has "), std::string::npos);
  EXPECT_EQ(rig.post("/api/v1/runs", {{"line", "rig/ETH_USDT"}}).status, 404);
  EXPECT_EQ(rig.post("/api/v1/runs", {{"epochs", 3}}).status, 400);
  // One at a time.
  std::atomic<bool> hold = true;
  rig.trainer.post(9, [&] { hold.wait(true); });
  EXPECT_EQ(rig.post("/api/v1/runs", Json::object()).status, 202);
  EXPECT_EQ(rig.post("/api/v1/runs", Json::object()).status, 409);
  ASSERT_TRUE(test::comes_true([&] { return rig.get_json("/api/v1/jobs")["items"].size() == 1; }));
  EXPECT_EQ(rig.get_json("/api/v1/jobs")["items"][0]["stage"], "fit");
  hold = false;
  hold.notify_all();
  EXPECT_EQ(rig.end_of("/api/v1/jobs/1")["state"], "completed");
}

TEST_F(ApiRuns, MoveThePointerByHandAndBack) {
  // Nothing passes this gate.
  ApiRig rig(loop::rig_recipe({{"gate.policy", "better"}, {"gate.margin", "0.9"}}));
  fill(rig);
  ASSERT_EQ(rig.post("/api/v1/runs", Json::object()).status, 202);
  EXPECT_EQ(rig.end_of("/api/v1/jobs/1")["verdict"], "keep");
  const std::string line = "/api/v1/lines/rig/BTC_USDT";
  EXPECT_EQ(rig.post(line + "/promote", {{"version", "v1"}, {"reason", "I like it"}}).status, 409);
  EXPECT_EQ(rig.post(line + "/promote", {{"version", "newest"}}).status, 400);
  EXPECT_EQ(rig.post(line + "/promote", {{"version", "v77"}}).status, 404);
  const Json promoted =
      rig.post_json(line + "/promote", {{"version", "v1"}, {"force", true}, {"reason", "I like it"}});
  EXPECT_EQ(promoted["serves"], "v000001");
  EXPECT_EQ(promoted["forced"], true);
  EXPECT_EQ(rig.post_json(line + "/promote", {{"version", "v1"}, {"force", true}})["changed"], false)
      << "said twice, done once";
  const Json log = rig.get_json("/api/v1/promotions");
  EXPECT_EQ(log["items"][0]["action"], "force");
  EXPECT_EQ(log["items"][0]["actor"], "hand");
  EXPECT_EQ(log["items"][0]["reason"], "I like it");
  const Json back = rig.post_json(line + "/rollback", {{"hold_for", "7d"}, {"reason", "I do not"}});
  EXPECT_EQ(back["serves"], "v000000");
  EXPECT_TRUE(back["holds_until"].is_string());
  EXPECT_EQ(rig.board.model(0).get()->bundle.number, VersionNumber{0});
  EXPECT_EQ(rig.post("/api/v1/runs", Json::object()).status, 409) << "it holds";
  EXPECT_EQ(rig.post_json(line + "/release", Json::object())["holds"], false);
  const HttpAnswer forced = rig.post("/api/v1/runs", {{"force", true}, {"reason", "ship it"}});
  ASSERT_EQ(forced.status, 202) << forced.body;
  const Json job = rig.end_of(forced.header("Location"));
  EXPECT_EQ(job["verdict"], "promote") << "past the gate";
  EXPECT_EQ(rig.get_json("/api/v1/promotions")["items"][0]["action"], "force");
}

TEST_F(ApiRuns, MayBeAskedForAgainWithTheSameKey) {
  ApiRig rig(loop::rig_recipe());
  fill(rig);
  const std::string key = "Idempotency-Key: 7f3a\r\n";
  const HttpAnswer first = rig.post("/api/v1/runs", Json::object(), key);
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(rig.end_of("/api/v1/jobs/1")["verdict"], "promote");
  const HttpAnswer again = rig.post("/api/v1/runs", Json::object(), key);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Location"), "/api/v1/jobs/1");
  EXPECT_EQ(rig.get_json("/api/v1/runs")["items"].size(), 1u) << "done once";
  EXPECT_EQ(rig.post("/api/v1/runs", {{"full", true}}, key).status, 422);
  // A rollback that is sent twice goes back once.
  const std::string line = "/api/v1/lines/rig/BTC_USDT/rollback";
  EXPECT_EQ(rig.post(line, {{"version", "v77"}}, key).status / 100, 4);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(rig.post(line, Json::object(), key).status, 200) << "a refusal is forgotten";
  const Json log = rig.get_json("/api/v1/promotions");
  EXPECT_EQ(log["items"][0]["action"], "rollback");
  EXPECT_NE(log["items"][1]["action"], "rollback");
}

TEST_F(ApiRuns, AreBegunByASignedHook) {
  ApiRig rig(loop::rig_recipe());
  fill(rig);
  const auto send = [&](const std::string& body, const std::string& secret) {
    return rig.ask(
        test::post_text("/api/v1/hooks/retrain", body,
                        fmt::format("X-Pawl-Signature: sha256={}\r\n", hmac_sha256_hex(secret, body))));
  };
  const auto body_at = [](TimeMs at) {
    return Json{{"sent_at", format_time(at)}, {"line", "rig/BTC_USDT"}, {"reason", "CI"}}.dump();
  };
  EXPECT_EQ(send(body_at(rig.clock.now()), "another secret").status, 403);
  EXPECT_EQ(send(body_at(rig.clock.now() - kHourMs), kHookSecret).status, 403) << "an old one, played again";
  EXPECT_EQ(send("{}", kHookSecret).status, 400);
  EXPECT_EQ(rig.ask(test::post_text("/api/v1/hooks/retrain", "{}")).status, 403);
  const HttpAnswer taken = send(body_at(rig.clock.now()), kHookSecret);
  ASSERT_EQ(taken.status, 202) << taken.body;
  EXPECT_EQ(rig.end_of(taken.header("Location"))["state"], "completed");
  EXPECT_NE(rig.get_json("/api/v1/runs/1")["reason"].get<std::string>().find("webhook: CI"),
            std::string::npos);
}

}  // namespace
}  // namespace pawl::http
