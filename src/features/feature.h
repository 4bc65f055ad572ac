// One incremental computation over a series, and the declaration of its kind. A new feature is one file in
// kinds/ and one line in kinds.cc.
//
// The contract: update() is given consecutive inputs in blocks of any size and writes one output per input.
// The bits must not depend on how the series was cut into blocks, so work bar by bar inside, in one fixed
// order of operations. Before the first valid output write NaN. O(1) or amortised O(1) a bar; state is
// bounded by the arguments, never by the history. An instance belongs to one engine and one thread.
//
// A missing input (NaN) gives a missing output and is stepped over: the state does not see it, so that
// averages and windows go on as if the bar were not there, and start to count at the first value. Kinds that
// look back a number of bars (lag, ret, logret, roc) count bars, missing or not, so a missing input shows
// at both ends. Every NaN written is kMissing of kinds/step.h, so that rows compare bit for bit.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/bar_series.h"
#include "domain/calendar.h"
#include "features/simd/kernels.h"

namespace pawl::features {

// One block for one computation.
struct FeatureCall {
  const BarBlock& bars;
  std::span<const std::span<const double>> inputs;  // values of the expressions given as arguments
  std::span<const std::span<double>> outputs;       // of the kind's `outputs`; empty where nobody reads it
  const simd::Kernels& kernels;                     // the loops of this machine; all give the same bits

  std::size_t size() const { return bars.size(); }  // of the block, of each input and of each output
  std::span<double> out() const { return outputs[0]; }
};

// What 1 means in the values of a kind.
enum class Unit {
  price,    // of the bars: the scale is the close
  percent,  // 0 … 100
  ratio,    // dimensionless, of the order of 1
  volume,   // of the bars: the scale is the mean volume
  input     // as what it is made from
};
std::string_view unit_name(Unit unit);

class Feature {
 public:
  virtual ~Feature() = default;
  virtual void update(const FeatureCall& call) = 0;
  virtual void save(ByteWriter& out) const = 0;
  // False where what was read cannot be a state of this instance. The caller checks in.ok() as well.
  virtual bool load(ByteReader& in) = 0;
  // Becomes what `other` is, an instance of the same kind with the same parameters (a bug of the caller's
  // elsewhere). Allocates nothing: who computes windows begins each one anew with it.
  virtual void copy_from(const Feature& other) = 0;
};

// A parameter that is a number: rsi(14). Whole numbers unless `fractional`.
struct Parameter {
  std::string name;
  double default_value = 0, min = 0, max = 0;
  bool fractional = false;
};

// What a feature's bars are of: their timeframe, which may be a higher one than the list's, and the market's
// day. Valid during the call that it is given to.
struct Market {
  Timeframe timeframe;
  const MarketCalendar& calendar;
};

// What a kind says of itself, once: validation, docs and listings all read this.
struct FeatureKind {
  std::string name;                        // "rsi"
  int version = 1;                         // raise when the numbers change: it is part of the feature hash
  int inputs = 0;                          // expressions taken first: ema(x, n); 0 where it reads the bars
  bool default_input_close = false;        // ema(12) means ema(close, 12); for kinds with one input
  std::vector<Parameter> parameters = {};  // in the order of the arguments
  bool needs_volume = false;
  Unit unit = Unit::ratio;
  std::string help;           // one sentence, the formula included
  std::string source;         // paper or library
  std::string cost = "O(1)";  // a bar, amortised
  // A kind that is an expression of others is that expression, with x, y and z for its own inputs, and has
  // none of the functions below: what it shares with other features is then computed once for all of them.
  std::function<std::string(std::span<const double> parameters)> definition = {};
  // Kinds that read one computation differently: those of one family, inputs and parameters have one
  // instance, whose `outputs` outputs each kind is one of. Their functions below must do the same.
  std::string family = {};
  std::size_t output = 0, outputs = 1;
  // Never missing again after its first value, where its inputs are not.
  bool gapless = false;
  // Index of the first valid output, counted from the first bar (or the first valid input).
  std::function<std::size_t(std::span<const double> parameters)> warm_up;
  std::function<std::unique_ptr<Feature>(std::span<const double> parameters)> make;
  // Bars after which the state's influence of older ones is below eps (relative).
  // kForever where that never happens.
  std::function<std::size_t(std::span<const double> parameters, double eps)> memory_bars;
  // A kind that follows the market's day says these instead of the three above. Its warm-up is an upper
  // bound: how far into a day the series begins is not known.
  struct InMarket {
    std::function<std::size_t(std::span<const double> parameters, const Market&)> warm_up;
    std::function<std::unique_ptr<Feature>(std::span<const double> parameters, const Market&)> make;
    std::function<std::size_t(std::span<const double> parameters, double eps, const Market&)> memory_bars;
  };
  std::optional<InMarket> in_market = {};
  // What is wrong with parameters that are each within range, or empty; may be left out.
  std::function<std::string(std::span<const double> parameters)> check = {};
  std::string group = {};  // the heading in kinds.cc that it stands under: "averages"; no kind says it itself

  // The three of either sort of kind.
  std::size_t warm_up_in(const Market& market, std::span<const double> given) const;
  std::unique_ptr<Feature> make_in(const Market& market, std::span<const double> given) const;
  std::size_t memory_bars_in(const Market& market, std::span<const double> given, double eps) const;
};

inline constexpr std::size_t kForever = std::numeric_limits<std::size_t>::max();

// All kinds, written out in kinds.cc in one readable list.
const std::vector<FeatureKind>& feature_kinds();
const FeatureKind* find_feature_kind(std::string_view name);

}  // namespace pawl::features
