#include "loop/other_market.h"

#include <algorithm>
#include <cassert>

namespace pawl::loop {

OtherMarket::OtherMarket(const recipe::Recipe& recipe, const Symbol& market) {
  std::vector<std::string> specs;
  for (const recipe::OutsideSeries& series : recipe.outside) {
    if (series.kind != recipe::OutsideSeries::Kind::market) continue;
    const auto of = Symbol::parse(series.of);
    if (!of || !(*of == market)) continue;
    series_.push_back(&series);
    specs.push_back(series.expression);
  }
  if (specs.empty()) return;
  auto list = features::FeatureList::parse(specs, recipe.base, recipe.calendar);
  assert(list && "the recipe was validated");
  engine_.emplace_back(std::move(*list));
}

void OtherMarket::take(const BarBlock& bars, OutsidePoints& points) {
  if (empty()) return;
  rows_.resize(bars.size() * series_.size());
  ready_.resize(bars.size());
  // A value stands in its row as soon as its own expression has one, whatever the others need.
  engine_.front().update(bars, rows_, ready_);
  for (std::size_t k = 0; k < series_.size(); ++k) {
    std::vector<OutsidePoint>& own = points[{series_[k]->name, ""}];
    for (std::size_t i = 0; i < bars.size(); ++i) {
      own.push_back({bars.close_time[i] + series_[k]->delay_ms, rows_[i * series_.size() + k]});
    }
  }
}

void OtherMarket::take(const Bar& bar, OutsidePoints& points) {
  if (empty()) return;
  BarSeries one;
  one.append(bar);
  take(one.all(), points);
}

}  // namespace pawl::loop
