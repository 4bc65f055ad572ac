// What checks of drift said, over the API.
#include <gtest/gtest.h>

#include "api_rig.h"

namespace pawl::http {
namespace {

TEST(ApiDrift, ListsTheChecksOfEveryLine) {
  ApiRig rig{loop::rig_recipe()};
  const Json answer = rig.get_json("/api/v1/drift");
  ASSERT_EQ(answer["items"].size(), 1U);
  EXPECT_EQ(answer["items"][0]["line"], "rig/BTC_USDT");
  EXPECT_EQ(answer["items"][0]["checks"], Json::array()) << "nothing was checked yet";
  EXPECT_TRUE(answer["items"][0]["advice"].is_null());
  EXPECT_EQ(rig.get_json("/api/v1/drift?line=BTC_USDT")["items"].size(), 1U);
}

}  // namespace
}  // namespace pawl::http
