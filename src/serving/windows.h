// A prediction from windows that a client posts, without a stored history: features of each timeframe on its
// own window, the model, and what the answer says of its quality.
//
//   WindowPredictor predictor(rules);                       // one a thread
//   const auto made = predictor.predict(*live.get(), posted);
//   if (made) use(made->prediction, made->quality);
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "features/windows.h"
#include "judging/metrics.h"
#include "registry/registry.h"
#include "serving/live_model.h"
#include "serving/posted.h"
#include "serving/quality.h"

namespace pawl::serving {

// What a recipe says of it.
struct WindowRules {
  Timeframe base = kM5;
  MarketCalendar calendar = MarketCalendar::utc_always();
  std::vector<std::string> outside_names;  // the joined columns; features that read one cannot be answered
  judging::SignalRule signal;
  std::string signal_where;  // a feature expression: a signal only where it is above zero; empty: everywhere
  double min_quality = 40;
  std::int64_t min_candles = 250;  // of each timeframe that the model reads, the forming one included
  // Where a recipe says how many bars clients post, so many are enough.
  std::vector<std::pair<Timeframe, std::int64_t>> client_windows;
};

struct WindowPrediction {
  // Symbol, line, version, times, probabilities and the digest of the row; `side` is what is answered: HOLD
  // where no signal is, or a bad one. The id is the caller's to fill in.
  Prediction prediction;
  Side raw_side = Side::hold;  // the most probable class
  double p_buy = 0, p_sell = 0, p_hold = 0;
  double confidence = 0;  // of raw_side
  Quality quality;        // of raw_side
  double position_size = 0;
  bool quality_filtered = false;  // no signal, or one below the quality that is asked for
  bool should_trade = false;
  std::size_t candles_used = 0;   // closed bars of the base
  std::size_t columns_ready = 0;  // features that had enough bars for a value
  // The row and its columns' names: valid until the next predict() of the same predictor.
  std::span<const double> row;
  std::span<const std::string> columns;
};

// Keeps what it parsed of a version's features by their hash, and the memory that rows are computed in. One
// thread at a time.
class WindowPredictor {
 public:
  explicit WindowPredictor(WindowRules rules);
  ~WindowPredictor();
  WindowPredictor(WindowPredictor&&) noexcept;
  WindowPredictor& operator=(WindowPredictor&&) noexcept;

  const WindowRules& rules() const { return rules_; }
  // insufficient_data names a window that is missing or too short ("ohlcv_h1: 120 candles, at least 250 are
  // needed"); conflict: the version's features cannot be computed here. A feature without a value is NaN to
  // the model; every number of the result but the row's is finite.
  Result<WindowPrediction> predict(const registry::LoadedVersion& version, const PostedWindows& posted);

 private:
  struct Prepared;
  Result<Prepared*> prepare(const registry::LoadedVersion& version);
  Status check_lengths(const Prepared& prepared, const PostedWindows& posted) const;
  // The least number of candles of a timeframe, the forming one included.
  std::size_t least_candles(Timeframe timeframe) const;

  WindowRules rules_;
  std::map<std::string, std::unique_ptr<Prepared>, std::less<>> prepared_;  // by hash of the features
  std::vector<features::Window> windows_;
};

// "ohlcv_h1": what a client calls the window of a timeframe.
std::string window_field(Timeframe timeframe);

}  // namespace pawl::serving
