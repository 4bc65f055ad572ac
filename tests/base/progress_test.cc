#include "base/progress.h"

#include <gtest/gtest.h>

namespace pawl {
namespace {

TEST(ProgressLine, ShowsShareRateAndTimeLeft) {
  EXPECT_EQ(progress_line("replay", "bars", {250, 1000, "EUR_USD"}, 10, 120),
            "replay  [#####...............]   25 %  250/1000 bars  25/s  30 s left  EUR_USD");
  EXPECT_EQ(progress_line("replay", "bars", {1000, 1000, ""}, 10, 120),
            "replay  [####################]  100 %  1000/1000 bars  100/s");
  EXPECT_EQ(progress_line("replay", "bars", {0, 1000, ""}, 0, 0), "replay    0 %  0/1000 bars");
}

TEST(ProgressLine, TimeLeftGrowsIntoMinutesAndHours) {
  EXPECT_EQ(progress_line("fit", "trees", {1, 100, ""}, 1, 0),
            "fit    1 %  1/100 trees  1/s  1 min 39 s left");
  EXPECT_EQ(progress_line("fit", "trees", {1, 100, ""}, 100, 0),
            "fit    1 %  1/100 trees  0.01/s  2 h 45 min left");
}

TEST(ProgressLine, AnUnknownTotalShowsCountsOnly) {
  EXPECT_EQ(progress_line("read", "rows", {50'000, 0, ""}, 2, 120), "read  50000 rows  25 k/s");
}

TEST(ProgressLine, NeverSays100BeforeTheEnd) {
  EXPECT_NE(progress_line("x", "rows", {999'999, 1'000'000, ""}, 1, 0).find(" 99 %"), std::string::npos);
}

TEST(ProgressLine, FitsTheWidth) {
  EXPECT_EQ(progress_line("replay", "bars", {250, 1000, "EUR_USD"}, 10, 10), "replay  [#");
  EXPECT_EQ(progress_line("éé", "bars", {1, 0, ""}, 0, 3), "éé ") << "columns, not bytes";
}

TEST(ProgressMeter, DrawsOnATerminalAndClearsOnPause) {
  testing::internal::CaptureStderr();
  {
    ProgressMeter meter("replay", "bars", ProgressMeter::Style::terminal);
    const ProgressSink sink = meter.sink();
    sink({1, 2, ""});
    sink({1, 2, ""});  // too soon to be drawn again
    meter.pause();
    sink({1, 2, ""});
    sink({2, 2, ""});  // the end is always drawn
  }
  const std::string drawn = testing::internal::GetCapturedStderr();
  std::size_t draws = 0;
  for (std::size_t at = drawn.find("replay"); at != std::string::npos; at = drawn.find("replay", at + 1))
    ++draws;
  EXPECT_EQ(draws, 3u) << drawn;
  EXPECT_NE(drawn.find("\r\x1b[K\r\x1b[K"), std::string::npos) << "pause clears the line";
  EXPECT_TRUE(drawn.ends_with("\n"));
}

TEST(ProgressMeter, AShortJobWritesNoLinesElsewhere) {
  testing::internal::CaptureStderr();
  for (const auto style : {ProgressMeter::Style::lines, ProgressMeter::Style::none}) {
    ProgressMeter meter("replay", "bars", style);
    meter.update({1, 2, ""});
    meter.update({2, 2, ""});
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace pawl
