#include "app/cli_features.h"

namespace pawl::app {

void add_features(CLI::App& app, const CommonOptions& common, FeaturesOptions& options,
                  const std::function<void(CLI::App&)>& add_common, int& exit) {
  CLI::App* command = app.add_subcommand(
      "features", "What a feature can be: every kind, one in full, or what an expression is computed from");
  command->footer(
      "Examples:\n"
      "  pawl features                                     every kind\n"
      "  pawl features macd                                one kind in full\n"
      "  pawl features 'lag(ema(12) / atr(14), 3)'         what an expression needs and computes\n"
      "  pawl features 'rsi(14)@H4' 'bb_pctb(20)' --timeframe M5\n"
      "  pawl features 'vix / lag(vix, 5) - 1' --recipe stocks-daily    with that recipe's outside series\n"
      "  pawl features --markdown                          the page docs/features.md\n");
  add_common(*command);
  CLI::Option* names =
      command->add_option("names", options.names, "The name of a kind, or expressions")->type_name("NAME");
  command->add_option("--timeframe", options.timeframe, "Of such bars; else the recipe's, or H1")
      ->type_name("TF");
  command->add_flag("--markdown", options.markdown, "All kinds as a page for people")->excludes(names);
  command->callback([&common, &options, &exit] { exit = features_command(common, options); });
}

}  // namespace pawl::app
