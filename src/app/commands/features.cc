#include "app/commands/features.h"

#include "app/feature_facts.h"
#include "app/feature_page.h"
#include "recipe/outside.h"

namespace pawl::app {

namespace {

const features::FeatureKind* kind_named(const FeaturesOptions& options) {
  return options.names.size() == 1 ? features::find_feature_kind(options.names[0]) : nullptr;
}

// Of the recipe that is named; round the clock where none is.
Result<FeatureBars> bars_of(const CommonOptions& common, const FeaturesOptions& options) {
  FeatureBars bars;
  if (!options.timeframe.empty()) {
    auto timeframe = Timeframe::parse(options.timeframe);
    if (!timeframe) return within("--timeframe", timeframe.error());
    bars.timeframe = *timeframe;
  }
  if (common.recipe.empty()) return bars;
  auto recipe = load_recipe(common, std::nullopt);
  if (!recipe) return propagate(recipe);
  if (!options.timeframe.empty()) recipe->base = bars.timeframe;
  // What is read of other markets is joined as well.
  if (kind_named(options) == nullptr) {
    if (auto added = recipe::add_market_series(options.names, *recipe); !added) return propagate(added);
  }
  return FeatureBars{
      .timeframe = recipe->base, .calendar = recipe->calendar, .outside = recipe->outside_names()};
}

Result<int> run(const CommonOptions& common, const FeaturesOptions& options) {
  if (options.markdown) {
    print(features_page(kinds_json({})));
    return 0;
  }
  auto bars = bars_of(common, options);
  if (!bars) return propagate(bars);
  const auto answer = [&](const Json& json, const std::string& text) {
    print(common.json ? json.dump() + "\n" : text);
    return 0;
  };
  if (options.names.empty()) {
    const Json kinds = kinds_json(*bars);
    return answer({{"timeframe", bars->timeframe.name()}, {"kinds", kinds}}, kinds_text(kinds));
  }
  if (const features::FeatureKind* kind = kind_named(options)) {
    const Json json = kind_json(*kind, *bars);
    return answer(json, kind_text(json, bars->timeframe.name()));
  }
  auto json = expressions_json(options.names, *bars);
  if (!json) return propagate(json);
  return answer(*json, expressions_text(*json));
}

}  // namespace

int features_command(const CommonOptions& common, const FeaturesOptions& options) {
  const Result<int> done = run(common, options);
  return done ? *done : report(done.error(), common);
}

}  // namespace pawl::app
