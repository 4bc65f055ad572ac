#include "app/commands/drift.h"

#include <algorithm>

#include "app/commands.h"
#include "loop/drift_report.h"

namespace pawl::app {

namespace {

// One cell a check, the limit at the full height; a check that could say nothing leaves a dot.
std::string spark(const std::vector<Json>& checks, const std::string& name) {
  static constexpr const char* kCells[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string cells;
  for (const Json& check : checks) {
    const Json value = check.value("series", Json::object()).value(name, Json());
    if (!value.is_number()) {
      cells += "·";
      continue;
    }
    const double height = std::clamp(value.get<double>(), 0.0, 1.0);
    cells += kCells[std::min<std::size_t>(7, static_cast<std::size_t>(height * 7.0))];
  }
  return cells;
}

std::string time_text(const Json& value) {
  if (!value.is_string()) return "-";
  const auto time = parse_time(value.get_ref<const std::string&>());
  return time ? short_time(*time) : value.get<std::string>();
}

std::string number_text(const Json& value, int decimals) {
  return value.is_number() ? fmt::format("{:.{}f}", value.get<double>(), decimals) : "-";
}

std::string percent_text(const Json& value) {
  return value.is_number() ? fmt::format("{:.1f} %", 100 * value.get<double>()) : "-";
}

void print_column(const Json& column, std::size_t width, const std::vector<Json>& checks) {
  const std::string name = column.value("name", std::string());
  const Json worth = column.value("n_eff", Json::array({nullptr, nullptr}));
  const bool silent = column.value("groups", 0) < 2;
  print(fmt::format(
      "{} {:<{}} {:>8} {:>8} {:>6} {:>12} {:>17}  {}\n", column.value("alarm", false) ? "!" : " ", name,
      width, silent ? "-" : number_text(column["psi"], 4), silent ? "-" : number_text(column["limit"], 4),
      number_text(column["ks"], 3), fmt::format("{}/{}", number_text(worth[0], 0), number_text(worth[1], 0)),
      time_text(column["since"]), spark(checks, name)));
}

std::string detector(std::string_view name, const Json& since) {
  return since.is_string() ? fmt::format("{} since {}", name, time_text(since))
                           : fmt::format("{} quiet", name);
}

void print_report(const LineId& line, const std::vector<Json>& checks) {
  const Json& newest = checks.back();
  print(fmt::format("Drift of {}: {} at {}, {} rows since it serves; {} of {} features moved\n\n", line,
                    newest.value("version", ""), time_text(newest["at"]), newest.value("rows", 0),
                    newest.value("alarmed", 0), newest.value("watched", 0)));
  std::vector<Json> columns = newest["features"];
  if (newest["prediction"].is_object()) columns.push_back(newest["prediction"]);
  std::size_t width = std::string_view("feature").size();
  for (const Json& column : columns) width = std::max(width, column.value("name", "").size());
  print(fmt::format("  {:<{}} {:>8} {:>8} {:>6} {:>12} {:>17}  {}\n", "feature", width, "PSI", "limit", "KS",
                    "rows worth", "since", "PSI / limit, check by check"));
  for (const Json& column : columns) print_column(column, width, checks);
  const Json& error = newest["error"];
  print(fmt::format("\nerrors     {} wrong of {} signals that do not overlap; {} when trained\n",
                    percent_text(error["wrong_share"]), error.value("settled", 0),
                    percent_text(error["reference_wrong_share"])));
  print(fmt::format("           {}, {}, {}\n", detector("ADWIN", error["adwin_since"]),
                    detector("Page-Hinkley", error["page_hinkley_since"]),
                    detector("DDM", error["ddm_since"])));
  print(fmt::format("accuracy   {} by its own probabilities{}, {} so far\n",
                    percent_text(newest["estimated_accuracy"]),
                    newest.value("calibrated", false) ? "" : ", which are not calibrated",
                    percent_text(newest["realised_accuracy"])));
  print(fmt::format("by chance  one check in {:.0f} has an alarm\n\n{}\n",
                    1 / std::max(1e-9, newest.value("false_alarm_share", 0.01)), loop::drift_advice(newest)));
}

Result<int> show(const CommonOptions& common, const DriftOptions& options) {
  auto data = DataFolder::open(common.data, DataFolder::Use::read);
  if (!data) return propagate(data);
  const auto line = find_line((*data)->registry(), options.line);
  if (!line) return propagate(line);
  const auto checks = loop::drift_checks((*data)->store(), *line, static_cast<std::size_t>(options.checks));
  if (!checks) return propagate(checks);
  if (common.json) {
    print(Json{{"line", *line},
               {"checks", *checks},
               {"advice", checks->empty() ? Json() : Json(loop::drift_advice(checks->back()))}}
              .dump() +
          "\n");
    return 0;
  }
  if (checks->empty()) {
    return fail(
        ErrorCode::not_found,
        "{}: nothing was checked yet; a recipe watches with `drift: {{enabled: true}}`, from the first "
        "version trained with it on, once its window is full",
        *line);
  }
  print_report(*line, *checks);
  return 0;
}

}  // namespace

int drift_command(const CommonOptions& common, const DriftOptions& options) {
  const Result<int> done = show(common, options);
  return done ? *done : report(done.error(), common);
}

}  // namespace pawl::app
