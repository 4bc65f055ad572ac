#include "recipe/filter.h"

#include <cassert>

#include "domain/trade.h"
#include "recipe/sections.h"
#include "triggers/trigger.h"

namespace pawl::recipe {
namespace {

constexpr std::string_view kProfitable = "profitable";

std::unexpected<Error> mistake(const ConfigNode* node, std::string_view file, std::string_view key,
                               std::string_view what) {
  const std::string_view place = node == nullptr || node->place.empty() ? file : node->place;
  return fail(ErrorCode::bad_config, "{}: {}", keyed_place(place, key), what);
}

// Whether a section is left out, or says no more than the one kind there is.
bool says_only(const ConfigNode* section, std::string_view kind) {
  if (section == nullptr) return true;
  const ConfigNode* named = section->find("kind");
  return section->fields.size() == 1 && named != nullptr && named->scalar == kind;
}

Status read_baseline(const ConfigNode& root, std::string_view file, Recipe& recipe) {
  const ConfigNode* given = root.find("baseline");
  if (recipe.baseline.settings.is_default("rule")) {
    // Read again with the rule in its place: a default of this sort of recipe, not of the schema.
    ConfigNode rules = given == nullptr ? ConfigNode{} : *given;
    if (Status put = set_path(rules, "rule", kAllow, ""); !put) return put;
    Result<Settings> settings = Settings::read(baseline_schema(), rules, "baseline");
    if (!settings) return propagate(settings);
    recipe.baseline.settings = std::move(*settings);
  }
  if (recipe.baseline.settings.text("rule") == kAllow) return {};
  return mistake(given->find("rule"), file, "baseline.rule",
                 "with a trades section version 0 lets every signal through: say allow, or leave it out");
}

}  // namespace

std::vector<std::string> trade_features() {
  std::vector<std::string> names(kTradeIndicators.begin(), kTradeIndicators.end());
  names.emplace_back(kTradeSideColumn);
  return names;
}

Status read_filter(const ConfigNode& root, std::string_view file, Recipe& recipe) {
  recipe.pool = true;
  if (!says_only(root.find("label"), kProfitable)) {
    return mistake(root.find("label"), file, "label",
                   "with a trades section it is whether a trade was profitable: leave it out");
  }
  recipe.label = {std::string(kProfitable), Settings::defaults(Schema{})};
  if (recipe.features.empty()) recipe.features = trade_features();
  if (recipe.features != trade_features()) {
    return mistake(root.find("features"), file, "features",
                   fmt::format("with a trades section they are [{}]: write them so, or leave them out",
                               fmt::join(trade_features(), ", ")));
  }
  if (!says_only(root.find("signal"), kAllow)) {
    return mistake(root.find("signal"), file, "signal",
                   "with a trades section it is allow, at trades.allow_at: leave it out");
  }
  recipe.signal.kind = judging::SignalRule::Kind::allow;
  recipe.signal.min_probability = recipe.trades.allow_at;
  return read_baseline(root, file, recipe);
}

Status add_filter_trigger(Recipe& recipe) {
  const TradeSettings& trades = recipe.trades;
  if (!trades.auto_retrain) return {};
  const triggers::TriggerKind* kind = triggers::find_trigger_kind("trades");
  assert(kind != nullptr);
  ConfigNode node;
  for (const auto& [key, value] :
       {std::pair{"every_days", fmt::format("{}", static_cast<double>(trades.retrain_every_ms) / kDayMs)},
        std::pair{"min_samples", fmt::format("{}", trades.min_training_samples)},
        std::pair{"check_interval_s", fmt::format("{}", trades.check_interval_ms / kSecondMs)}}) {
    if (Status put = set_path(node, key, value, "trades"); !put) return put;
  }
  Result<Settings> settings = Settings::read(kind->schema, node, "trades");
  if (!settings) return propagate(settings);
  recipe.triggers.push_back({kind->name, std::move(*settings)});
  return {};
}

}  // namespace pawl::recipe
