// No event of a whole run, retrains included, knows of a bar that had not closed.
#include <gtest/gtest.h>

#include "loop/told.h"

namespace pawl::loop {
namespace {

using test::KnownLine;

// An ATR-scaled label brings the scale's history in, windows move past the beginning, runs take hours.
const Sets kDemanding = {{"label", "{kind: horizon_return, horizon_bars: 3, classes: 3, threshold: atr}"},
                         {"signal", "{kind: top_class, min_probability: 0.4}"},
                         {"validation.window_days", "20"},
                         {"gate.policy", "always"},
                         {"training.latency_minutes", "150"},
                         {"features", "[clv, ret(1), rsi(14)@H4, hour_sin]"},
                         {"triggers", "[{kind: samples, min_samples: 120}]"}};

TEST(TheFuture, ReachesNoEventOfARun) {
  const BarSeries bars = rig_bars(900, 8);
  const std::vector<std::size_t> cuts = {1, 331, 600, 777};
  const auto leak =
      test::find_event_leak([](const BarSeries& some) { return replayed(kDemanding, some); }, bars, cuts, 1);
  EXPECT_FALSE(leak.has_value()) << *leak;
  int swaps = 0;
  for (const KnownLine& line : replayed(kDemanding, bars))
    swaps += line.text.find("\"swap\"") != std::string::npos;
  EXPECT_GT(swaps, 0) << "a run without retrains would prove little";
}

// The checker itself, on loops that look ahead in ways that are easy to write by mistake.

TEST(TheEventCheck, CatchesAnOutcomeToldAnHourTooEarly) {
  const auto early = [](const BarSeries& bars) {
    std::vector<KnownLine> lines = replayed({}, bars);
    for (KnownLine& line : lines) {
      if (line.text.find("\"outcome\"") != std::string::npos) line.known_at -= kHourMs;
    }
    return lines;
  };
  EXPECT_TRUE(test::find_event_leak(early, rig_bars(200), std::vector<std::size_t>{100}, 1).has_value());
}

TEST(TheEventCheck, CatchesARunThatWasFedTheFuture) {
  // The same loop, but its bars carry the close of the bar after next as their volume.
  const auto fed_ahead = [](const BarSeries& bars) {
    BarSeries leaking;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      Bar bar = bars[i];
      bar.volume = bars.close(std::min(i + 2, bars.size() - 1));
      leaking.append(bar);
    }
    return replayed({{"features", "[clv, volume/close]"}}, leaking);
  };
  EXPECT_TRUE(test::find_event_leak(fed_ahead, rig_bars(200), std::vector<std::size_t>{100}, 1).has_value());
}

TEST(TheEventCheck, CatchesAMissingEvent) {
  const std::vector<KnownLine> truth = {{1, "a"}, {2, "b"}, {3, "c"}};
  EXPECT_FALSE(test::difference_until(2, truth, {{1, "a"}, {2, "b"}, {4, "d"}}).has_value());
  EXPECT_TRUE(test::difference_until(2, truth, {{1, "a"}}).has_value());
  EXPECT_TRUE(test::difference_until(2, {{1, "a"}}, truth).has_value());
}

}  // namespace
}  // namespace pawl::loop
