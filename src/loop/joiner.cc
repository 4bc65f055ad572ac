#include "loop/joiner.h"

#include <algorithm>
#include <limits>

namespace pawl::loop {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Joiner::Joiner(const recipe::Recipe& recipe, OutsidePoints points)
    : recipe_(recipe), points_(std::move(points)), closes_(recipe.symbols.size()) {
  for (auto& [key, series] : points_) {
    std::ranges::stable_sort(series, {}, &OutsidePoint::known_at);
  }
  for (const recipe::OutsideSeries& series : recipe.outside) {
    closes_kept_ = std::max(closes_kept_, static_cast<std::size_t>(series.length) + 1);
  }
}

double Joiner::as_known(const std::string& name, const std::string& symbol, TimeMs at) const {
  const auto found = points_.find({name, symbol});
  if (found == points_.end()) return kMissing;
  const auto after = std::ranges::upper_bound(found->second, at, {}, &OutsidePoint::known_at);
  return after == found->second.begin() ? kMissing : std::prev(after)->value;
}

void Joiner::take(const Item& item) {
  std::deque<double>& closes = closes_[item.symbol];
  closes.push_back(item.bar.close);
  if (closes.size() > closes_kept_) closes.pop_front();
}

// The share of this batch's markets that closed above the mean of their own last closes.
double Joiner::breadth(std::span<const Item> batch, std::int64_t length) const {
  double above = 0, counted = 0;
  const auto wanted = static_cast<std::size_t>(length);
  for (const Item& item : batch) {
    const std::deque<double>& closes = closes_[item.symbol];
    if (closes.size() < wanted) continue;
    double sum = 0;
    for (std::size_t i = closes.size() - wanted; i < closes.size(); ++i) sum += closes[i];
    ++counted;
    if (item.bar.close > sum / static_cast<double>(length)) ++above;
  }
  return counted > 0 ? above / counted : kMissing;
}

// The mean return over `length` bars of this batch's markets of the same sector.
double Joiner::sector_move(std::span<const Item> batch, const Item& of, std::int64_t length) const {
  const auto sector = recipe_.sectors.find(recipe_.symbols[of.symbol].canonical());
  if (sector == recipe_.sectors.end()) return kMissing;
  double sum = 0, counted = 0;
  const auto back = static_cast<std::size_t>(length);
  for (const Item& item : batch) {
    const auto other = recipe_.sectors.find(recipe_.symbols[item.symbol].canonical());
    const std::deque<double>& closes = closes_[item.symbol];
    if (other == recipe_.sectors.end() || other->second != sector->second || closes.size() <= back) continue;
    sum += item.bar.close / closes[closes.size() - 1 - back] - 1;
    ++counted;
  }
  return counted > 0 ? sum / counted : kMissing;
}

std::vector<std::vector<double>> Joiner::join(std::span<const Item> batch) {
  std::vector<std::vector<double>> joined(batch.size());
  if (recipe_.outside.empty()) return joined;
  for (const Item& item : batch) take(item);
  for (const recipe::OutsideSeries& series : recipe_.outside) {
    using Kind = recipe::OutsideSeries::Kind;
    const double of_all = series.kind == Kind::breadth ? breadth(batch, series.length) : kMissing;
    std::map<std::string, double> of_sector;  // each is computed once a batch
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::string& symbol = recipe_.symbols[batch[i].symbol].canonical();
      double value = of_all;
      if (series.kind == Kind::filing) {
        value = as_known(series.name, symbol, batch[i].bar.close_time);
      } else if (series.kind == Kind::bars || series.kind == Kind::series) {
        value = as_known(series.name, {}, batch[i].bar.close_time);
      } else if (series.kind == Kind::sector) {
        const auto sector = recipe_.sectors.find(symbol);
        if (sector != recipe_.sectors.end()) {
          const auto [slot, fresh] = of_sector.try_emplace(sector->second, kMissing);
          if (fresh) slot->second = sector_move(batch, batch[i], series.length);
          value = slot->second;
        }
      }
      joined[i].push_back(value);
    }
  }
  return joined;
}

}  // namespace pawl::loop
