#include "app/cli_explain.h"

namespace pawl::app {

void add_explain(CLI::App& app, const CommonOptions& common, ExplainOptions& options,
                 const std::function<void(CLI::App&)>& add_common, int& exit) {
  CLI::App* command = app.add_subcommand(
      "explain", "Why a prediction came out as it did, feature by feature; or what a version goes by");
  command->footer(
      "Examples:\n"
      "  pawl explain                                  the newest prediction\n"
      "  pawl explain --prediction 2575\n"
      "  pawl explain --line BTC_USDT --json           the newest of a line\n"
      "  pawl explain --version champion               gain and permutation importance, side by side\n"
      "  pawl explain --line BTC_USDT --version v000003 --repeats 20 --seed 7\n"
      "  pawl explain --version v000003 --recorded-only");
  add_common(*command);
  command
      ->add_option("--prediction", options.prediction, "A prediction's number, as logs and the API give it")
      ->type_name("ID")
      ->check(CLI::PositiveNumber);
  command->add_option("--line", options.line, "The line, in full or its last part");
  command->add_option("--symbol", options.symbol, "The line of this symbol; of a pooled line only its rows");
  command->add_option("--version", options.version, "A version, or \"champion\": what it goes by")
      ->type_name("VERSION");
  command->add_option("--repeats", options.repeats, "Of a version: how often each feature is dealt out anew")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--rows", options.rows_max, "Of a version: the newest so many rows that it never saw")
      ->check(CLI::Range(200, 10'000'000))
      ->capture_default_str();
  command->add_flag("--recorded-only", options.recorded_only,
                    "Of a version: only what its training recorded, at once");
  command->callback([&common, &options, &exit] { exit = explain_command(common, options); });
}

}  // namespace pawl::app
