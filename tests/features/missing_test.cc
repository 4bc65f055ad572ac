// What becomes of missing inputs: leading ones, and ones in the middle.
#include <set>

#include "features/bars_for_features.h"
#include "features/feature.h"

namespace pawl::features {
namespace {

constexpr double kNone = -99;

// Bars with these volumes; `volume/volume*volume` is the volume with zeros missing.
BarSeries bars_with_volumes(const std::vector<double>& volumes) {
  BarSeries bars;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    bars.append(bar_at(kMonday + static_cast<TimeMs>(i) * kHourMs, kH1, 1, 1, 1, 1, volumes[i]));
  }
  return bars;
}

void expect_values(const std::string& kind_and_arguments, const std::vector<double>& volumes,
                   const std::vector<double>& wanted) {
  std::vector<double> values = values_of(kind_and_arguments, bars_with_volumes(volumes));
  for (double& value : values) value = std::isnan(value) ? kNone : value;
  ASSERT_EQ(values.size(), wanted.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_DOUBLE_EQ(values[i], wanted[i]) << kind_and_arguments << " at " << i;
  }
}

TEST(Missing, ADivisionByZeroIsMissing) {
  expect_values("close/volume", {2, 0, 4}, {0.5, kNone, 0.25});
  expect_values("volume/volume", {2, 0, 4}, {1, kNone, 1});
  expect_values("-(close/volume)", {2, 0, 4}, {-0.5, kNone, -0.25});
}

TEST(Missing, LeadingValuesAreNotCounted) {
  const std::string x = "volume/volume*volume";
  expect_values("sma(" + x + ",2)", {0, 0, 1, 3, 5}, {kNone, kNone, kNone, 2, 4});
  expect_values("ema(" + x + ",2)", {0, 0, 1, 3, 3}, {kNone, kNone, kNone, 2, 2 + 2.0 / 3 * 1});
  expect_values("max(" + x + ",2)", {0, 4, 3, 2}, {kNone, kNone, 4, 3});
  expect_values("ema(ema(" + x + ",2),2)", {1, 1, 1, 1}, {kNone, kNone, 1, 1});
}

TEST(Missing, AWindowStepsOverAMissingValue) {
  const std::string x = "volume/volume*volume";
  expect_values("sma(" + x + ",2)", {1, 3, 0, 5, 7}, {kNone, 2, kNone, 4, 6});
  expect_values("min(" + x + ",3)", {5, 6, 7, 0, 8}, {kNone, kNone, 5, kNone, 6});
  expect_values("ema(" + x + ",1)", {1, 0, 3}, {1, kNone, 3});
}

TEST(Missing, ALagCountsBars) {
  const std::string x = "volume/volume*volume";
  expect_values("lag(" + x + ",2)", {1, 0, 3, 4, 5}, {kNone, kNone, 1, kNone, 3});
  expect_values("ret(" + x + ",1)", {1, 2, 0, 4, 6}, {kNone, 1, kNone, kNone, 0.5});
}

// A missing value in the middle is forgotten: every kind on an expression has the very state afterwards that
// it would have without that bar, so nothing is poisoned.
TEST(Missing, NoKindIsPoisoned) {
  Random random(4);
  std::vector<double> with, without;
  for (int i = 0; i < 200; ++i) {
    const double volume = 1 + std::floor(100 * random.uniform());
    with.push_back(volume);
    without.push_back(volume);
    if (i % 17 == 9) with.push_back(0);
  }
  const std::string x = "volume/volume*volume";
  for (const FeatureKind& kind : feature_kinds()) {
    if (kind.inputs == 0) continue;
    std::string arguments = x;
    for (int i = 1; i < kind.inputs; ++i) arguments += fmt::format(",{}*{}", x, i == 1 ? x : "3");
    const std::string spec = fmt::format("{}({})", kind.name, arguments);
    std::vector<double> values = values_of(spec, bars_with_volumes(with));
    EXPECT_FALSE(std::isnan(values.back())) << spec;
    for (std::size_t i = 0; i < with.size(); ++i) {
      if (with[i] != 0 || kind.name == "lag") continue;
      EXPECT_TRUE(std::isnan(values[i])) << spec << " at " << i;
    }
    static const std::set<std::string> counts_bars = {"lag",    "ret",      "roc",
                                                      "logret", "momentum", "realised_vol"};
    if (counts_bars.contains(kind.name)) continue;
    std::vector<double> kept;
    for (std::size_t i = 0; i < with.size(); ++i) {
      if (with[i] != 0) kept.push_back(values[i]);
    }
    const std::vector<double> wanted = values_of(spec, bars_with_volumes(without));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(kept[i]), std::bit_cast<std::uint64_t>(wanted[i])) << spec << i;
    }
  }
}

TEST(Missing, EveryNaNHasTheSameBits) {
  const FeatureFrame frame = rows_of(parse_list(varied_specs()), random_bars(77, 1000));
  const auto wanted = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < frame.values.size(); ++i) {
    ASSERT_FALSE(std::isinf(frame.values[i])) << frame.names[i % frame.columns()];
    if (!std::isnan(frame.values[i])) continue;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(frame.values[i]), wanted) << frame.names[i % frame.columns()];
  }
}

TEST(Missing, VolumeFeaturesSayNothingWithoutVolume) {
  BarSeries bars;
  const BarSeries source = random_bars(5, 100);
  for (std::size_t i = 0; i < source.size(); ++i) {
    Bar bar = source[i];
    bar.volume = 0;
    bars.append(bar);
  }
  for (const char* spec : {"obv_slope(10)", "mfi(14)", "volume_ratio(20)", "zscore(volume,20)"}) {
    EXPECT_EQ(first_value(values_of(spec, bars)), bars.size()) << spec;
  }
}

}  // namespace
}  // namespace pawl::features
