// Every kind that TA-Lib has is its equal on every recorded bar.
#include <cstdio>
#include <filesystem>

#include "features/bars_for_features.h"
#include "features/expr.h"
#include "features/talib_cases.h"
#include "support/talib_oracle.h"

namespace pawl::features {
namespace {

// All of ../shared/data that is bars.
std::vector<std::string> recorded_files(const std::filesystem::path& data) {
  std::vector<std::string> names;
  for (const char* folder : {"crypto", "forex", "minute", "stocks"}) {
    for (const auto& file : std::filesystem::directory_iterator(data / folder)) {
      names.push_back(fmt::format("{}/{}", folder, file.path().filename().string()));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Timeframe timeframe_of(const std::string& name) {
  const std::pair<const char*, const char*> marks[] = {{"_1m", "M1"}, {"_M1", "M1"}, {"_M5", "M5"},
                                                       {"_1h", "H1"}, {"_H1", "H1"}, {"_H4", "H4"},
                                                       {"_1d", "D1"}};
  for (const auto& [mark, timeframe] : marks) {
    if (name.find(mark) != std::string::npos) return *Timeframe::parse(timeframe);
  }
  ADD_FAILURE() << name << " does not say its timeframe";
  return kH1;
}

std::vector<double> talib_column(const Case& one, const BarSeries& bars) {
  if (one.judge == Case::Judge::exact_alone) return {};
  const auto expr = parse_expression(one.spec, kH1);
  EXPECT_TRUE(expr.has_value()) << one.spec;
  auto values = test::talib_values(expr->kind->name, expr->parameters, bars);
  EXPECT_TRUE(values.has_value()) << "TA-Lib has no " << one.spec;
  return values.value_or(std::vector<double>(bars.size()));
}

// The worst of one case over all files.
struct Worst {
  Agreement agreement;
  std::string file = "nowhere";

  void add(const std::string& name, const Agreement& found) {
    if (found.worst > agreement.worst) {
      file = name;
      agreement.worst = found.worst;
      agreement.worst_bar = found.worst_bar;
      agreement.worst_ours = found.worst_ours;
      agreement.worst_theirs = found.worst_theirs;
    }
    agreement.bars += found.bars;
    agreement.overruled += found.overruled;
    agreement.disagreements += found.disagreements;
  }
  void print(const Case& one) const {
    std::printf("%-21s worst %8.2g in %zu bars", one.spec.c_str(), agreement.worst, agreement.bars);
    if (agreement.worst > 0) {
      std::printf(", %s bar %zu: %.17g, %.17g", file.c_str(), agreement.worst_bar, agreement.worst_ours,
                  agreement.worst_theirs);
    }
    if (agreement.overruled > 0) std::printf("; TA-Lib overruled on %zu", agreement.overruled);
    std::printf("\n");
  }
};

class Talib : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::talib_is_here()) GTEST_SKIP() << test::kNoTalib;
  }
};

TEST_F(Talib, AgreesWithEveryKindOnEveryRecordedBar) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << test::kNoSharedData;
  const std::vector<Case> cases = talib_cases();
  std::vector<Worst> worst(cases.size());
  constexpr std::size_t kAtOnce = 8;  // columns in memory
  for (const std::string& name : recorded_files(*data)) {
    const Timeframe timeframe = timeframe_of(name);
    const auto bars = shared_bars(name, timeframe, std::numeric_limits<std::size_t>::max());
    ASSERT_TRUE(bars.has_value()) << name;
    exact::Series series(*bars);
    for (std::size_t first = 0; first < cases.size(); first += kAtOnce) {
      const std::size_t last = std::min(first + kAtOnce, cases.size());
      std::vector<std::string> specs;
      for (std::size_t i = first; i < last; ++i) specs.push_back(cases[i].spec);
      const FeatureFrame rows = rows_of(parse_list(specs, timeframe), *bars, {4096});
      for (std::size_t i = first; i < last; ++i) {
        const Agreement found =
            compare(cases[i], series, column_of(rows, i - first), talib_column(cases[i], *bars));
        EXPECT_EQ(found.disagreements, 0u)
            << cases[i].spec << " in " << name << ", first at " << found.first_disagreement;
        worst[i].add(name, found);
      }
    }
  }
  for (std::size_t i = 0; i < cases.size(); ++i) worst[i].print(cases[i]);
}

// The comparison itself, on bars that make indicators stumble.
class TalibComparison : public Talib {
 protected:
  static constexpr std::size_t kBar = 700;

  std::size_t disagreements(const Case& one, const std::vector<double>& ours) {
    return compare(one, series_, ours, talib_column(one, bars_)).disagreements;
  }
  std::vector<double> ours(const Case& one) const { return values_of(one.spec, bars_); }

  const BarSeries bars_ = random_bars(3, 1000);
  exact::Series series_{bars_};
};

TEST_F(TalibComparison, FindsNothingWhereNothingIsWrong) {
  for (const Case& one : talib_cases()) EXPECT_EQ(disagreements(one, ours(one)), 0u) << one.spec;
}

TEST_F(TalibComparison, FindsAValueThatIsOffByAMillionth) {
  for (const Case& one : talib_cases()) {
    std::vector<double> values = ours(one);
    std::size_t bar = kBar;
    while (std::isnan(values[bar]) || std::fabs(values[bar]) < 0.002) ++bar;
    values[bar] *= 1 + 1e-6;
    EXPECT_EQ(disagreements(one, values), 1u) << one.spec << " at " << bar;
  }
}

TEST_F(TalibComparison, FindsAValueThatIsMissing) {
  for (const Case& one : talib_cases()) {
    std::vector<double> values = ours(one);
    std::size_t bar = kBar;
    while (std::isnan(values[bar])) ++bar;
    values[bar] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(disagreements(one, values), 1u) << one.spec;
  }
}

TEST_F(TalibComparison, FindsAStartThatIsABarTooEarlyOrTooLate) {
  for (const Case& one : talib_cases()) {
    std::vector<double> values = ours(one);
    const std::size_t first = first_value(values);
    if (first > 0) {
      values[first - 1] = values[first];
      EXPECT_EQ(disagreements(one, values), 1u) << one.spec;
      values[first - 1] = std::numeric_limits<double>::quiet_NaN();
    }
    values[first] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(disagreements(one, values), 1u) << one.spec;
  }
}

TEST_F(TalibComparison, StartsWhereTheKindDeclares) {
  for (const Case& one : talib_cases()) {
    if (one.judge == Case::Judge::exact_alone) continue;
    EXPECT_EQ(parse_list({one.spec}).warm_up_bars(), first_value(talib_column(one, bars_)) + 1) << one.spec;
  }
}

TEST_F(Talib, IsTheVersionThatTheComparisonKnows) {
  EXPECT_TRUE(test::talib_version().starts_with("0.6.0")) << test::talib_version();
  // TA_IS_ZERO is 1e-14: a move of 1e-12 in all still is one.
  BarSeries bars;
  for (int i = 0; i < 3; ++i) {
    const double price = 1e-4 + i * 1e-13;
    bars.append(bar_at(kMonday + i * kHourMs, kH1, price, price, price, price, 1));
  }
  const std::vector<double> n = {2};
  EXPECT_EQ(test::talib_values("rsi", n, bars)->back(), 100);
}

}  // namespace
}  // namespace pawl::features
