#include "loop/joiner.h"

#include <algorithm>
#include <limits>

namespace pawl::loop {

namespace {

using Kind = recipe::OutsideSeries::Kind;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool is_symbols_own(Kind kind) {
  return kind == Kind::filing || kind == Kind::filing_age || kind == Kind::decayed_sum ||
         kind == Kind::decayed_mean || kind == Kind::window_sum;
}

bool decays(Kind kind) {
  return kind == Kind::decayed_sum || kind == Kind::decayed_mean;
}

}  // namespace

Joiner::Joiner(const recipe::Recipe& recipe, OutsidePoints points)
    : recipe_(recipe), points_(std::move(points)), own_(recipe) {
  for (auto& [key, series] : points_) {
    std::ranges::stable_sort(series, {}, &OutsidePoint::known_at);
  }
  for (const recipe::OutsideSeries& series : recipe.outside) {
    if (!decays(series.kind)) continue;
    for (const auto& [key, own] : points_) {
      if (key.first == series.name) decayed_.emplace(key, DecayedSums(own, series.span_ms));
    }
  }
  for (const Symbol& symbol : recipe.symbols) others_.emplace_back(recipe, symbol);
}

std::pair<std::string, std::string> Joiner::key_of(const std::string& name, std::size_t symbol) const {
  std::pair<std::string, std::string> key = {name, recipe_.symbols[symbol].canonical()};
  if (!points_.contains(key)) key.second.clear();
  return key;
}

std::span<const OutsidePoint> Joiner::points_of(const recipe::OutsideSeries& series,
                                                std::size_t symbol) const {
  const auto found = points_.find(is_symbols_own(series.kind) ? key_of(series.name, symbol)
                                                              : std::pair{series.name, std::string()});
  return found == points_.end() ? std::span<const OutsidePoint>() : std::span(found->second);
}

double Joiner::value_of(const recipe::OutsideSeries& series, const Item& item) const {
  const TimeMs at = item.bar.close_time;
  if (decays(series.kind)) {
    const auto sums = decayed_.find(key_of(series.name, item.symbol));
    if (sums == decayed_.end()) return kMissing;
    const auto value = series.kind == Kind::decayed_sum ? sums->second.sum(at) : sums->second.mean(at);
    return value.value_or(kMissing);
  }
  const std::span<const OutsidePoint> points = points_of(series, item.symbol);
  if (series.kind == Kind::window_sum) return sum_within(points, at, series.span_ms);
  const OutsidePoint* known = newest_known(points, at);
  if (known == nullptr) return kMissing;
  if (series.kind == Kind::filing_age) {
    return static_cast<double>(at - known->known_at) / static_cast<double>(kDayMs);
  }
  return own_.is_stale(item.symbol, known->known_at, series.stale_bars.value_or(0)) ? kMissing : known->value;
}

double Joiner::of_batch(const recipe::OutsideSeries& series, std::span<const Item> batch) const {
  if (series.kind == Kind::breadth) return own_.breadth(batch, series.length);
  if (series.kind == Kind::advances) return own_.advances(batch, series.length);
  return own_.new_highs(batch, series.length);
}

std::vector<double> Joiner::of_sectors(const recipe::OutsideSeries& series,
                                       std::span<const Item> batch) const {
  std::map<std::string, double> moves;  // each is computed once a batch
  std::vector<double> values;
  for (const Item& item : batch) {
    const auto sector = recipe_.sectors.find(recipe_.symbols[item.symbol].canonical());
    if (sector == recipe_.sectors.end()) {
      values.push_back(kMissing);
      continue;
    }
    const auto [slot, fresh] = moves.try_emplace(sector->second, kMissing);
    if (fresh) slot->second = own_.sector_move(batch, sector->second, series.length);
    values.push_back(slot->second);
  }
  return values;
}

std::vector<std::vector<double>> Joiner::join(std::span<const Item> batch) {
  std::vector<std::vector<double>> joined(batch.size());
  if (recipe_.outside.empty()) return joined;
  for (const Item& item : batch) remember(item);
  for (const recipe::OutsideSeries& series : recipe_.outside) {
    if (series.kind == Kind::sector) {
      const std::vector<double> moves = of_sectors(series, batch);
      for (std::size_t i = 0; i < batch.size(); ++i) joined[i].push_back(moves[i]);
    } else if (series.kind == Kind::breadth || series.kind == Kind::advances ||
               series.kind == Kind::new_highs) {
      const double value = of_batch(series, batch);
      for (std::vector<double>& row : joined) row.push_back(value);
    } else {
      for (std::size_t i = 0; i < batch.size(); ++i) joined[i].push_back(value_of(series, batch[i]));
    }
  }
  return joined;
}

void Joiner::remember(const Item& item) {
  if (recipe_.outside.empty()) return;
  own_.take(item);
  others_[item.symbol].take(item.bar, points_);
}

}  // namespace pawl::loop
