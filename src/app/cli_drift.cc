#include "app/cli_drift.h"

namespace pawl::app {

void add_drift(CLI::App& app, const CommonOptions& common, DriftOptions& options,
               const std::function<void(CLI::App&)>& add_common, int& exit) {
  CLI::App* command =
      app.add_subcommand("drift", "Which features, predictions or errors have moved from the training rows");
  command->footer(
      "Examples:\n"
      "  pawl drift                          the only line\n"
      "  pawl drift --line BTC_USDT --checks 50\n"
      "  pawl drift --json");
  add_common(*command);
  command->add_option("--line", options.line, "The line, in full or its last part");
  command->add_option("--checks", options.checks, "Newest checks that the chart spans")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->callback([&common, &options, &exit] { exit = drift_command(common, options); });
}

}  // namespace pawl::app
