#include "app/compare_report.h"

#include <algorithm>
#include <cmath>

#include "app/context.h"
#include "base/format.h"

namespace pawl::app {

namespace {

using studies::Comparison;
using studies::Difference;
using studies::PolicyScore;

Json optional_number(const std::optional<double>& value) {
  return value ? json_number(*value) : Json();
}

Json to_json(const Difference& difference) {
  return {{"a_year", json_number(difference.a_year)},
          {"low", json_number(difference.interval.low)},
          {"high", json_number(difference.interval.high)},
          {"p_value", json_number(difference.p_value)},
          {"block_bars", json_number(difference.block)}};
}

Json to_json(const PolicyScore& score, const studies::PolicyHistory& history,
             const studies::PolicySpec& spec) {
  Json set = Json::object();
  for (const auto& [key, text] : spec.set) set[key] = parse_json(text).value_or(Json(text));
  Json runs = Json::array();
  for (const loop::RunReport& run : history.runs) runs.push_back(run.to_json());
  Json lines = Json::array();
  for (const studies::LineHistory& line : history.lines) {
    Json swaps = Json::array();
    for (const studies::Swap& swap : line.swaps) {
      swaps.push_back({{"at", format_time(swap.at)},
                       {"from", swap.from.number.text()},
                       {"to", swap.to.number.text()},
                       {"back", swap.back}});
    }
    lines.push_back({{"line", line.first.serving->market().line()},
                     {"signals", line.tally.signals},
                     {"win_rate", optional_number(line.tally.win_rate())},
                     {"swaps", std::move(swaps)}});
  }
  Json equity = Json::array();
  for (const double wealth : score.equity) equity.push_back(json_number(wealth));
  return {{"name", score.name},
          {"set", std::move(set)},
          {"retrains", score.completed},
          {"failed", score.failed},
          {"deferred", score.deferred},
          {"promotions", score.promotions},
          {"rollbacks", score.rollbacks},
          {"trainings_asked", score.trainings_asked},
          {"model_age_days_mean", optional_number(score.mean_age_days)},
          {"model_age_days_longest", optional_number(score.longest_age_days)},
          {"signals", score.signals},
          {"accuracy", optional_number(score.win_rate)},
          {"accuracy_net", optional_number(score.win_rate_net)},
          {"pnl_after_cost", json_number(score.total_return)},
          {"annual_return", optional_number(score.annual_return)},
          {"sharpe", optional_number(score.sharpe)},
          {"max_drawdown", json_number(score.max_drawdown)},
          {"turnover", json_number(score.turnover)},
          {"to_baseline", to_json(score.to_baseline)},
          {"to_best", to_json(score.to_best)},
          {"as_good_as_best", score.as_good_as_best},
          {"equity", std::move(equity)},
          {"lines", std::move(lines)},
          {"runs", std::move(runs)}};
}

Json cost_json(const CompareReport& report) {
  const studies::Arena::Costs& costs = report.comparison.costs;
  Json policies = Json::object();
  for (const PolicyScore& score : report.comparison.policies) {
    policies[score.name] = {{"training_s", score.training_seconds},
                            {"walk_us_per_bar", score.walk_us_per_bar}};
  }
  return {{"elapsed_s", report.elapsed_s},         {"threads", report.threads},
          {"training_s", costs.trainings.seconds}, {"ready_s", costs.ready_seconds},
          {"walk_s", costs.walk_seconds},          {"policies", std::move(policies)}};
}

std::string percent(double share, int digits = 1) {
  return fmt::format("{:+.{}f} %", 100 * share, digits);
}

std::string number(const std::optional<double>& value, std::string_view form) {
  if (!value) return "–";
  return fmt::format(fmt::runtime(form), *value);
}

std::string share(const std::optional<double>& value) {
  if (!value) return "–";
  return fmt::format("{:.1f} %", 100 * *value);
}

// Columns of cells, the first to the left and the others to the right; cells may hold letters of several
// bytes.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  const auto width_of = [](const std::string& cell) {
    return static_cast<std::size_t>(
        std::ranges::count_if(cell, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - width_of(row[i]), ' ');
      line += i == 0 ? fmt::format("{}{}", row[i], pad) : fmt::format("  {}{}", pad, row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += fmt::format("{}\n", line);
  }
  return text;
}

std::string decisions_table(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows = {{"", "retrains", "promoted", "taken back", "age, mean",
                                                 "longest", "signals", "accuracy", "after costs", "training",
                                                 "walk a bar"}};
  for (const PolicyScore& score : comparison.policies) {
    rows.push_back({score.name, std::to_string(score.completed), std::to_string(score.promotions),
                    std::to_string(score.rollbacks), number(score.mean_age_days, "{:.0f} d"),
                    number(score.longest_age_days, "{:.0f} d"), std::to_string(score.signals),
                    share(score.win_rate), share(score.win_rate_net),
                    fmt::format("{:.1f} s", score.training_seconds),
                    fmt::format("{:.2f} µs", score.walk_us_per_bar)});
  }
  return table(rows);
}

std::string returns_table(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows = {
      {"", "return", "Sharpe", "drawdown", "turnover", "against the baseline, a year", "95 % of it"}};
  for (std::size_t i = 0; i < comparison.policies.size(); ++i) {
    const PolicyScore& score = comparison.policies[i];
    const Difference& difference = score.to_baseline;
    const bool baseline = i == comparison.baseline;
    rows.push_back({fmt::format("{}{}", score.name, i == comparison.best ? " *" : ""),
                    percent(score.total_return),
                    number(score.sharpe, "{:.2f}"),
                    fmt::format("{:.1f} %", 100 * score.max_drawdown),
                    fmt::format("{:.0f}", score.turnover),
                    {},
                    {}});
    if (baseline) {
      rows.back()[5] = std::string("baseline");
      continue;
    }
    rows.back()[5] = percent(difference.a_year);
    rows.back()[6] =
        fmt::format("{} … {}", percent(difference.interval.low), percent(difference.interval.high));
  }
  return table(rows);
}

// The wealth of each policy on one scale, so that lines can be compared.
std::string wealth_lines(const Comparison& comparison) {
  constexpr std::size_t kWidth = 48;
  constexpr const char* kSteps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = 1, high = 1;
  for (const PolicyScore& score : comparison.policies) {
    low = std::min(low, *std::ranges::min_element(score.equity));
    high = std::max(high, *std::ranges::max_element(score.equity));
  }
  const double span = std::max(high - low, 1e-12);
  std::vector<std::vector<std::string>> rows;
  for (const PolicyScore& score : comparison.policies) {
    std::string line;
    for (std::size_t i = 0; i < kWidth; ++i) {
      const double wealth = score.equity[i * (score.equity.size() - 1) / (kWidth - 1)];
      line += kSteps[std::min<std::size_t>(7, static_cast<std::size_t>(8 * (wealth - low) / span))];
    }
    rows.push_back({score.name, line, fmt::format("{:.3f}", score.equity.back())});
  }
  return fmt::format("  Wealth over time, all on one scale from {:.3f} to {:.3f}\n\n{}", low, high,
                     table(rows));
}

std::string best_of_many(const Comparison& comparison) {
  if (!comparison.spa) return {};
  const PolicyScore& baseline = comparison.policies[comparison.baseline];
  const double p = comparison.spa->consistent;
  return fmt::format(
      "Is the best of them better than the baseline \"{}\", or the luckiest of {}? Hansen's SPA: p {}; "
      "{}.",
      baseline.name, comparison.policies.size() - 1,
      p < 0.001 ? std::string("< 0.001") : fmt::format("= {:.3f}", p),
      p < 0.05 ? "luck alone would rarely do that" : "luck alone may well do that");
}

std::string cost_text(const CompareReport& report) {
  const studies::Arena::Costs& costs = report.comparison.costs;
  const std::int64_t saved = costs.trainings.asked - costs.trainings.done;
  double alone = 0;
  for (const PolicyScore& score : report.comparison.policies) alone += score.training_seconds;
  return fmt::format(
      "  {} trainings done, {} asked for, {} saved: {:.1f} s of one processor instead of {:.1f} s.\n"
      "  Without trainings: {:.2f} s for features and labels, {:.2f} s for {} policies to walk ({} contests "
      "weighed). {:.1f} s in all, {} threads.\n",
      costs.trainings.done, costs.trainings.asked, saved, costs.trainings.seconds, alone, costs.ready_seconds,
      costs.walk_seconds, report.comparison.policies.size(), costs.contests, report.elapsed_s,
      report.threads);
}

std::string wrapped(const std::string& text, std::size_t width) {
  std::string lines, line = " ";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (line.size() + 1 + word.size() > width) {
      lines += fmt::format("{}\n", line);
      line.assign(1, ' ');
    }
    line += fmt::format(" {}", word);
    at = end + 1;
  }
  return fmt::format("{}{}\n", lines, line);
}

}  // namespace

std::string to_json_text(const CompareReport& report) {
  const Comparison& comparison = report.comparison;
  Json policies = Json::array();
  for (std::size_t i = 0; i < comparison.policies.size(); ++i) {
    policies.push_back(to_json(comparison.policies[i], report.arena.histories()[i], report.spec.policies[i]));
  }
  Json spa;
  if (comparison.spa) {
    spa = {{"statistic", json_number(comparison.spa->statistic)},
           {"p_lower", json_number(comparison.spa->lower)},
           {"p_consistent", json_number(comparison.spa->consistent)},
           {"p_upper", json_number(comparison.spa->upper)},
           {"block_bars", json_number(comparison.spa->block)}};
  }
  const Json json = {{"schema", 1},
                     {"recipe", report.recipe.name},
                     {"seed", report.recipe.seed},
                     {"bars", comparison.bars},
                     {"from", format_time(comparison.from)},
                     {"to", format_time(comparison.to)},
                     {"notes", report.notes},
                     {"baseline", comparison.policies[comparison.baseline].name},
                     {"best", comparison.policies[comparison.best].name},
                     {"verdict", comparison.verdict},
                     {"spa", std::move(spa)},
                     {"trainings_asked", comparison.costs.trainings.asked},
                     {"trainings_done", comparison.costs.trainings.done},
                     {"contests_weighed", comparison.costs.contests},
                     {"policies", std::move(policies)},
                     {"cost", cost_json(report)}};
  return json.dump() + "\n";
}

std::string summary_text(const CompareReport& report) {
  const Comparison& comparison = report.comparison;
  std::string text = fmt::format("\n{} — {} policies over the same {} bars, {} → {}\n\n", report.recipe.name,
                                 comparison.policies.size(), comparison.bars, short_time(comparison.from),
                                 short_time(comparison.to));
  text += decisions_table(comparison);
  text += "\n";
  text += returns_table(comparison);
  text += "\n";
  text += wealth_lines(comparison);
  text += "\n";
  text += wrapped(comparison.verdict, 110);
  if (const std::string text_of_best = best_of_many(comparison); !text_of_best.empty()) {
    text += wrapped(text_of_best, 110);
  }
  text += "\n";
  for (const std::string& note : report.notes) text += fmt::format("  note: {}\n", note);
  text += cost_text(report);
  return text;
}

}  // namespace pawl::app
