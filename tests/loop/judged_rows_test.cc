// The second leak detector (docs/full-retrain.md): what is fitted before the judged rows does not change by a
// bit when they do. Jobs are cut here as the loop cuts them; then the same jobs with the cut moved to T,
// which is how early stopping or a calibration would get at the judged rows.
#include <gtest/gtest.h>

#include "loop/bar_line.h"
#include "loop/run.h"
#include "loop/several_rig.h"
#include "support/future_check.h"
#include "support/walk_bars.h"

namespace pawl::loop {
namespace {

using Sets = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kRecipe = R"(schema: 1
recipe: judged
symbols: [BTC/USDT]
source: {kind: simulated}
features: [clv, ret(1), rsi(14), ema(5)@H4/close]
label: {kind: horizon_return, horizon_bars: 3}
model: {kind: xgboost, trees: 60, depth: 3, early_stopping_rounds: 5}
signal: {kind: edge}
gate: {policy: better}
validation: {window_days: 0, judged_days: 8, embargo_bars: 5, min_bars: 300, min_judged_rows: 50}
)";
constexpr std::size_t kBars = 900;

struct Made {
  std::string model, calibration;
};

// What a fit at the last bar makes of these bars. `moved` is what a fault does to the windows.
Made fit(const BarSeries& bars, const Sets& set, const std::function<void(Windows&)>& moved,
         Windows* planned = nullptr) {
  const recipe::Recipe recipe = several_recipe(kRecipe, set);
  const auto kinds = make_kinds(recipe);
  EXPECT_TRUE(kinds.has_value());
  BarLine line(recipe, *kinds->labeller, recipe.symbols);
  for (std::size_t i = 0; i < bars.size(); ++i) line.append(0, bars[i], {});
  auto windows = line.plan(bars.back().close_time);
  EXPECT_TRUE(windows.has_value()) << windows.error().message;
  if (planned != nullptr) *planned = *windows;
  if (moved) moved(*windows);
  const auto job = make_job(recipe, line, *windows, training::JobKind::fit, 1, recipe.features, false);
  EXPECT_TRUE(job.has_value()) << job.error().message;
  const auto result = training::run_job(*job, 1, {});
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return {result->artifact.model_bytes, result->artifact.calibration.dump()};
}

struct Changes {
  bool model = false, calibration = false;
};
Changes with_other_judged_rows(const Sets& set, const std::function<void(Windows&)>& moved = {}) {
  const BarSeries bars = test::walk_bars(9, kBars);
  Windows windows;
  const Made made = fit(bars, set, moved, &windows);
  const std::size_t judged_from = bars.count_known_at(windows.judged_from);
  EXPECT_GT(kBars - judged_from, 150U);
  const Made other = fit(test::with_scrambled_future(bars, judged_from, 4), set, moved);
  return {made.model != other.model, made.calibration != other.calibration};
}

void cut_at_now(Windows& windows) {
  windows.fit_cut = windows.now;
}

const Sets kCalibrated = {{"calibration", "{method: isotonic, share: 0.3}"}};

TEST(JudgedRows, ChangeNothingOfWhatWasFittedBeforeThem) {
  const Changes plain = with_other_judged_rows({});
  EXPECT_FALSE(plain.model);
  const Changes calibrated = with_other_judged_rows(kCalibrated);
  EXPECT_FALSE(calibrated.model);
  EXPECT_FALSE(calibrated.calibration);
  const Made made = fit(test::walk_bars(9, kBars), kCalibrated, {});
  EXPECT_NE(made.calibration, "null") << "there is a map to change";
}

TEST(JudgedRows, ThatStopATrainingChangeItsModel) {
  EXPECT_TRUE(with_other_judged_rows({}, cut_at_now).model);
}

// The rows of the map reach back beyond the judged ones, so that the model itself is trained on none of them:
// its bytes say nothing, the map does.
TEST(JudgedRows, ThatAreCalibratedByChangeTheMap) {
  const Changes changes = with_other_judged_rows(kCalibrated, cut_at_now);
  EXPECT_FALSE(changes.model);
  EXPECT_TRUE(changes.calibration);
}

// A cut that lets two judged rows and their labels in is seen too.
TEST(JudgedRows, AFewOfThemInTheFolderAreEnough) {
  const auto a_little_late = [](Windows& windows) { windows.fit_cut = windows.judged_from + 6 * kHourMs; };
  EXPECT_TRUE(
      with_other_judged_rows({{"model", "{kind: xgboost, trees: 20, depth: 3}"}}, a_little_late).model);
}

}  // namespace
}  // namespace pawl::loop
