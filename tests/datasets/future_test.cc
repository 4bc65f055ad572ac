// What a dataset says at T does not know what came after, and the check that says so sees every kind of leak:
// a feature that looks ahead, a label told too early, a higher timeframe joined before its close.
#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/history.h"
#include "domain/resampler.h"
#include "support/future_check.h"
#include "support/walk_bars.h"

namespace pawl::datasets {
namespace {

using test::find_future_leak;
using test::walk_bars;

const std::vector<std::size_t> kCuts = {61, 62, 63, 64, 150, 277};

std::unique_ptr<labels::Labeller> made(const std::string& kind_name, const std::string& yaml) {
  const labels::LabellerKind* kind = labels::find_labeller_kind(kind_name);
  const auto node = parse_yaml(yaml, "label");
  EXPECT_TRUE(node.has_value());
  auto settings = Settings::read(kind->schema, *node, "label");
  EXPECT_TRUE(settings.has_value()) << settings.error().message;
  auto labeller = kind->make(*settings, {{.per_side_bp = 5}, MarketCalendar::utc_always()});
  EXPECT_TRUE(labeller.has_value()) << labeller.error().message;
  return std::move(*labeller);
}

FeatureHistory followed(const std::vector<std::string>& specs, const BarSeries& bars) {
  auto list = features::FeatureList::parse(specs, kH1, MarketCalendar::utc_always());
  EXPECT_TRUE(list.has_value()) << list.error().message;
  FeatureHistory history(*list, 50);
  history.follow(bars);
  return history;
}

Dataset dataset_of(const labels::Labeller& labeller, const BarSeries& bars) {
  const FeatureHistory features = followed({"clv", "rsi(14)", "ema(5)@H4"}, bars);
  const TimeMs end = bars.back().close_time;
  if (!labeller.scale_spec()) return assemble(features, labeller, nullptr, bars, 0, bars.size(), end);
  const FeatureHistory scale = followed({*labeller.scale_spec()}, bars);
  return assemble(features, labeller, &scale, bars, 0, bars.size(), end);
}

// The labels of a dataset as rows that are known when the labels say they are.
FeatureFrame labels_by_known_at(const Dataset& dataset) {
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < dataset.rows(); ++i) {
    if (dataset.labels[i].known()) known.push_back(i);
  }
  std::stable_sort(known.begin(), known.end(), [&](std::size_t a, std::size_t b) {
    return dataset.labels[a].known_at < dataset.labels[b].known_at;
  });
  FeatureFrame frame;
  frame.names = {"row", "class", "return"};
  for (const std::size_t i : known) {
    frame.known_at.push_back(dataset.labels[i].known_at);
    frame.ready.push_back(1);
    for (const double value : {static_cast<double>(i), static_cast<double>(dataset.labels[i].cls),
                               dataset.labels[i].gross_return}) {
      frame.values.push_back(value);
    }
  }
  return frame;
}

TEST(TheFuture, ReachesNoRowOfADataset) {
  const auto labeller = made("horizon_return", "{}");
  const auto leak = find_future_leak([&](const BarSeries& bars) { return dataset_of(*labeller, bars).frame; },
                                     walk_bars(1, 300), kCuts);
  EXPECT_FALSE(leak.has_value()) << leak->describe();
}

TEST(TheFuture, ReachesNoLabelBeforeItIsKnown) {
  for (const auto& [kind, yaml] :
       {std::pair{"horizon_return", "{horizon_bars: 5}"},
        std::pair{"horizon_return", "{classes: 3, threshold: atr}"}, std::pair{"triple_barrier", "{}"}}) {
    const auto labeller = made(kind, yaml);
    const auto leak = find_future_leak(
        [&](const BarSeries& bars) { return labels_by_known_at(dataset_of(*labeller, bars)); },
        walk_bars(2, 300), kCuts);
    EXPECT_FALSE(leak.has_value()) << kind << yaml << ": " << leak->describe();
  }
}

// A labeller that means well and is wrong: it says that three bars are its horizon and takes the close of the
// bar after them for its exit.
class EarlyLabeller final : public labels::Labeller {
 public:
  int classes() const override { return 2; }
  std::size_t horizon_bars() const override { return 3; }
  std::optional<std::string> scale_spec() const override { return std::nullopt; }
  std::vector<Label> label(const BarSeries& bars, std::size_t first, std::size_t last,
                           std::span<const double>) const override {
    std::vector<Label> found(last - first);
    for (std::size_t t = first; t < last; ++t) {
      const std::size_t exit = t + 5;
      if (exit >= bars.size()) continue;
      const double gross = bars.close(exit) / bars.open(t + 1) - 1;
      found[t - first] = {.cls = gross > 0 ? 1 : 0,
                          .gross_return = gross,
                          .known_at = bars.close_time(t + 4),
                          .exit_bar = exit};
    }
    return found;
  }
};

TEST(TheCheck, CatchesALabelToldTooEarly) {
  const EarlyLabeller labeller;
  const auto leak =
      find_future_leak([&](const BarSeries& bars) { return labels_by_known_at(dataset_of(labeller, bars)); },
                       walk_bars(3, 300), kCuts);
  EXPECT_TRUE(leak.has_value());
}

// Puts one more column beside the honest ones.
FeatureFrame with_column(FeatureFrame frame, const std::function<double(std::size_t)>& value) {
  FeatureFrame wider;
  wider.names = frame.names;
  wider.names.push_back("planted");
  wider.known_at = frame.known_at;
  wider.ready = frame.ready;
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    wider.values.insert(wider.values.end(), frame.row(i).begin(), frame.row(i).end());
    wider.values.push_back(value(i));
  }
  return wider;
}

TEST(TheCheck, CatchesAFeatureThatLooksOneBarAhead) {
  const auto labeller = made("horizon_return", "{}");
  const auto leak = find_future_leak(
      [&](const BarSeries& bars) {
        return with_column(dataset_of(*labeller, bars).frame, [&](std::size_t i) {
          return bars.close(std::min(i + 1, bars.size() - 1)) / bars.close(i);
        });
      },
      walk_bars(4, 300), kCuts);
  ASSERT_TRUE(leak.has_value());
  EXPECT_EQ(leak->feature, "planted");
}

TEST(TheCheck, CatchesAHigherTimeframeJoinedBeforeItsClose) {
  // The H4 bar that an hour falls into, looked up by its open; right would be the last one that has closed.
  const auto joined = [](const BarSeries& bars, bool by_open) {
    const BarSeries high = resample(bars, kH4, MarketCalendar::utc_always());
    return with_column(followed({"clv"}, bars).rows(bars, 0, bars.size()), [&](std::size_t i) {
      const std::size_t count =
          by_open ? high.count_opened_before(bars.close_time(i)) : high.count_known_at(bars.close_time(i));
      return count == 0 ? 0.0 : high.close(count - 1);
    });
  };
  const auto late =
      find_future_leak([&](const BarSeries& bars) { return joined(bars, true); }, walk_bars(5, 300), kCuts);
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->feature, "planted");
  const auto right =
      find_future_leak([&](const BarSeries& bars) { return joined(bars, false); }, walk_bars(5, 300), kCuts);
  EXPECT_FALSE(right.has_value()) << right->describe();
}

}  // namespace
}  // namespace pawl::datasets
