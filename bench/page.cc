#include "page.h"

#include <array>
#include <set>
#include <thread>

#include "harness.h"

namespace pawl::bench {

namespace {

struct Section {
  const char* title;
  std::vector<const char*> beginnings;  // of the names of its figures
  const char* text;
};

const std::vector<Section>& sections() {
  static const std::vector<Section> kSections = {
      {"A retrain",
       {"retrain_", "simulated_retrain_"},
       "The trees are grown by XGBoost, so XGBoost's own time is what a retrain cannot be under. Both sides "
       "use the "
       "same rows, parameters, seeds and number of trainings; the run fails where the two final models "
       "differ in a "
       "byte."},
      {"Replay",
       {"replay_", "simulated_replay_"},
       "Everything that a live process would do, and every row that it would store."},
      {"Many lines",
       {"lines_"},
       "Nothing that a bar costs may depend on how many other lines there are: flat to a tenth between a "
       "hundred "
       "and a thousand."},
      {"Features",
       {"features_", "matrix_"},
       "One code path: large blocks for training, a block of one bar when live. TA-Lib is compiled as its "
       "own "
       "makefiles do; the run fails where its values and ours differ."},
      {"A request over the wire",
       {"predict_over_", "predict_p99_", "predict_request_", "predict_echo_", "predict_flask_"},
       "The server is a process on a core of its own, the client another on the other core; CPU time is that "
       "of "
       "the server's process. Latencies count from the instant at which a request was due."},
      {"Predicting",
       {"predict_", "model_load_"},
       "Probabilities are compared with XGBoost's bit for bit in the same run."},
      {"Contest and audit", {"contest_", "audit_"}, ""},
      {"Reading, storing, starting", {"csv_", "simulated_csv_", "store_", "start_"}, ""},
      {"The machine", {"load_average"}, ""}};
  return kSections;
}

Result<std::string> row_of(const std::string& name, const Json& figure) {
  std::array<double, 3> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto number = json_double(figure, std::array{"median", "min", "max"}[i]);
    if (!number) return within(name, number.error());
    numbers[i] = *number;
  }
  auto unit = json_string(figure, "unit");
  if (!unit) return within(name, unit.error());
  auto meaning = json_string(figure, "meaning");
  if (!meaning) return within(name, meaning.error());
  auto rounds = json_int(figure, "rounds");
  if (!rounds) return within(name, rounds.error());
  return fmt::format("| `{}` | **{}** {} | {} – {} | {} | {} |\n", name, short_number(numbers[0]), *unit,
                     short_number(numbers[1]), short_number(numbers[2]), *rounds, *meaning);
}

}  // namespace

Result<std::string> page_of(const Json& figures) {
  if (!figures.is_object()) return fail(ErrorCode::bad_data, "the figures of a run are a JSON object");
  std::string page = fmt::format(
      "# Performance\n\n"
      "Written by `bench/run --docs`; run `bench/run --quick` for figures of your own machine in a few "
      "minutes.\n\n"
      "What stands side by side was measured in turn within each round (ours, peer, ours, peer), after a "
      "cold round "
      "that is not counted, so that whatever else the machine was doing fell on both. Compare figures of one "
      "run; "
      "between machines, and between runs on a busy one, only ratios hold. Seconds are CPU seconds of the "
      "process, "
      "all threads, unless a line says wall time. This run: a machine with {} cores, Release build, generic "
      "x86-64 "
      "code (GCC {}).\n",
      std::thread::hardware_concurrency(), __VERSION__);
  std::set<std::string> shown;  // each figure stands in the first section that has it
  for (const Section& section : sections()) {
    std::string rows;
    for (const auto& [name, figure] : figures.items()) {
      for (const char* beginning : section.beginnings) {
        if (!name.starts_with(beginning) || !shown.insert(name).second) continue;
        auto row = row_of(name, figure);
        if (!row) return propagate(row);
        rows += *row;
      }
    }
    if (rows.empty()) continue;
    page += fmt::format("\n## {}\n\n", section.title);
    if (*section.text != '\0') page += fmt::format("{}\n\n", section.text);
    page += "| figure | median | min – max | rounds | what it is |\n|---|---|---|---|---|\n" + rows;
  }
  return page;
}

}  // namespace pawl::bench
