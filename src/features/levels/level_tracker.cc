#include "features/levels/level_tracker.h"

#include <algorithm>
#include <cmath>

namespace pawl::features {

namespace {

// The levels that a day begins with: as many, or none.
constexpr std::size_t kPriorDayLevels = 3, kPivotLevels = 5;

void save_levels(const std::vector<TouchedLevel>& levels, ByteWriter& out) {
  out.u64(levels.size());
  for (const TouchedLevel& level : levels) level.save(out);
}

bool load_levels(std::vector<TouchedLevel>& levels, std::size_t full, ByteReader& in) {
  const std::uint64_t count = in.u64();
  if (!in.ok() || (count != 0 && count != full)) return false;
  levels.resize(count);
  return std::all_of(levels.begin(), levels.end(), [&](TouchedLevel& level) { return level.load(in); });
}

}  // namespace

LevelTracker::LevelTracker(const LevelSettings& settings, MarketCalendar calendar)
    : settings_(settings),
      atr_(settings.atr_bars),
      day_(std::move(calendar)),
      swings_(settings.swing_bars, settings.lookback) {}

std::optional<NearestLevel> LevelTracker::update(const BarBlock& bars, std::size_t i) {
  const double high = bars.high[i], low = bars.low[i], close = bars.close[i];
  const double atr = atr_(bars, i), tolerance = kLevelToleranceAtr * atr;
  day_.update(bars, i);
  if (day_.just_begun()) {
    begin_day(low, high, tolerance);
  } else {
    for (auto* levels : {&prior_day_, &pivots_}) {
      for (TouchedLevel& level : *levels) level.update(seen_, low, high, tolerance);
    }
  }
  swings_.update(seen_, high, low, tolerance);
  ++seen_;
  if (is_missing(atr) || atr == 0) return std::nullopt;
  const RoundStep step = round_step(close, atr);
  const Candidates found = find_nearest(close, step);
  support_ = on_side(found.support, atr);
  resistance_ = on_side(found.resistance, atr);
  const Candidate& nearest = found.nearest;
  LevelStanding its_standing = standing(nearest);
  its_standing.other_sources = other_sources(nearest, step, tolerance);
  return NearestLevel{.price = nearest.price,
                      .distance_atr = (close - nearest.price) / atr,
                      .strength = strength_score(its_standing),
                      .type = nearest.price <= close ? LevelType::support : LevelType::resistance,
                      .source = nearest.source};
}

void LevelTracker::begin_day(double low, double high, double tolerance) {
  prior_day_.clear();
  pivots_.clear();
  const DayRange& prior = day_.prior();
  if (is_missing(prior.close)) return;
  for (const double price : {prior.high, prior.low, prior.close}) {
    prior_day_.emplace_back(price, seen_, low, high, tolerance);
  }
  const FloorPivots pivots = floor_pivots(prior);
  for (const double price : {pivots.p, pivots.r1, pivots.s1, pivots.r2, pivots.s2}) {
    pivots_.emplace_back(price, seen_, low, high, tolerance);
  }
}

bool LevelTracker::Candidate::loses_to(const Candidate& other) const {
  if (other.distance != distance) return other.distance < distance;
  return other.source == LevelSource::swing && source == LevelSource::swing &&
         other.level->made() > level->made();
}

// Asked in the order of what the sources are worth, so that of levels equally near the first one found wins.
LevelTracker::Candidates LevelTracker::find_nearest(double close, const RoundStep& step) const {
  Candidates found;
  const auto try_price = [&](double price, LevelSource source, const TouchedLevel* level = nullptr) {
    const Candidate candidate{
        .price = price, .distance = std::fabs(close - price), .source = source, .level = level};
    Candidate& on_its_side = price <= close ? found.support : found.resistance;
    if (!on_its_side.loses_to(candidate)) return;
    on_its_side = candidate;
    if (found.nearest.loses_to(candidate)) found.nearest = candidate;
  };
  const auto try_levels = [&](std::span<const TouchedLevel> levels, LevelSource source) {
    for (const TouchedLevel& level : levels) try_price(level.price(), source, &level);
  };
  try_levels(prior_day_, LevelSource::prior_day);
  if (!is_missing(day_.vwap())) try_price(day_.vwap(), LevelSource::vwap);
  try_levels(pivots_, LevelSource::pivot);
  try_levels(swings_.highs(), LevelSource::swing);
  try_levels(swings_.lows(), LevelSource::swing);
  try_price(step.below(close), LevelSource::round_number);
  try_price(step.above(close), LevelSource::round_number);
  return found;
}

LevelStanding LevelTracker::standing(const Candidate& candidate) const {
  if (candidate.level != nullptr) {
    return candidate.level->standing(candidate.source, seen_ - 1, settings_.lookback);
  }
  return {.source = candidate.source, .recency = candidate.source == LevelSource::vwap ? 1.0 : 0.0};
}

LevelOnSide LevelTracker::on_side(const Candidate& candidate, double atr) const {
  LevelOnSide side{.distance_atr = candidate.distance / atr};
  if (candidate.level != nullptr) {
    side.touches = candidate.level->touches();
    side.age = static_cast<double>(candidate.level->age(seen_ - 1));
  } else if (candidate.source == LevelSource::round_number) {
    side.age = static_cast<double>(settings_.lookback);
  }
  return side;
}

std::size_t LevelTracker::other_sources(const Candidate& candidate, const RoundStep& step,
                                        double tolerance) const {
  const LevelSource own = candidate.source;
  const auto meets = [&](double price) { return std::fabs(price - candidate.price) <= tolerance; };
  const auto any_meets = [&](std::span<const TouchedLevel> levels) {
    return std::any_of(levels.begin(), levels.end(),
                       [&](const TouchedLevel& level) { return meets(level.price()); });
  };
  std::size_t count = 0;
  if (own != LevelSource::prior_day && any_meets(prior_day_)) ++count;
  if (own != LevelSource::vwap && meets(day_.vwap())) ++count;
  if (own != LevelSource::pivot && any_meets(pivots_)) ++count;
  if (own != LevelSource::swing && (any_meets(swings_.highs()) || any_meets(swings_.lows()))) ++count;
  if (own != LevelSource::round_number && meets(step.nearest(candidate.price))) ++count;
  return count;
}

void LevelTracker::save(ByteWriter& out) const {
  out.u64(seen_);
  atr_.save(out);
  day_.save(out);
  swings_.save(out);
  save_levels(prior_day_, out);
  save_levels(pivots_, out);
}

bool LevelTracker::load(ByteReader& in) {
  seen_ = in.u64();
  return atr_.load(in) && day_.load(in) && swings_.load(in) && load_levels(prior_day_, kPriorDayLevels, in) &&
         load_levels(pivots_, kPivotLevels, in);
}

}  // namespace pawl::features
