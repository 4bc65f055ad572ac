#include "app/cli_gates.h"

namespace pawl::app {

void add_regret(CLI::App& app, const CommonOptions& common, VerdictRegretOptions& options,
                const std::function<void(CLI::App&)>& add_common, int& exit) {
  CLI::App* command = app.add_subcommand(
      "regret", "What each verdict gained or lost: the version that served beside the one that did not");
  command->footer(
      "Examples:\n"
      "  pawl regret --data data\n"
      "  pawl regret --days 14 --json\n");
  add_common(*command);
  command->add_option("--days", options.days, "How long after a verdict; else shadow.days of the recipe")
      ->check(CLI::PositiveNumber);
  command->callback([&common, &options, &exit] { exit = regret_command(common, options); });
}

void add_gates(CLI::App& app, const CommonOptions& common, GatesOptions& options, RegretStudyOptions& regrets,
               const std::function<void(CLI::App&)>& add_plain, int& exit) {
  CLI::App* gates = app.add_subcommand("gates", "Gates under judgement: how often each promotes what");
  gates->require_subcommand(1);
  CLI::App* measure = gates->add_subcommand(
      "measure",
      "How often each policy promotes a challenger whose skill is known, in thousands of contests");
  measure->footer(
      "Examples:\n"
      "  pawl gates measure --quick                    200 contests a cell: about a minute\n"
      "  pawl gates measure --json > gates.json        2,000 a cell\n"
      "  pawl gates measure --rows 5000 --repetitions 500\n"
      "  pawl gates measure --markdown > docs/gates.md\n");
  add_plain(*measure);
  measure->add_flag("--quick", options.quick, "200 contests a cell in place of 2,000");
  measure->add_option("--repetitions", options.repetitions, "Contests a cell")
      ->check(CLI::Range(1, 1'000'000));
  measure->add_option("--rows", options.rows, "Judged rows of a contest; may be repeated")
      ->check(CLI::Range(100, 1'000'000));
  measure->add_flag("--markdown", options.markdown, "As a page for people");
  measure->add_option("--from", options.from, "Show a former measurement, as --json wrote it")
      ->type_name("FILE")
      ->excludes("--quick")
      ->excludes("--repetitions")
      ->excludes("--rows");
  CLI::App* regret = gates->add_subcommand(
      "regret", "What deciding by each policy costs, on simulated markets whose truth is known");
  regret->footer(
      "Examples:\n"
      "  pawl gates regret --quick                     5 seeds of each market: about two minutes\n"
      "  pawl gates regret --json > regret.json        50 of each\n"
      "  pawl gates regret --schedule '0 2 1 */2 *' --window-days 360 --judged-days 120\n"
      "  pawl gates regret --markdown > docs/regret.md\n");
  add_plain(*regret);
  regret->add_flag("--quick", regrets.quick, "5 seeds of each market in place of 50");
  regret->add_option("--seeds", regrets.seeds, "Seeds of each market")->check(CLI::Range(2, 10'000));
  regret->add_flag("--markdown", regrets.markdown, "As a page for people");
  regret
      ->add_option("--schedule", regrets.retraining.schedule,
                   "When the models are retrained, as cron has it, in UTC")
      ->type_name("CRON")
      ->capture_default_str();
  regret
      ->add_option("--window-days", regrets.retraining.window_days,
                   "What a model is trained and judged on, in days of hourly bars")
      ->check(CLI::Range(45, 3650))
      ->capture_default_str();
  regret
      ->add_option("--judged-days", regrets.retraining.judged_days,
                   "The newest of them, on which it is judged")
      ->check(CLI::Range(21, 3650))
      ->capture_default_str();
  regret->add_option("--from", regrets.from, "Show a former study, as --json wrote it")
      ->type_name("FILE")
      ->excludes("--quick")
      ->excludes("--seeds")
      ->excludes("--schedule")
      ->excludes("--window-days")
      ->excludes("--judged-days");
  regret->callback([&common, &regrets, &exit] { exit = gates_regret_command(common, regrets); });
  measure->callback([&common, &options, &exit] { exit = gates_measure_command(common, options); });
}

}  // namespace pawl::app
