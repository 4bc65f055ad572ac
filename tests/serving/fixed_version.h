// A version whose model answers what it was made with, over features that can be computed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "features/engine.h"
#include "registry/registry.h"

namespace pawl::serving::test {

class FixedModel final : public models::Model {
 public:
  FixedModel(std::vector<double> answer, std::size_t columns)
      : answer_(std::move(answer)), columns_(columns) {}
  int classes() const override { return static_cast<int>(answer_.size()); }
  std::size_t columns() const override { return columns_; }
  void predict(const models::Matrix&, std::span<double> probabilities) const override {
    std::copy(answer_.begin(), answer_.end(), probabilities.begin());
  }
  Json describe() const override { return Json::object(); }

 private:
  std::vector<double> answer_;
  std::size_t columns_;
};

// `answer`: [down, up] or [SELL, HOLD, BUY].
inline std::shared_ptr<registry::LoadedVersion> fixed_version(
    std::vector<double> answer, const std::vector<std::string>& specs, Timeframe base,
    const MarketCalendar& calendar = MarketCalendar::utc_always()) {
  const auto list = features::FeatureList::parse(specs, base, calendar);
  EXPECT_TRUE(list) << list.error().message;
  auto loaded = std::make_shared<registry::LoadedVersion>();
  loaded->bundle.line = "forex-weekly/EUR_USD";
  loaded->bundle.number = {12};
  loaded->bundle.features = list->specs();
  loaded->bundle.features_hash = list->hash();
  loaded->bundle.classes = static_cast<int>(answer.size());
  loaded->content_hash = std::string(64, 'c');
  loaded->judged = std::make_unique<FixedModel>(std::move(answer), specs.size());
  return loaded;
}

}  // namespace pawl::serving::test
