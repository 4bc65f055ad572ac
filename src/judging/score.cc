#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <map>
#include <set>

#include "judging/metrics.h"
#include "judging/running.h"

namespace pawl::judging {
namespace {

// A probability of 0 for what then happened would make one row's loss infinite.
constexpr double kSmallestProbability = 1e-15;

void put(Scorecard& card, std::string name, std::optional<double> value, std::string why_undefined) {
  if (value) {
    card.set(std::move(name), *value);
  } else {
    card.set_undefined(std::move(name), std::move(why_undefined));
  }
}

std::optional<double> ratio(double numerator, double denominator) {
  if (denominator == 0) return std::nullopt;
  return numerator / denominator;
}

// The classes that are scored one against the rest: UP of two; SELL and BUY of three.
struct ScoredClass {
  int cls;
  std::string name;
};
std::vector<ScoredClass> scored_classes(int classes) {
  if (classes == 2) return {{1, "UP"}};
  return {{0, "SELL"}, {2, "BUY"}};
}

// A mean over the scored classes; undefined, with the class to blame, where it is for one of them. Leaving
// that one out would reward a model that never names a class.
class ClassMean {
 public:
  ClassMean(std::string name, std::string why_before, std::string why_after)
      : name_(std::move(name)), why_before_(std::move(why_before)), why_after_(std::move(why_after)) {}
  void push(const ScoredClass& scored, std::optional<double> value) {
    if (!value && culprit_.empty()) culprit_ = scored.name;
    sum_ += value.value_or(0);
    ++count_;
  }
  void put_into(Scorecard& card) const {
    if (culprit_.empty()) {
      card.set(name_, sum_ / count_);
    } else {
      card.set_undefined(name_, why_before_ + culprit_ + why_after_);
    }
  }

 private:
  std::string name_, why_before_, why_after_, culprit_;
  double sum_ = 0;
  int count_ = 0;
};

double weight_of(const ScoredRows& rows, std::size_t row) {
  return rows.weights.empty() ? 1 : rows.weights[row];
}

void score_classes(const ScoredRows& rows, Scorecard& card) {
  const std::size_t count = rows.labels.size();
  if (count == 0) {
    for (const char* name : {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier"}) {
      card.set_undefined(name, "no rows");
    }
    return;
  }
  const auto width = static_cast<std::size_t>(rows.classes);
  std::array<std::array<double, 3>, 3> confusion{};  // [label][predicted]
  double log_loss_sum = 0, brier_sum = 0, total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const double> probabilities = rows.probabilities.subspan(i * width, width);
    const auto label = static_cast<std::size_t>(rows.labels[i].cls);
    assert(rows.labels[i].known() && label < width);
    const double weight = weight_of(rows, i);
    total += weight;
    confusion[label][static_cast<std::size_t>(predicted_class(probabilities))] += weight;
    log_loss_sum -= weight * std::log(std::clamp(probabilities[label], kSmallestProbability, 1.0));
    for (std::size_t k = 0; k < width; ++k) {
      const double error = probabilities[k] - (k == label ? 1 : 0);
      brier_sum += weight * (error * error / 2);
    }
  }

  ClassMean precision("precision", "", " was never predicted");
  ClassMean recall("recall", "no row is ", "");
  ClassMean f1("f1", "no row is ", " and it was never predicted");
  ClassMean auc("roc_auc", "no two rows to tell apart: all or none are ", "");
  double hits = 0;
  for (std::size_t k = 0; k < width; ++k) hits += confusion[k][k];
  for (const ScoredClass& scored : scored_classes(rows.classes)) {
    const auto cls = static_cast<std::size_t>(scored.cls);
    double predicted = 0, actual = 0;
    for (std::size_t k = 0; k < width; ++k) {
      predicted += confusion[k][cls];
      actual += confusion[cls][k];
    }
    const double true_positives = confusion[cls][cls];
    precision.push(scored, ratio(true_positives, predicted));
    recall.push(scored, ratio(true_positives, actual));
    f1.push(scored, ratio(2 * true_positives, predicted + actual));
    std::vector<double> scores(count);
    std::vector<int> positives(count);
    for (std::size_t i = 0; i < count; ++i) {
      scores[i] = rows.probabilities[i * width + cls];
      positives[i] = rows.labels[i].cls == scored.cls ? 1 : 0;
    }
    auc.push(scored, rows.weights.empty() ? roc_auc(scores, positives)
                                          : weighted_roc_auc(scores, positives, rows.weights));
  }
  card.set("accuracy", hits / total);
  precision.put_into(card);
  recall.put_into(card);
  f1.put_into(card);
  auc.put_into(card);
  card.set("log_loss", log_loss_sum / total);
  card.set("brier", brier_sum / total);
}

void score_signals(const ScoredRows& rows, const Costs& costs, Scorecard& card) {
  std::int64_t count = 0;
  double signals = 0, correct = 0, correct_net = 0, won = 0, lost = 0, cost_sum = 0;
  for (std::size_t i = 0; i < rows.sides.size(); ++i) {
    if (rows.sides[i] == Side::hold) continue;
    const double gross = rows.labels[i].gross_return * static_cast<double>(rows.sides[i]);
    const double cost = costs.round_trip(rows.next_open[i]);
    const double weight = weight_of(rows, i);
    ++count;
    signals += weight;
    cost_sum += weight * cost;
    if (gross - cost > 0) correct_net += weight;
    if (gross > 0) {
      correct += weight;
      won += weight * gross;
    } else {
      lost -= weight * gross;
    }
  }
  card.set("signals", static_cast<double>(count));
  put(card, "win_rate", ratio(correct, signals), "no signals");
  put(card, "win_rate_net", ratio(correct_net, signals), "no signals");
  const double wrong = signals - correct;
  if (signals == 0 || correct == 0 || !(wrong > 0)) {
    card.set_undefined("break_even", signals == 0   ? "no signals"
                                     : correct == 0 ? "no correct signals"
                                                    : "no wrong signals");
    return;
  }
  put(card, "break_even", break_even_rate(won / correct, lost / wrong, cost_sum / signals), "no moves");
}

// The strategy over all rows whose bar is over, and the returns of its bars.
StrategyTracker run_strategy(const ScoredRows& rows, const ScoringRules& rules,
                             std::vector<double>& returns) {
  StrategyTracker strategy(rules.costs, rules.horizon_bars);
  returns.reserve(rows.sides.size());
  for (std::size_t i = 0; i < rows.sides.size(); ++i) {
    if (std::isnan(rows.next_open[i]) || std::isnan(rows.next_next_open[i])) break;
    returns.push_back(
        strategy.push(rows.sides[i], rows.next_open[i], rows.next_next_open[i], rows.contiguous[i] != 0));
  }
  return strategy;
}

// What the strategy did besides its returns; means over the symbols where there are several.
struct Activity {
  std::int64_t trades = 0;
  double turnover = 0, exposure = 0, costs = 0;
};

void put_strategy(std::span<const double> returns, const Activity& activity, const ScoringRules& rules,
                  Scorecard& card) {
  if (returns.empty()) {
    for (const char* name : {"sharpe", "total_return", "annual_return", "max_drawdown", "profit_factor",
                             "turnover", "trades", "exposure", "costs"}) {
      card.set_undefined(name, "no bars");
    }
    return;
  }
  RunningReturns statistics;
  for (const double bar_return : returns) statistics.push(bar_return);
  const bool traded = activity.trades > 0;
  const auto bars = static_cast<double>(returns.size());
  put(card, "sharpe", statistics.sharpe(rules.bars_per_year),
      !traded              ? "no trades"
      : returns.size() < 2 ? "fewer than two bars"
                           : "returns without variance");
  card.set("total_return", statistics.total_return());
  put(card, "annual_return", statistics.annual_return(rules.bars_per_year), "too few bars for such a gain");
  card.set("max_drawdown", statistics.max_drawdown());
  put(card, "profit_factor", statistics.profit_factor(), traded ? "no losing bars" : "no trades");
  card.set("turnover", activity.turnover * rules.bars_per_year / bars);
  card.set("trades", static_cast<double>(activity.trades));
  card.set("exposure", activity.exposure);
  card.set("costs", activity.costs);
}

Activity activity_of(const StrategyTracker& strategy) {
  return {strategy.trades(), strategy.turnover(), strategy.exposure().value_or(0), strategy.costs_paid()};
}

void score_strategy(const ScoredRows& rows, const ScoringRules& rules, Scorecard& card) {
  std::vector<double> returns;
  const StrategyTracker strategy = run_strategy(rows, rules, returns);
  put_strategy(returns, activity_of(strategy), rules, card);
}

// Each symbol's strategy by itself; the return of a date is the mean over the symbols that have one.
void score_strategy_by_date(std::span<const ScoredRows> symbols, const ScoringRules& rules, Scorecard& card) {
  std::map<TimeMs, std::pair<double, int>> by_date;
  Activity sum;
  for (const ScoredRows& rows : symbols) {
    std::vector<double> returns;
    const Activity one = activity_of(run_strategy(rows, rules, returns));
    for (std::size_t i = 0; i < returns.size(); ++i) {
      auto& [total, count] = by_date[rows.known_at[i]];
      total += returns[i];
      ++count;
    }
    sum.trades += one.trades;
    sum.turnover += one.turnover;
    sum.exposure += one.exposure;
    sum.costs += one.costs;
  }
  const auto count = static_cast<double>(std::max<std::size_t>(1, symbols.size()));
  sum.turnover /= count;
  sum.exposure /= count;
  sum.costs /= count;
  std::vector<double> means;
  means.reserve(by_date.size());
  for (const auto& [date, total] : by_date) means.push_back(total.first / total.second);
  put_strategy(means, sum, rules, card);
}

// Rows of all symbols one after another, each weighted so that its date counts as one.
struct Merged {
  std::vector<double> probabilities, next_open, weights, signal_weights;
  std::vector<Side> sides;
  std::vector<Label> labels;
  std::vector<TimeMs> known_at;
};

Merged merge(std::span<const ScoredRows> symbols) {
  std::map<TimeMs, std::pair<int, int>> counts;  // rows and signals of a date
  for (const ScoredRows& rows : symbols) {
    for (std::size_t i = 0; i < rows.labels.size(); ++i) {
      auto& [all, signals] = counts[rows.known_at[i]];
      ++all;
      if (rows.sides[i] != Side::hold) ++signals;
    }
  }
  Merged merged;
  for (const ScoredRows& rows : symbols) {
    merged.probabilities.insert(merged.probabilities.end(), rows.probabilities.begin(),
                                rows.probabilities.end());
    merged.next_open.insert(merged.next_open.end(), rows.next_open.begin(), rows.next_open.end());
    merged.sides.insert(merged.sides.end(), rows.sides.begin(), rows.sides.end());
    merged.labels.insert(merged.labels.end(), rows.labels.begin(), rows.labels.end());
    merged.known_at.insert(merged.known_at.end(), rows.known_at.begin(), rows.known_at.end());
    for (const TimeMs date : rows.known_at) {
      const auto& [all, signals] = counts.at(date);
      merged.weights.push_back(1.0 / all);
      merged.signal_weights.push_back(signals > 0 ? 1.0 / signals : 0.0);
    }
  }
  return merged;
}

[[maybe_unused]] bool well_formed(const ScoredRows& rows) {
  const std::size_t count = rows.labels.size();
  return (rows.classes == 2 || rows.classes == 3) && rows.sides.size() == count &&
         rows.probabilities.size() == count * static_cast<std::size_t>(rows.classes) &&
         rows.known_at.size() == count && rows.next_open.size() == count &&
         rows.next_next_open.size() == count && rows.contiguous.size() == count &&
         std::ranges::is_sorted(rows.known_at);
}

}  // namespace

std::vector<double> strategy_returns(const ScoredRows& rows, const ScoringRules& rules) {
  assert(well_formed(rows));
  std::vector<double> returns;
  run_strategy(rows, rules, returns);
  return returns;
}

Scorecard score(const ScoredRows& rows, const ScoringRules& rules) {
  assert(well_formed(rows));
  Scorecard card;
  score_classes(rows, card);
  score_signals(rows, rules.costs, card);
  score_strategy(rows, rules, card);
  return card;
}

Scorecard score_by_date(std::span<const ScoredRows> symbols, const ScoringRules& rules) {
  const Merged merged = merge(symbols);
  ScoredRows rows{.classes = symbols.empty() ? 2 : symbols.front().classes,
                  .probabilities = merged.probabilities,
                  .sides = merged.sides,
                  .labels = merged.labels,
                  .known_at = merged.known_at,
                  .next_open = merged.next_open,
                  .next_next_open = {},
                  .contiguous = {},
                  .weights = merged.weights};
  Scorecard card;
  score_classes(rows, card);
  rows.weights = merged.signal_weights;
  score_signals(rows, rules.costs, card);
  score_strategy_by_date(symbols, rules, card);
  return card;
}

std::size_t count_dates(std::span<const ScoredRows> symbols) {
  std::set<TimeMs> dates;
  for (const ScoredRows& rows : symbols) dates.insert(rows.known_at.begin(), rows.known_at.end());
  return dates.size();
}

}  // namespace pawl::judging
