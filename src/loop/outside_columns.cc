#include "loop/outside_columns.h"

#include <algorithm>
#include <cassert>

#include "base/json.h"
#include "features/engine.h"
#include "recipe/outside.h"

namespace pawl::loop {

namespace {

constexpr const char* kMetaKey = "outside_columns";

// What a kind of feature means may change with its version: the hash says which was meant.
std::string column_of_market(const recipe::Recipe& recipe, const recipe::OutsideSeries& series) {
  const auto list =
      features::FeatureList::parse(std::vector{series.expression}, recipe.base, recipe.calendar);
  assert(list && "the recipe was validated");
  return fmt::format("{} (by {:.8}, {} minutes late, for {} bars)", series.name, list->hash(),
                     series.delay_ms / kMinuteMs, series.stale_bars.value_or(0));
}

Json columns_of(const recipe::Recipe& recipe) {
  Json columns = Json::array();
  for (const recipe::OutsideSeries& series : recipe.outside) {
    const bool market = series.kind == recipe::OutsideSeries::Kind::market;
    columns.push_back(market ? column_of_market(recipe, series) : recipe::outside_text(series));
  }
  return columns;
}

Result<bool> holds_bars(const recipe::Recipe& recipe, store::Store& store) {
  auto listing = store.bars().list();
  if (!listing) return propagate(listing);
  return std::ranges::any_of(*listing, [&](const store::BarStore::Listing& one) {
    return one.timeframe == recipe.base && std::ranges::any_of(recipe.symbols, [&](const Symbol& symbol) {
             return symbol.canonical() == one.symbol;
           });
  });
}

// "vix = bars(VIX, 15)", the first entry of either that the other does not have in its place.
std::string difference(const Json& stored, const Json& wanted) {
  for (std::size_t i = 0; i < std::max(stored.size(), wanted.size()); ++i) {
    const std::string a = i < stored.size() ? stored[i].get<std::string>() : "nothing";
    const std::string b = i < wanted.size() ? wanted[i].get<std::string>() : "nothing";
    if (a != b) return fmt::format("{} there and {} here", a, b);
  }
  return "";
}

}  // namespace

Status expect_outside_columns(const recipe::Recipe& recipe, store::Store& store) {
  const auto written = store.meta(kMetaKey);
  if (!written) return propagate(written);
  if (!*written) return {};
  const auto stored = parse_json(**written);
  if (!stored) return within(kMetaKey, stored.error());
  const Json wanted = columns_of(recipe);
  if (*stored == wanted) return {};
  const auto bars = holds_bars(recipe, store);
  if (!bars) return propagate(bars);
  if (!*bars) return {};
  return fail(ErrorCode::conflict,
              "the stored bars of {} were joined with other outside series than the recipe's: {}; go back to "
              "the recipe that they came with, or begin anew with another data folder",
              recipe.name, difference(*stored, wanted));
}

Status remember_outside_columns(const recipe::Recipe& recipe, store::Store& store) {
  if (Status same = expect_outside_columns(recipe, store); !same) return same;
  return store.set_meta(kMetaKey, columns_of(recipe).dump());
}

}  // namespace pawl::loop
