// What a terminal shows of events.
#include "app/live_view.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pawl::app {
namespace {

std::string shown(const std::string& kind, const Json& payload) {
  ProgressMeter meter("playing", "bars", ProgressMeter::Style::none);
  LiveView view(meter, false);
  testing::internal::CaptureStdout();
  view.show({.known_at = 0, .kind = kind, .line = "demo/BTCUSDT", .payload = payload.dump()});
  return testing::internal::GetCapturedStdout();
}

TEST(LiveView, CallsPromotedOnlyWhatServes) {
  const Json verdict = {{"verdict", "promote"},
                        {"challenger", "v000002"},
                        {"champion", "v000001"},
                        {"reasons", {"it is better"}}};
  EXPECT_NE(shown("verdict", verdict).find("promoted   v000002 against v000001: it is better"),
            std::string::npos);
  Json waits = verdict;
  waits["probation"] = "v000002 answers beside v000001 first";
  EXPECT_NE(shown("verdict", waits).find("probation  v000002 against v000001: v000002 answers beside"),
            std::string::npos);
}

TEST(LiveView, TellsASwapOfTheShadowFromOneByHand) {
  Json swap = {
      {"action", "promote"}, {"actor", "shadow"}, {"from", "v000001"}, {"to", "v000002"}, {"reason", "more"}};
  EXPECT_NE(shown("swap", swap).find("proved    v000002 serves demo/BTCUSDT after v000001: more"),
            std::string::npos);
  swap["actor"] = "hand";
  EXPECT_NE(shown("swap", swap).find("by hand   v000002"), std::string::npos);
}

}  // namespace
}  // namespace pawl::app
