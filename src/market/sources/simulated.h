// A made-up exchange with a known truth, to test a whole loop against: deterministic by seed.
//
// A hidden pressure z, +1 or −1, that turns in one bar of twenty (autocorrelation 0.9 a bar), shows at each
// bar's close as the place of the close in the bar's range: in the upper part for +1, in the lower for −1.
// The next bar's log return is s·edge·σ·z + σ·noise + drift, where s is ±1 and flips at times that only the
// truth knows: what a model learnt before a flip is wrong after it. Two states rather than a continuum, so
// that a model which has understood is right about every bar, and a recovery is not lost in the doubtful
// ones.
#pragma once

#include <cstdint>
#include <vector>

#include "market/sources.h"

namespace pawl::market {

struct SimulatedSettings {
  Timeframe timeframe = kH1;
  MarketCalendar calendar = MarketCalendar::utc_always();
  std::int64_t bars = 20'000;
  TimeMs start = 1'577'836'800'000;  // 2020-01-01T00:00:00Z; the first bar opens at or after it
  double start_price = 10'000;
  double volatility_bp = 50;                // σ of a bar's return in a calm regime
  std::int64_t volatility_regime_bars = 0;  // mean length of calm and wild regimes; 0: always calm
  double volatility_wild_ratio = 2;         // σ of a wild regime over that of a calm one
  double drift_bp = 0;
  double edge = 0.28;                 // of the predictable part, in σ; 0.28 allows 0.67 correct over 3 bars
  std::int64_t flip_every_bars = 0;   // 0: the predictable part never changes its sign
  std::int64_t first_flip_bar = 0;    // 0: at flip_every_bars
  std::int64_t flip_jitter_bars = 0;  // each flip is moved by at most this, by the seed
  // The predictable part turns over slowly: it is multiplied by the cosine of the bars passed, a full turn
  // being so many; 0: it does not. Together with flips it does both.
  std::int64_t turn_every_bars = 0;
  std::int64_t gap_every_bars = 0;  // a bar's time without trade after so many bars; 0: none
  std::uint64_t seed = 1;
};

// What nobody who sees only bars knows.
struct Truth {
  // Sign of the expected log return from open[t+1] to open[t+1+horizon], given everything at bar t's close;
  // 0 where nothing is to be expected. One per bar.
  std::vector<signed char> expected_side;
  // The return to be expected of each bar, from its open to the next one's, given the pressure before it; as
  // a share of the price, so it is exp(μ + σ²/2) − 1 where the log return is N(μ, σ²). One per bar.
  std::vector<double> expected_return;
  // Bars t from which on the next bar's return has the other sign.
  std::vector<std::size_t> flips;
};

struct Simulated {
  BarSeries bars;
  Truth truth;
};

// A pure function of its arguments. More bars begin with the same bars; other flips leave the noise as it is.
Simulated simulate(const SimulatedSettings& settings, std::size_t horizon_bars);

// The typed form of a recipe's settings; bad_config where they do not fit together.
Result<SimulatedSettings> read_simulated_settings(const Settings& settings);
// What the source simulates for a request: each symbol has a stream of its own.
SimulatedSettings settings_for(const SimulatedSettings& settings, const Request& request);

DataSourceKind simulated_kind();

}  // namespace pawl::market
