#include "app/commands/explain.h"

#include <algorithm>
#include <cmath>

#include "app/commands.h"
#include "app/opened.h"
#include "loop/explain.h"

namespace pawl::app {

namespace {

constexpr std::size_t kBarCells = 12;

// Terminal columns of a text, which is UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.append(width - std::min(width, width_of(text)), ' ');
  return out;
}

std::string repeated(std::string_view cell, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += cell;
  return out;
}

std::size_t cells_of(double value, double largest) {
  if (!(largest > 0)) return 0;
  return static_cast<std::size_t>(std::lround(std::abs(value) / largest * static_cast<double>(kBarCells)));
}

// To the left of the line below 0, to the right of it above.
std::string two_sided_bar(double value, double largest) {
  const std::size_t cells = cells_of(value, largest);
  const std::string bar = repeated("█", cells), blank(kBarCells - cells, ' ');
  return value < 0 ? fmt::format("{}{}│", blank, bar) : fmt::format("{:{}}│{}", "", kBarCells, bar);
}

std::string bar(double value, double largest) {
  return padded(repeated("█", value > 0 ? cells_of(value, largest) : 0), kBarCells);
}

std::size_t longest_name(const std::vector<std::string>& names) {
  std::size_t longest = width_of("feature");
  for (const std::string& name : names) longest = std::max(longest, width_of(name));
  return longest;
}

std::string outcome_text(const std::optional<Outcome>& outcome, Side side) {
  if (!outcome) return "not known yet";
  std::string text =
      fmt::format("{:+.3f} % by {}", 100 * outcome->gross_return, short_time(outcome->known_at));
  if (side == Side::hold) return text + "; HOLD took no side";
  return text +
         fmt::format(": {}, {:+.3f} % after costs", outcome->correct ? "right" : "wrong", outcome->pnl_pct);
}

std::string answer_text(const loop::PredictionExplanation& made) {
  std::string text(side_name(made.logged.side));
  for (std::size_t k = made.classes.size(); k-- > 0;) {
    text += fmt::format("{} {} {:.2f} %", k + 1 == made.classes.size() ? ":" : ",", made.classes[k],
                        100 * made.probabilities[k]);
  }
  return text;
}

void print_contributions(const loop::PredictionExplanation& made) {
  const models::Contributions& contributions = made.contributions;
  const std::size_t ranked = made.ranked_score();
  const std::span<const double> weights = contributions.of_score(ranked);
  double sum = 0, largest = 0;
  for (const double weight : weights) {
    sum += weight;
    largest = std::max(largest, std::abs(weight));
  }
  const std::string& cls = contributions.scores() == 1 ? made.classes.back() : made.classes[ranked];
  const bool mapped = made.uncalibrated != made.probabilities;
  print(fmt::format(
      "  {:<10} {} {:+.4f} = {:+.4f} (bias) {:+.4f} ({} features); {}\n", "sum",
      contributions.scores() == 1 ? fmt::format("log-odds of {}", cls) : fmt::format("score of {}", cls),
      contributions.sum(ranked), contributions.bias[ranked], sum, made.features.size(),
      made.check->holds
          ? fmt::format("adds up to what {} (off by {:.1e})",
                        mapped ? "the model said before its calibration" : "was answered", made.check->gap)
          : fmt::format("DOES NOT ADD UP: off by {:.3g}", made.check->gap)));
  const std::size_t name = longest_name(made.features);
  print(fmt::format("\n  {} {:>12}", padded("feature", name), "value"));
  if (contributions.scores() == 1) {
    print(fmt::format(" {:>10}", "log-odds"));
  } else {
    for (const std::string& one : made.classes) print(fmt::format(" {:>10}", one));
  }
  print("\n");
  for (const std::size_t column : made.ranked_columns()) {
    std::string line = fmt::format("  {} {:>12.6g}", padded(made.features[column], name), made.row[column]);
    for (std::size_t s = 0; s < contributions.scores(); ++s) {
      line += fmt::format(" {:>+10.4f}", contributions.of_score(s)[column]);
    }
    print(fmt::format("{}  {}\n", line, two_sided_bar(weights[column], largest)));
  }
}

void print_prediction(const loop::PredictionExplanation& made) {
  const Prediction& logged = made.logged;
  print(fmt::format("prediction {}: {}, {}, known at {}\n", logged.id, logged.line, logged.symbol,
                    short_time(logged.known_at)));
  print(fmt::format("  {:<10} {} ({}, its {} artifact)\n", "version", logged.version.text(), made.model_kind,
                    made.artifact));
  print(fmt::format("  {:<10} {}\n", "answered", answer_text(made)));
  print(fmt::format("  {:<10} {}\n", "outcome", outcome_text(made.outcome, logged.side)));
  print(fmt::format("  {:<10} {}\n", "made again",
                    made.difference.empty() ? "from the store, bit for bit as logged"
                                            : "NOT AS LOGGED: " + made.difference));
  if (made.contributions.scores() > 0) {
    print_contributions(made);
    return;
  }
  print(fmt::format("  {:<10} {}\n", "rule", made.contributions.rule));
  const std::size_t name = longest_name(made.features);
  print(fmt::format("\n  {} {:>12}\n", padded("feature", name), "value"));
  for (std::size_t column = 0; column < made.features.size(); ++column) {
    print(fmt::format("  {} {:>12.6g}\n", padded(made.features[column], name), made.row[column]));
  }
}

// What the first column of the table is, in words.
std::string_view meaning_of(const models::Importance& importance) {
  if (importance.kind == "gain") return "share of the mean gain of its splits";
  if (importance.kind == "weight_spread") return "share of |weight| × spread of the feature in training";
  return models::why_no_importance(importance);
}

void print_permutation(const loop::VersionImportance& made) {
  const contest::PermutationImportance& found = *made.permutation;
  if (!made.too_few.empty()) {
    print(fmt::format("  {:<12} none: {}\n", "permutation", made.too_few));
    return;
  }
  print(fmt::format("  {:<12} of its judged artifact, on {} rows that it never saw, {} to {}{}\n",
                    "permutation", found.rows.rows, short_time(found.rows.from), short_time(found.rows.to),
                    found.unseen > found.rows.rows ? fmt::format(" (the newest of {})", found.unseen) : ""));
  print(fmt::format(
      "  {:<12} as they are: log loss {:.5f}, accuracy {:.2f} %; each feature dealt out anew {} times, "
      "seed {}\n",
      "", found.log_loss, 100 * found.accuracy, found.repeats, found.seed));
}

void print_table(const loop::VersionImportance& made) {
  const std::vector<models::Importance::Column>& own = made.importance.columns;
  const bool measured = made.permutation && !made.permutation->columns.empty();
  const std::size_t count = measured ? made.permutation->columns.size() : own.size();
  if (count == 0) return;
  std::vector<std::string> names;
  std::vector<std::size_t> order;
  double largest_share = 0, largest_loss = 0;
  for (std::size_t c = 0; c < count; ++c) {
    names.push_back(measured ? made.permutation->columns[c].name : own[c].name);
    order.push_back(c);
    if (c < own.size()) largest_share = std::max(largest_share, own[c].share);
    if (measured) largest_loss = std::max(largest_loss, made.permutation->columns[c].log_loss);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (measured) return made.permutation->columns[a].log_loss > made.permutation->columns[b].log_loss;
    return own[a].share > own[b].share;
  });
  const std::size_t name = longest_name(names);
  std::string head = fmt::format("\n  {}", padded("feature", name));
  if (!own.empty())
    head += fmt::format("  {:<21}", made.importance.kind == "gain" ? "gain" : "weight × spread");
  if (measured) head += fmt::format("  {:<34} {}", "log loss rises by", "accuracy falls by");
  print(head + "\n");
  for (const std::size_t c : order) {
    std::string line = "  " + padded(names[c], name);
    if (!own.empty())
      line += fmt::format("  {:>6.2f} % {}", 100 * own[c].share, bar(own[c].share, largest_share));
    if (measured) {
      const auto& column = made.permutation->columns[c];
      line += fmt::format("  {:>+9.5f} ± {:.5f}  {} {:>+6.2f} ± {:.2f} %", column.log_loss,
                          column.log_loss_deviation, bar(column.log_loss, largest_loss),
                          100 * column.accuracy, 100 * column.accuracy_deviation);
    }
    print(line + "\n");
  }
}

void print_version(const loop::VersionImportance& made) {
  print(fmt::format("{} {} ({})\n", made.line, made.number.text(), made.model_kind));
  if (made.importance.columns.empty()) {
    print(fmt::format("  {:<12} none: {}\n", "importance", meaning_of(made.importance)));
  } else {
    print(fmt::format("  {:<12} of its {} artifact, by its training: {}\n",
                      made.importance.kind == "gain" ? "gain" : "weights", made.artifact,
                      meaning_of(made.importance)));
  }
  if (made.permutation) print_permutation(made);
  print_table(made);
}

// The line that is named, or that of the symbol; without either the only one there is.
Result<LineId> line_of(Opened& opened, const ExplainOptions& options) {
  if (options.line.empty() && !options.symbol.empty()) {
    auto symbol = Symbol::parse(options.symbol);
    if (!symbol) return within("--symbol", symbol.error());
    for (const Symbol& one : opened.recipe.symbols) {
      if (one == *symbol) return opened.recipe.line_of(one);
    }
    return fail(ErrorCode::not_found, "--symbol {}: the recipe {} has no such symbol", options.symbol,
                opened.recipe.name);
  }
  return find_line(opened.data->registry(), options.line);
}

Result<int> explain_version(const CommonOptions& common, const ExplainOptions& options) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  registry::Registry& registry = opened->data->registry();
  auto line = line_of(*opened, options);
  if (!line) return propagate(line);
  VersionNumber number;
  if (options.version == "champion") {
    auto champion = registry.champion(*line);
    if (!champion) return propagate(champion);
    if (!*champion) return fail(ErrorCode::not_found, "{}: nothing serves there yet", *line);
    number = **champion;
  } else {
    auto parsed = VersionNumber::parse(options.version);
    if (!parsed) {
      return fail(
          ErrorCode::invalid_argument,
          "--version {}: a version is written v000003, or \"champion\" for the one that serves; see `pawl "
          "models list`",
          options.version);
    }
    number = *parsed;
  }
  auto made = loop::importance_of_version(registry, *line, number);
  if (!made && made.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found, "{} has no version {}; see `pawl models list`", *line, number.text());
  }
  if (!made) return propagate(made);
  if (!options.recorded_only) {
    ProgressMeter meter("permutation", "columns", progress_style(common));
    const Status added = loop::add_permutation(opened->recipe, opened->data->store(), registry,
                                               {.repeats = options.repeats,
                                                .rows_max = static_cast<std::size_t>(options.rows_max),
                                                .progress = meter.sink()},
                                               *made);
    meter.pause();
    if (!added) return propagate(added);
  }
  if (common.json) {
    print(loop::to_json(*made).dump() + "\n");
  } else {
    print_version(*made);
  }
  return 0;
}

Result<int> explain_prediction(const CommonOptions& common, const ExplainOptions& options) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  std::optional<std::int64_t> id = options.prediction;
  if (!id) {
    auto line = line_of(*opened, options);
    if (!line) return propagate(line);
    const auto symbol = Symbol::parse(options.symbol);
    auto newest = loop::newest_prediction(opened->recipe, opened->data->store(), *line,
                                          symbol ? symbol->canonical() : std::string());
    if (!newest) return propagate(newest);
    id = *newest;
  }
  auto made = loop::explain_prediction(opened->recipe, opened->data->store(), opened->data->registry(), *id);
  if (!made) return propagate(made);
  if (common.json) {
    print(loop::to_json(*made).dump() + "\n");
  } else {
    print_prediction(*made);
  }
  return made->difference.empty() && (!made->check || made->check->holds) ? 0 : 1;
}

}  // namespace

int explain_command(const CommonOptions& common, const ExplainOptions& options) {
  if (options.prediction && !options.version.empty()) {
    return report({ErrorCode::invalid_argument, "explain a prediction or a version: name one of them"},
                  common);
  }
  const Result<int> done =
      options.version.empty() ? explain_prediction(common, options) : explain_version(common, options);
  return done ? *done : report(done.error(), common);
}

}  // namespace pawl::app
