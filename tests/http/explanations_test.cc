// Why a prediction came out as it did, and what a version goes by, asked over the API.
#include <gtest/gtest.h>

#include "api_rig.h"

namespace pawl::http {
namespace {

TEST(Explanations, AreMadeFromWhatIsStored) {
  ApiRig rig(loop::rig_recipe());
  const BarSeries bars = loop::rig_bars(1000);
  rig.push(bars, 0, 900);
  const test::HttpAnswer started = rig.post("/api/v1/runs", Json::object());
  ASSERT_EQ(started.status, 202) << started.body;
  rig.end_of(started.header("Location"));
  rig.push(bars, 900, 1000);

  const Json predictions = rig.get_json("/api/v1/predictions?limit=2000");
  const Json& newest = predictions["items"].back();
  const Json made = rig.get_json(fmt::format("/api/v1/predictions/{}/explanation", newest["id"].get<int>()));
  EXPECT_EQ(made["prediction"]["id"], newest["id"]);
  EXPECT_EQ(made["prediction"]["p_up"], newest["p_up"]);
  EXPECT_EQ(made["prediction"]["version"], "v000001");
  EXPECT_EQ(made["reproduced"], true);
  EXPECT_EQ(made["sum_check"]["holds"], true);
  EXPECT_EQ(made["features"].size(), 3U);
  EXPECT_EQ(made["paper"], true);

  const std::string version = "/api/v1/versions/rig/BTC_USDT/v000001/importance";
  const Json recorded = rig.get_json(version);
  EXPECT_EQ(recorded["importance"]["kind"], "gain");
  EXPECT_TRUE(recorded["permutation"].is_null()) << "which takes longer, so it is only made when asked for";
  const Json measured = rig.get_json(version + "?permutation=1");
  EXPECT_EQ(measured["importance"], recorded["importance"]);
  EXPECT_EQ(measured["permutation"]["columns"].size(), 3U) << measured["too_few_rows"];
  EXPECT_EQ(rig.get_json("/api/v1/versions/rig/BTC_USDT/v000001")["serving"]["importance"]["columns"],
            recorded["importance"]["columns"]);

  EXPECT_EQ(rig.get("/api/v1/predictions/999999/explanation").status, 404);
  EXPECT_EQ(rig.get("/api/v1/predictions/0/explanation").status, 400);
  EXPECT_EQ(rig.get("/api/v1/predictions/x/explanation").status, 400);
  EXPECT_EQ(rig.get("/api/v1/predictions/1.5/explanation").status, 400);
  EXPECT_EQ(rig.get("/api/v1/versions/rig/BTC_USDT/v000077/importance").status, 404);
  EXPECT_EQ(rig.get("/api/v1/versions/rig/ETH_USDT/v000001/importance").status, 404);
  EXPECT_EQ(rig.get(version + "?permutation=maybe").status, 400);
}

}  // namespace
}  // namespace pawl::http
