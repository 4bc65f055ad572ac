#include "loop/own_markets.h"

#include <algorithm>
#include <limits>

namespace pawl::loop {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

OwnMarkets::OwnMarkets(const recipe::Recipe& recipe) : recipe_(recipe), closes_(recipe.symbols.size()) {
  for (const recipe::OutsideSeries& series : recipe.outside) {
    const std::int64_t longest = std::max(series.length, series.stale_bars.value_or(0));
    kept_ = std::max(kept_, static_cast<std::size_t>(longest) + 1);
  }
}

void OwnMarkets::take(const MarketBar& item) {
  std::deque<Close>& closes = closes_[item.symbol];
  closes.push_back({item.bar.close_time, item.bar.close});
  if (closes.size() > kept_) closes.pop_front();
}

double OwnMarkets::breadth(std::span<const MarketBar> batch, std::int64_t length) const {
  double above = 0, counted = 0;
  const auto wanted = static_cast<std::size_t>(length);
  for (const MarketBar& item : batch) {
    const std::deque<Close>& closes = closes_[item.symbol];
    if (closes.size() < wanted) continue;
    double sum = 0;
    for (std::size_t i = closes.size() - wanted; i < closes.size(); ++i) sum += closes[i].price;
    ++counted;
    if (item.bar.close > sum / static_cast<double>(length)) ++above;
  }
  return counted > 0 ? above / counted : kMissing;
}

double OwnMarkets::advances(std::span<const MarketBar> batch, std::int64_t length) const {
  double risen = 0, fallen = 0, counted = 0;
  const auto back = static_cast<std::size_t>(length);
  for (const MarketBar& item : batch) {
    const std::deque<Close>& closes = closes_[item.symbol];
    if (closes.size() <= back) continue;
    const double before = closes[closes.size() - 1 - back].price;
    ++counted;
    if (item.bar.close > before) ++risen;
    if (item.bar.close < before) ++fallen;
  }
  if (counted == 0) return kMissing;
  return risen + fallen > 0 ? (risen - fallen) / (risen + fallen) : 0;
}

double OwnMarkets::new_highs(std::span<const MarketBar> batch, std::int64_t length) const {
  double highs = 0, lows = 0, counted = 0;
  const auto back = static_cast<std::ptrdiff_t>(length);
  for (const MarketBar& item : batch) {
    const std::deque<Close>& closes = closes_[item.symbol];
    if (std::ssize(closes) <= back) continue;
    const auto [low, high] =
        std::ranges::minmax_element(closes.end() - 1 - back, closes.end() - 1, {}, &Close::price);
    ++counted;
    if (item.bar.close > high->price) ++highs;
    if (item.bar.close < low->price) ++lows;
  }
  return counted > 0 ? (highs - lows) / counted : kMissing;
}

double OwnMarkets::sector_move(std::span<const MarketBar> batch, const std::string& sector,
                               std::int64_t length) const {
  double sum = 0, counted = 0;
  const auto back = static_cast<std::size_t>(length);
  for (const MarketBar& item : batch) {
    const auto own = recipe_.sectors.find(recipe_.symbols[item.symbol].canonical());
    const std::deque<Close>& closes = closes_[item.symbol];
    if (own == recipe_.sectors.end() || own->second != sector || closes.size() <= back) continue;
    sum += item.bar.close / closes[closes.size() - 1 - back].price - 1;
    ++counted;
  }
  return counted > 0 ? sum / counted : kMissing;
}

bool OwnMarkets::is_stale(std::size_t symbol, TimeMs known_at, std::int64_t bars) const {
  const std::deque<Close>& closes = closes_[symbol];
  const auto back = static_cast<std::size_t>(bars);
  return bars > 0 && closes.size() > back && closes[closes.size() - 1 - back].time >= known_at;
}

}  // namespace pawl::loop
