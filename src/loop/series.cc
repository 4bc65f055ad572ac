#include "loop/series.h"

#include <cassert>

#include "datasets/scoring_columns.h"

namespace pawl::loop {

Series::Series(const recipe::Recipe& recipe, Symbol symbol, const labels::Labeller& labeller)
    : open_predictions(labeller.horizon_bars(), recipe.costs_of(symbol),
                       labeller.within_session() ? std::optional(recipe.calendar) : std::nullopt),
      recipe_(recipe),
      symbol_(std::move(symbol)),
      bars_(recipe.outside.size()),
      strategy_(recipe.costs_of(symbol_), labeller.horizon_bars()) {}

void Series::append(const Bar& bar, std::span<const double> joined) {
  if (joined.empty()) {
    bars_.append(bar);
  } else {
    bars_.append(bar, joined);
  }
  sides_.emplace_back();
  for (auto& [hash, history] : histories_) history->follow(bars_);
}

Result<datasets::FeatureHistory*> Series::history(const std::vector<std::string>& specs) {
  auto list = features::FeatureList::parse(specs, recipe_.base, recipe_.calendar, recipe_.outside_names());
  if (!list) return propagate(list);
  std::unique_ptr<datasets::FeatureHistory>& slot = histories_[list->hash()];
  if (!slot) {
    slot = std::make_unique<datasets::FeatureHistory>(std::move(*list));
    slot->follow(bars_);
  }
  return slot.get();
}

void Series::forget_before(TimeMs from) {
  const std::size_t bar = bars_.count_known_at(from);
  for (auto& [hash, history] : histories_) history->forget_before(bar);
}

Status Series::read_features(const std::vector<std::string>& specs, const std::string& expected_hash) {
  auto features = history(specs);
  if (!features) return propagate(features);
  if ((*features)->list().hash() != expected_hash) {
    return fail(
        ErrorCode::corrupt,
        "its features no longer mean what they did when it was trained (another version of a kind, or "
        "another calendar); train it again");
  }
  live_features_ = *features;
  if (!recipe_.signal_where.empty()) {
    auto where = history({recipe_.signal_where});
    if (!where) return propagate(where);
    where_ = *where;
  }
  return {};
}

bool Series::signal_allowed() const {
  return where_ == nullptr || where_->last_row()[0] > 0;
}

void Series::remember_side(Side side) {
  assert(!sides_.empty());
  sides_.back() = side;
}

std::optional<double> Series::newest_strategy_return() {
  // The newest bar i is the fill of the signal at i − 1, and the end of the bar that the signal at i − 2
  // held.
  const std::size_t count = bars_.size();
  if (count < 3 || !sides_[count - 3]) return std::nullopt;
  const bool same_session = datasets::carried(recipe_.calendar, bars_, count - 2, count - 1);
  // As datasets::scoring_columns has it: over a session's end nothing is carried, and the last fill is a
  // close.
  const double exit = same_session ? bars_.open(count - 1) : bars_.close(count - 2);
  const double value = strategy_.push(*sides_[count - 3], bars_.open(count - 2), exit,
                                      same_session && sides_[count - 2].has_value());
  strategy_returns.push(value);
  return value;
}

}  // namespace pawl::loop
