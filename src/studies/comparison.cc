#include "studies/comparison.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "base/format.h"

namespace pawl::studies {

namespace {

constexpr double kCoverage = 0.95;

// Returns of all policies by batch, from the first at which any had one: where a policy had no prediction
// behind it, it stood aside.
std::vector<std::vector<double>> aligned_returns(const std::vector<PolicyHistory>& histories) {
  std::vector<std::vector<double>> aligned(histories.size());
  for (std::size_t t = 0; t < histories.front().returns.size(); ++t) {
    const bool any = std::ranges::any_of(
        histories, [t](const PolicyHistory& history) { return std::isfinite(history.returns[t]); });
    if (!any) continue;
    for (std::size_t i = 0; i < histories.size(); ++i) {
      const double value = histories[i].returns[t];
      aligned[i].push_back(std::isfinite(value) ? value : 0);
    }
  }
  return aligned;
}

std::vector<double> difference_of(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> difference(a.size());
  for (std::size_t t = 0; t < a.size(); ++t) difference[t] = a[t] - b[t];
  return difference;
}

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool varies(const std::vector<double>& values) {
  return std::ranges::any_of(values, [&](double value) { return value != values.front(); });
}

// Blocks no shorter than four horizons: labels and positions overlap over one.
double block_of(const std::vector<double>& series, std::size_t horizon_bars) {
  const double longest = std::max(1.0, static_cast<double>(series.size()) / 3);
  return std::min(longest,
                  std::max(stats::politis_white_block(series), 4 * static_cast<double>(horizon_bars)));
}

Difference measure(const std::vector<double>& series, std::size_t horizon_bars, double bars_per_year,
                   const ComparisonSettings& settings) {
  Difference found;
  const double mean = mean_of(series);
  found.a_year = mean * bars_per_year;
  if (series.size() < 2 || !varies(series)) return found;
  found.block = block_of(series, horizon_bars);
  const stats::Interval interval = stats::mean_interval(
      mean, stats::mean_deviations(series, found.block, settings.resamples, settings.seed), kCoverage);
  found.interval = {interval.low * bars_per_year, interval.high * bars_per_year};
  const double error = stats::bootstrap_standard_error(series, found.block);
  if (error > 0) found.p_value = std::erfc(std::abs(mean) / error / std::sqrt(2.0));
  return found;
}

void measure_ages(const Arena& arena, const PolicyHistory& history, PolicyScore& score) {
  double sum = 0, longest = 0;
  std::int64_t bars = 0;
  for (std::size_t i = 0; i < history.lines.size(); ++i) {
    const LineHistory& line = history.lines[i];
    const std::vector<TimeMs>& closes = arena.markets()[i]->closes();
    for (std::size_t k = 0; k < line.swaps.size(); ++k) {
      if (line.swaps[k].to.number.value == 0) continue;  // rolled back to the rules, which nobody trained
      const std::size_t end = k + 1 < line.swaps.size() ? line.swaps[k + 1].bar : line.sides.size();
      for (std::size_t bar = line.swaps[k].bar; bar < end; ++bar) {
        if (line.sides[bar] == LineHistory::kNoPrediction) continue;
        const double days =
            static_cast<double>(closes[bar] - line.swaps[k].to.began_at) / static_cast<double>(kDayMs);
        sum += days;
        longest = std::max(longest, days);
        ++bars;
      }
    }
  }
  if (bars == 0) return;
  score.mean_age_days = sum / static_cast<double>(bars);
  score.longest_age_days = longest;
}

std::vector<double> equity_of(const std::vector<double>& returns, std::size_t points) {
  std::vector<double> equity = {1};
  double wealth = 1;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    wealth = std::max(0.0, wealth * (1 + returns[t]));
    const std::size_t reached = (t + 1) * points / returns.size();
    if (reached >= equity.size()) equity.push_back(wealth);
  }
  return equity;
}

PolicyScore score_of(const Arena& arena, const PolicyHistory& history, std::int64_t bars,
                     double bars_per_year) {
  PolicyScore score;
  score.name = history.name;
  score.completed = history.completed;
  score.failed = history.failed;
  score.deferred = history.deferred;
  score.promotions = history.promotions;
  score.rollbacks = history.rollbacks;
  score.trainings_asked = static_cast<std::int64_t>(history.trainings.size());
  for (const TrainingHandle& training : history.trainings) score.training_seconds += training->seconds;
  score.walk_us_per_bar = 1e6 * history.seconds / static_cast<double>(std::max<std::int64_t>(1, bars));
  measure_ages(arena, history, score);
  outcomes::SignalTally sum;
  for (const LineHistory& line : history.lines) {
    sum.signals += line.tally.signals;
    sum.correct += line.tally.correct;
    sum.correct_net += line.tally.correct_net;
    score.turnover += line.strategy.turnover() / static_cast<double>(history.lines.size());
  }
  score.signals = sum.signals;
  score.win_rate = sum.win_rate();
  score.win_rate_net = sum.win_rate_net();
  score.total_return = history.portfolio.total_return();
  score.annual_return = history.portfolio.annual_return(bars_per_year);
  score.sharpe = history.portfolio.sharpe(bars_per_year);
  score.max_drawdown = history.portfolio.max_drawdown();
  return score;
}

std::string quoted(const std::vector<std::string>& names) {
  return fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

// Plain words, with the multiplicity of all pairs taken into account: the best was picked by looking.
std::string verdict_of(const Comparison& comparison, std::size_t pairs) {
  const PolicyScore& best = comparison.policies[comparison.best];
  std::vector<std::string> same, alike, worse;
  for (std::size_t i = 0; i < comparison.policies.size(); ++i) {
    const PolicyScore& one = comparison.policies[i];
    if (i == comparison.best) continue;
    const bool differs = one.to_best.interval.low != 0 || one.to_best.interval.high != 0;
    (!one.as_good_as_best ? worse : differs ? same : alike).push_back(one.name);
  }
  if (comparison.policies.size() == 1) return "There is one policy, and nothing to tell it apart from.";
  std::string text = fmt::format("The highest mean return is that of \"{}\".", best.name);
  if (!alike.empty()) text += fmt::format(" {} returned exactly the same.", quoted(alike));
  if (worse.empty() && !same.empty()) {
    text +=
        " None of the others can be told apart from it: the differences are no greater than chance makes "
        "them";
  } else if (worse.empty()) {
    text += " There is no difference";
  } else {
    if (!same.empty()) text += fmt::format(" These cannot be told apart from it: {}.", quoted(same));
    text += fmt::format(" Worse beyond what chance explains: {}", quoted(worse));
  }
  text += fmt::format(" (5 % for all {} pairs together).", pairs);
  return text;
}

}  // namespace

Comparison compare(const Arena& arena, const ComparisonSettings& settings) {
  const std::vector<PolicyHistory>& histories = arena.histories();
  assert(!histories.empty() && "the arena has run");
  const recipe::Recipe& recipe = arena.policies().front().recipe;
  const std::size_t horizon = arena.markets().front()->labeller().horizon_bars();
  Comparison comparison;
  comparison.bars = static_cast<std::int64_t>(arena.timeline().items.size());
  if (comparison.bars > 0) {
    comparison.from = arena.timeline().closes.front();
    comparison.to = arena.timeline().closes.back();
  }
  const std::vector<std::vector<double>> returns = aligned_returns(histories);
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < histories.size(); ++i) {
    comparison.policies.push_back(score_of(arena, histories[i], comparison.bars, recipe.bars_per_year));
    comparison.policies.back().equity = equity_of(returns[i], settings.equity_points);
    if (histories[i].name == settings.baseline) comparison.baseline = i;
    if (const double mean = mean_of(returns[i]); mean > highest) {
      highest = mean;
      comparison.best = i;
    }
  }
  const std::size_t count = histories.size(), pairs = count * (count - 1) / 2;
  std::vector<std::vector<double>> to_baseline;
  for (std::size_t i = 0; i < count; ++i) {
    PolicyScore& score = comparison.policies[i];
    std::vector<double> series = difference_of(returns[i], returns[comparison.baseline]);
    score.to_baseline = measure(series, horizon, recipe.bars_per_year, settings);
    if (i != comparison.baseline) to_baseline.push_back(std::move(series));
    score.to_best =
        measure(difference_of(returns[i], returns[comparison.best]), horizon, recipe.bars_per_year, settings);
    score.as_good_as_best =
        pairs == 0 || score.to_best.p_value >= (1 - kCoverage) / static_cast<double>(pairs);
  }
  double block = 0;
  for (const std::vector<double>& series : to_baseline) {
    if (series.size() > 1 && varies(series)) block = std::max(block, block_of(series, horizon));
  }
  if (block > 0) {
    comparison.spa = stats::superior_ability(
        to_baseline, {.block = block, .resamples = settings.resamples, .seed = settings.seed});
  }
  comparison.costs = arena.costs();
  comparison.verdict = verdict_of(comparison, pairs);
  return comparison;
}

}  // namespace pawl::studies
