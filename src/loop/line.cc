#include "loop/line.h"

#include <cassert>

namespace pawl::loop {

Line::Line(const recipe::Recipe& recipe, Symbol symbol, std::size_t horizon_bars)
    : open_predictions(horizon_bars, recipe.costs),
      performance(recipe.costs),
      recipe_(recipe),
      id_(recipe.line_of(symbol)),
      symbol_(std::move(symbol)),
      strategy_(recipe.costs, horizon_bars) {}

void Line::append(const Bar& bar) {
  if (bars_.empty()) started_at = bar.known_at();
  bars_.append(bar);
  sides_.emplace_back();
  for (auto& [hash, history] : histories_) history->follow(bars_);
}

Result<datasets::FeatureHistory*> Line::history(const std::vector<std::string>& specs) {
  auto list = features::FeatureList::parse(specs, recipe_.base, recipe_.calendar);
  if (!list) return propagate(list);
  std::unique_ptr<datasets::FeatureHistory>& slot = histories_[list->hash()];
  if (!slot) {
    slot = std::make_unique<datasets::FeatureHistory>(std::move(*list));
    slot->follow(bars_);
  }
  return slot.get();
}

Status Line::serve(serving::LiveModel::Handle version) {
  auto features = history(version->bundle.features);
  if (!features) return propagate(features);
  if ((*features)->list().hash() != version->bundle.features_hash) {
    return fail(
        ErrorCode::corrupt,
        "{} {}: its features no longer mean what they did when it was trained (another version of a kind, "
        "or another calendar); train it again",
        id_, version->bundle.number.text());
  }
  live_features_ = *features;
  live_.publish(std::move(version));
  return {};
}

void Line::forget_before(TimeMs from) {
  const std::size_t bar = bars_.count_known_at(from);
  for (auto& [hash, history] : histories_) history->forget_before(bar);
}

void Line::remember_side(Side side) {
  assert(!sides_.empty());
  sides_.back() = side;
}

std::optional<double> Line::newest_strategy_return() {
  // The newest bar i is the fill of the signal at i − 1, and the end of the bar that the signal at i − 2
  // held.
  const std::size_t count = bars_.size();
  if (count < 3 || !sides_[count - 3]) return std::nullopt;
  const bool same_session = recipe_.calendar.session_of(bars_.open_time(count - 2)) ==
                            recipe_.calendar.session_of(bars_.open_time(count - 1));
  // As datasets::scoring_columns has it: over a session's end nothing is carried, and the last fill is a
  // close.
  const double exit = same_session ? bars_.open(count - 1) : bars_.close(count - 2);
  const double value = strategy_.push(*sides_[count - 3], bars_.open(count - 2), exit,
                                      same_session && sides_[count - 2].has_value());
  strategy_returns.push(value);
  return value;
}

triggers::LineSnapshot Line::snapshot() const {
  const auto counts = [](const outcomes::SignalTally& tally) {
    return triggers::SignalCounts{.signals = tally.signals, .correct = tally.correct};
  };
  return {.started_at = started_at,
          .since_retrain = counts(performance.since_retrain()),
          .ever = counts(performance.ever()),
          .outcomes_since_retrain = performance.since_retrain().outcomes,
          .last_retrain_at = last_retrain_at,
          .last_attempt_at = last_attempt_at,
          .last_checked_at = last_checked_at,
          .manual_requested = !manual_reason.empty(),
          .manual_reason = manual_reason,
          .live_event = signal_since_check};
}

}  // namespace pawl::loop
