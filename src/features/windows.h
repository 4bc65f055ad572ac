// The newest row of a feature list from windows that each hold bars of one timeframe, as a client posts them.
// An Engine makes higher bars out of base bars; here every timeframe is computed on its own window, which is
// why a few hundred bars of each are enough. The kinds are the same, and so are their values but for what is
// left of bars older than the window: FeatureList::memory_by_timeframe says how many keep that below an eps.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "features/engine.h"

namespace pawl::features {

// Consecutive closed bars of one timeframe, oldest first. Bars may be missing between them.
struct Window {
  Timeframe timeframe;
  BarBlock bars;
};

// Keeps its memory between calls: after the first one, windows of the same lengths allocate nothing. One
// thread at a time.
class WindowEngine {
 public:
  explicit WindowEngine(FeatureList list);
  ~WindowEngine();
  WindowEngine(WindowEngine&&) noexcept;
  WindowEngine& operator=(WindowEngine&&) noexcept;

  const FeatureList& list() const;
  // The row of the last base bar into `row`, and by column whether its feature has had enough bars for a
  // first value into `ready` (both of list().size()). A base bar sees the newest higher bar that had closed
  // at or before its own close; later ones are not looked at. Windows that the list does not need are not
  // either.
  //
  // insufficient_data names a timeframe whose window is missing, even where base bars could stand in for it
  // (a window of them is too short to), and a base window without bars. invalid_argument: the list reads
  // outside series, which windows do not have. O(bars of the windows).
  Status last_row(std::span<const Window> windows, std::span<double> row, std::span<std::uint8_t> ready);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pawl::features
