#include "mirrors/alerts.h"

#include <algorithm>
#include <array>

#include "mirrors/log_state.h"
#include "mirrors/names.h"

namespace pawl::mirrors {
namespace {

struct Metric {
  const char* score;
  const char* title;
};
constexpr std::array<Metric, 5> kMetrics = {{{"f1", "F1 Score"},
                                             {"accuracy", "Accuracy"},
                                             {"precision", "Precision"},
                                             {"recall", "Recall"},
                                             {"roc_auc", "ROC AUC"}}};

class Paragraph {
 public:
  Paragraph(TimeMs at, std::string_view title) {
    const CivilTime t = civil_from_time(at);
    text_ = fmt::format("[{:04}-{:02}-{:02} {:02}:{:02}:{:02}] {}\n", t.year, t.month, t.day, t.hour,
                        t.minute, t.second, title);
  }
  void add(std::string_view what, std::string value) {
    if (value.empty()) return;
    std::ranges::replace(value, '\n', ' ');
    text_ += fmt::format("{}: {}\n", what, value);
  }
  std::string finish() { return text_ + "\n"; }

 private:
  std::string text_;
};

std::string three_digits(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : std::string("n/a");
}

// Every condition that was not met compares with the champion or one before it.
bool only_fell_behind(const LineFindings& line) {
  bool behind = false;
  for (const Json& check : line.checks) {
    const auto pass = json_bool(check, "pass");
    if (!pass || *pass) continue;
    if (text_of(check, "name").find("_against_") == std::string::npos) return false;
    behind = true;
  }
  return behind;
}

std::string title_of(const RunFindings& run) {
  if (!run.completed) return "Model Retraining Error";
  if (run.any_promoted()) return "Model Retraining Success";
  if (std::ranges::any_of(run.by_line, [](const LineFindings& line) { return !line.probation.empty(); }))
    return "Model On Probation";
  return std::ranges::any_of(run.by_line, only_fell_behind) &&
                 std::ranges::all_of(
                     run.by_line,
                     [](const LineFindings& line) { return line.promoted() || only_fell_behind(line); })
             ? "Performance Degradation"
             : "Model Validation Failed";
}

void add_metrics(const LineFindings& line, Paragraph& text) {
  for (const Metric& metric : kMetrics) {
    text.add(metric.title,
             fmt::format("{} (prev: {})", three_digits(score_of(line.challenger_scores, metric.score)),
                         three_digits(score_of(line.champion_scores, metric.score))));
  }
}

void add_line(const LineFindings& line, bool of_several, const recipe::Recipe& recipe, Paragraph& text) {
  if (of_several) {
    text.add(given_name(recipe, line.line), line.promoted()
                                                ? fmt::format("{} (prev: {})", line.challenger, line.champion)
                                                : fmt::format("{} stays", line.champion));
  } else if (line.promoted()) {
    text.add("Version", fmt::format("{} (prev: {})", line.challenger, line.champion));
  }
  if (line.took_part()) add_metrics(line, text);
  if (!line.promoted()) {
    if (line.probation.empty()) {
      for (const std::string& reason : line.reasons) text.add("Reason", reason);
    } else {
      text.add("Reason", line.probation);
    }
    if (!of_several) text.add("Kept", line.champion);
    return;
  }
  const recipe::FileSettings& files = recipe.files;
  if (!files.current_model.empty()) text.add("Model", file_name(files.current_model, line.line));
  // The rules baseline has no model file.
  if (!files.backup_model.empty() && !line.after_baseline())
    text.add("Backup", file_name(files.backup_model, line.line));
}

std::string alert_of_run(TimeMs at, const RunFindings& run, const recipe::Recipe& recipe) {
  Paragraph text(at, title_of(run));
  text.add("Duration",
           fmt::format("{:.1f} seconds", static_cast<double>(run.ended_at - run.started_at) / kSecondMs));
  text.add("Trigger", run.reason);
  if (!run.completed) {
    text.add("Error", run.failure);
    return text.finish();
  }
  std::int64_t samples = 0;
  for (const LineFindings& line : run.by_line) samples += line.train_rows;
  text.add("Samples", fmt::format("{}", samples));
  text.add("Tickers", fmt::format("{}", recipe.pool ? recipe.symbols.size() : run.lines.size()));
  for (const LineFindings& line : run.by_line) add_line(line, run.by_line.size() > 1, recipe, text);
  return text.finish();
}

// A move of the pointer that no run made.
std::string alert_of_move(const Event& event, const Json& payload, const recipe::Recipe& recipe) {
  const std::string action = event.kind == "rollback" ? event.kind : text_of(payload, "action");
  const char* title = action == "rollback"                    ? "Model Rollback"
                      : action == "force"                     ? "Model Deployed Past The Gate"
                      : text_of(payload, "actor") == "shadow" ? "Model Deployed After Probation"
                      : action == "promote"                   ? "Model Deployed By Hand"
                                                              : nullptr;
  if (title == nullptr) return {};
  Paragraph text(event.known_at, title);
  text.add("Line", given_name(recipe, event.line));
  text.add("From", text_of(payload, "from"));
  text.add("To", text_of(payload, "to"));
  text.add("By", text_of(payload, "actor"));
  text.add("Reason", text_of(payload, "reason"));
  if (!recipe.files.current_model.empty() && text_of(payload, "to") != VersionNumber{}.text())
    text.add("Model", file_name(recipe.files.current_model, event.line));
  return text.finish();
}

}  // namespace

std::string alert(const Event& event, const Json& payload, const RunFindings* run,
                  const recipe::Recipe& recipe) {
  if (run != nullptr) return alert_of_run(event.known_at, *run, recipe);
  if (event.kind == "swap" || event.kind == "rollback") return alert_of_move(event, payload, recipe);
  if (event.kind == "trigger" && text_of(payload, "trigger") == "win_rate") {
    Paragraph text(event.known_at, "Performance Degradation");
    std::string lines;
    for (const LineId& line : lines_of(event, payload))
      lines += (lines.empty() ? "" : ", ") + given_name(recipe, line);
    text.add("Line", lines);
    text.add("Reason", text_of(payload, "reason"));
    return text.finish();
  }
  return {};
}

}  // namespace pawl::mirrors
