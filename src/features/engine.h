// Turns bars into rows. The same update serves training (large blocks), replay and serving (a block of one
// bar): one code path, the same bits (DESIGN rule 2).
//
//   auto engine = Engine::make({"rsi(14)", "atr(14)/close", "ema(12)@H4"}, kH1, calendar);
//   engine->update(series.all(), rows, ready);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "domain/bar_series.h"
#include "domain/calendar.h"
#include "domain/feature_frame.h"
#include "domain/timeframe.h"
#include "features/simd/kernels.h"

namespace pawl::features {

// A list of feature expressions, parsed and checked. Immutable; cheap to copy; safe from any thread.
// Expressions: open high low close volume, numbers, + - * / and parentheses, kinds with arguments
// (rsi(14), ema(close, 12), lag(ret(1), 3)), and @TF behind a kind or a bar column, which computes it on
// closed bars of that timeframe. What has no finite value (a division by zero) is missing: NaN.
// Outside series that are joined to the bars (BarSeries) are read by their names: vix, dgs10/lag(dgs10,5)-1.
class FeatureList {
 public:
  // `joined` names the joined columns of the bars that an engine will be given, in their order: lower-case
  // letters, digits and underscores, none the name of a kind or bar column.
  // bad_config names the expression, the column in it, what was wrong and what is possible there.
  static Result<FeatureList> parse(std::span<const std::string> specs, Timeframe base,
                                   const MarketCalendar& calendar,
                                   const std::vector<std::string>& joined = {});

  const std::vector<std::string>& specs() const;  // canonical, in order
  std::size_t size() const { return specs().size(); }
  // SHA-256 of canonical specs, kind versions, names of the outside series used, base timeframe and anchors.
  const std::string& hash() const;
  bool needs_volume() const;
  // Base bars after which every feature can have its first value, where no bar is missing: the row of bar
  // number warm_up_bars(), counted from 1, is ready. With @TF an upper bound.
  std::size_t warm_up_bars() const;
  // Base bars after which older ones matter by less than eps, relatively; kForever (feature.h) where they
  // always do.
  std::size_t memory_bars(double eps) const;
  // The same, where each timeframe comes as bars of its own, as in windows that a client posts: for every
  // timeframe that is computed on, the base first and then upwards, the newest bars of it that the last row
  // needs, to be ready and for older ones to matter by less than eps. No bar or joined value may be missing
  // among them.
  std::vector<std::pair<Timeframe, std::size_t>> memory_by_timeframe(double eps) const;

  struct Plan;
  const Plan& plan() const { return *plan_; }

 private:
  std::shared_ptr<const Plan> plan_;
};

// The state of one symbol's features. One thread at a time.
class Engine {
 public:
  // `width`: which loops to run; the bits are the same with each.
  explicit Engine(FeatureList list, simd::Width width = simd::Width::widest);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  const FeatureList& list() const { return list_; }
  // Consecutive bars in, with at least the joined columns that the list was told of (assert); `rows`
  // (row-major, bars.size() × list().size()) and `ready` (bars.size()) out. A row is ready once every feature
  // has had enough bars for its first value; NaN in a ready row is a missing value.
  void update(const BarBlock& bars, std::span<double> rows, std::span<std::uint8_t> ready);

  // The whole state, to go on from in another process. load() refuses (corrupt) what another list, another
  // version of a kind, or a damaged writer made.
  std::string save() const;
  Status load(std::string_view state);

 private:
  struct State;
  FeatureList list_;
  const simd::Kernels* kernels_;  // of the program's lifetime
  std::unique_ptr<State> state_;
};

}  // namespace pawl::features
