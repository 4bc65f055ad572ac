// Rows of features of stored bars, computed once more, in time order. The same engine that served.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/prediction.h"
#include "features/engine.h"
#include "recipe/recipe.h"
#include "registry/registry.h"
#include "store/store.h"

namespace pawl::mirrors {

// One feature list over one symbol's bars.
class FeatureTrack {
 public:
  FeatureTrack(features::FeatureList list, const recipe::Recipe& recipe, store::BarStore& bars,
               std::string symbol);

  // Takes the stored bars up to the one that opened at `open_time`; false where there is none such, or it was
  // passed already.
  Result<bool> go_to(TimeMs open_time);
  // Of that bar.
  std::span<const double> row() const { return row_; }
  double close() const { return close_; }
  const features::FeatureList& list() const { return engine_.list(); }

 private:
  Status take(std::size_t count);
  features::Engine engine_;
  const recipe::Recipe& recipe_;
  store::BarStore& bars_;
  std::string symbol_;
  BarSeries ahead_;  // read, and from at_ on not yet taken
  std::size_t at_ = 0;
  TimeMs next_from_, last_open_;
  double close_ = 0;
  std::vector<double> row_, scratch_;
  std::vector<std::uint8_t> ready_;
};

// What stood at the bar of a prediction.
struct PredictionView {
  std::optional<double> price;       // its close; nothing where the bar is not stored
  std::vector<std::string> names;    // of the features; empty where the version is gone
  std::span<const double> features;  // valid until the next look
  std::optional<double> level_type, level_source, level_strength;
};

class FeatureRows {
 public:
  FeatureRows(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry)
      : recipe_(recipe), store_(store), registry_(registry) {}

  // Predictions of one symbol must come in the order of their bars. corrupt where the row is not the one that
  // the prediction was made from.
  Result<PredictionView> look(const Prediction& prediction);
  void restart() { tracks_.clear(); }

 private:
  Result<FeatureTrack*> track(const std::string& symbol, const std::vector<std::string>& specs);
  const recipe::Recipe& recipe_;
  store::Store& store_;
  registry::Registry& registry_;
  // By symbol and the specs as they were given.
  std::map<std::pair<std::string, std::vector<std::string>>, FeatureTrack> tracks_;
};

// The features that tell of the level at a bar, with the arguments that `signal_where` gives its own: type,
// source, strength. Empty where it asks for no level.
std::vector<std::string> level_specs(std::string_view signal_where);

}  // namespace pawl::mirrors
