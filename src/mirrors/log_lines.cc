#include "mirrors/log_lines.h"

#include <algorithm>

#include "mirrors/names.h"

namespace pawl::mirrors {
namespace {

using Lines = std::vector<std::string>;

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f}%", 100 * *share) : std::string("n/a");
}

std::string heartbeat(const LineId& line, const LogContext& context) {
  const recipe::Recipe& recipe = context.recipe;
  const LineState state = context.state.of(line);
  std::string price = "n/a";
  if (state.price && !recipe.pool) {
    const std::string_view symbol = last_part(line);
    const std::size_t quote = symbol.rfind('_');
    // A market without a quote currency is a stock.
    const bool dollars = quote == std::string_view::npos || symbol.substr(quote + 1).starts_with("USD");
    price = fmt::format("{}{}", dollars ? "$" : "", grouped(*state.price, price_digits(*state.price)));
  }
  std::optional<double> win_rate;
  if (state.signals > 0) win_rate = static_cast<double>(state.correct) / static_cast<double>(state.signals);
  std::string text = fmt::format(
      "Heartbeat | Price: {} | Candles: {} | Signals: {} | Win Rate: {} | Needs Retrain: {} | Last Retrain: "
      "{}",
      price, state.candles, state.signals, percent(win_rate), state.needs_retrain ? "True" : "False",
      state.last_retrain ? format_time(*state.last_retrain).substr(0, 10) : "n/a");
  if (recipe.line_ids().size() > 1) text += fmt::format(" | Symbol: {}", given_name(recipe, line));
  return text;
}

// "Training model (50 epochs)", as far as the model's settings say how long.
std::string training_line(const recipe::Recipe& recipe) {
  const auto& values = recipe.model.settings.values();
  for (const auto& [setting, unit] : {std::pair{"epochs", "epochs"}, std::pair{"trees", "rounds"}}) {
    const auto found = values.find(setting);
    if (found == values.end() || !std::holds_alternative<std::int64_t>(found->second)) continue;
    return fmt::format("Training model ({} {})", std::get<std::int64_t>(found->second), unit);
  }
  return "Training model";
}

void add_group(const Event& event, const LogContext& context, Lines& lines) {
  if (event.kind == "run_failed" && context.run != nullptr) {
    lines.push_back(
        fmt::format("Run {} failed, the old models stay: {}", context.run->id, context.run->failure));
  }
  if (event.kind != "verdict" || context.run == nullptr) return;
  // The composite gate gives each line its own sentence and the group's; the group's is told once.
  std::string of_group;
  for (const LineFindings& line : context.run->by_line) {
    const std::string name = given_name(context.recipe, line.line);
    bool told = false;
    for (const std::string& reason : line.reasons) {
      if (reason.ends_with("→ deploy") || reason.ends_with("→ keep")) {
        of_group = reason;
      } else if (!told) {
        told = true;
        lines.push_back(reason.starts_with(name) ? reason : fmt::format("{}: {}", name, reason));
      }
    }
  }
  if (!of_group.empty()) lines.push_back(of_group);
}

void add_epochs(const LineFindings& line, Lines& lines) {
  const auto epochs = line.training.find("epochs");
  if (epochs == line.training.end() || !epochs->is_array()) return;
  for (std::size_t i = 0; i < epochs->size(); ++i) {
    lines.push_back(fmt::format("Epoch {}/{} | Val Accuracy: {}", i + 1, epochs->size(),
                                percent(score_of((*epochs)[i], "val_accuracy"))));
  }
}

void add_auto_training(const Event& event, const Json& payload, const LogContext& context, Lines& lines) {
  for (const LineId& line : context.heartbeats) lines.push_back(heartbeat(line, context));
  if (event.kind == "trigger") {
    for (const LineId& line : lines_of(event, payload)) {
      const std::string name = given_name(context.recipe, line);
      if (text_of(payload, "trigger") == "win_rate") {
        lines.push_back(fmt::format("Performance degraded for {}, scheduling retrain", name));
      }
      lines.push_back(fmt::format("Starting background retrain for {}", name));
      lines.push_back(training_line(context.recipe));
    }
  } else if (event.kind == "fetch") {
    if (const auto days = json_int(payload, "days"))
      lines.push_back(fmt::format("Downloading {} days of historical data", *days));
  }
  if (context.run == nullptr) return;
  if (!context.run->completed) {
    for (const LineId& line : context.run->lines) {
      lines.push_back(fmt::format("Retrain failed for {}, the old model goes on: {}",
                                  given_name(context.recipe, line), context.run->failure));
    }
  }
  for (const LineFindings& line : context.run->by_line) {
    if (!line.took_part()) continue;
    const std::string name = given_name(context.recipe, line.line);
    const std::string accuracy = percent(score_of(line.challenger_scores, "accuracy"));
    add_epochs(line, lines);
    lines.push_back(fmt::format("New model accuracy: {}", accuracy));
    lines.push_back(
        fmt::format("Old model accuracy: {}", percent(score_of(line.champion_scores, "accuracy"))));
    lines.push_back(line.promoted() ? fmt::format("New model saved for {} (accuracy: {})", name, accuracy)
                                    : fmt::format("Keeping existing model for {}", name));
    lines.push_back(fmt::format("Retrain completed for {}", name));
  }
}

void add_collector_run(const LogContext& context, Lines& lines) {
  const RunFindings& run = *context.run;
  if (!run.completed) {
    lines.push_back(fmt::format("Retraining failed: {}", run.failure));
    return;
  }
  for (const LineFindings& line : run.by_line) {
    if (!line.took_part()) continue;
    const auto accuracy = score_of(line.challenger_scores, "accuracy");
    lines.push_back(fmt::format("Training samples: {}", line.train_rows));
    lines.push_back(
        fmt::format("Test Accuracy: {}", accuracy ? fmt::format("{:.2f}", *accuracy) : std::string("n/a")));
    if (!line.promoted()) continue;
    const std::string& name = context.recipe.files.current_model;
    lines.push_back(fmt::format(
        "Model saved: {}", name.empty() ? line.line + " " + line.challenger : file_name(name, line.line)));
  }
  lines.push_back(run.any_promoted() ? "Retraining completed successfully"
                                     : "Retraining completed, the existing model stays");
}

void add_collector(const Event& event, const LogContext& context, Lines& lines) {
  const recipe::Recipe& recipe = context.recipe;
  if (context.first) {
    if (!recipe.files.collection.empty()) lines.push_back("Data logger initialized");
    const bool scheduled = std::ranges::any_of(
        recipe.triggers, [](const recipe::KindSettings& trigger) { return trigger.kind != "manual"; });
    if (scheduled) lines.push_back("Retraining scheduler started");
  }
  if (event.kind == "prediction" && context.prediction != nullptr && context.price) {
    lines.push_back(fmt::format("Logged prediction: {} @ {:.{}f} = {}",
                                given_symbol(recipe, context.prediction->symbol), *context.price,
                                price_digits(*context.price), context.prediction->p_up >= 0.5 ? 1 : 0));
  } else if (event.kind == "trigger") {
    lines.push_back("Starting model retraining...");
  } else if (event.kind == "deferred") {
    lines.push_back("Not enough data for retraining");
  }
  if (context.run != nullptr) add_collector_run(context, lines);
}

}  // namespace

LogFamilies log_families(const recipe::Recipe& recipe) {
  return {.group = recipe.group,
          .auto_training = std::ranges::any_of(
              recipe.triggers,
              [](const recipe::KindSettings& trigger) { return trigger.kind == "auto_training"; }),
          .collector = !recipe.files.collection.empty() || recipe.quotes.polling_interval_ms > 0};
}

std::vector<std::string> log_lines(const Event& event, const Json& payload, const LogContext& context) {
  const LogFamilies families = log_families(context.recipe);
  Lines lines;
  if (families.group) add_group(event, context, lines);
  if (families.auto_training) add_auto_training(event, payload, context, lines);
  if (families.collector) add_collector(event, context, lines);
  const std::string time = format_time(event.known_at);
  for (std::string& line : lines) {
    // A message from elsewhere may have several lines; here each event's are one each.
    std::ranges::replace(line, '\n', ' ');
    line.insert(0, time + " ");
  }
  return lines;
}

}  // namespace pawl::mirrors
