#include "app/cli_import.h"

namespace pawl::app {

CLI::Option* add_bar_files(CLI::App& command, ImportBarsOptions& options) {
  market::formats::Named& named = options.named;
  command.add_flag("--dry-run", options.dry_run,
                   "Show what the files are and how that was found; store nothing");
  command.add_option("--symbol", named.symbol, "Whose bars they are");
  command.add_option("--timeframe", named.timeframe, "How long a bar is: M5, H1, D1");
  command.add_option("--zone", named.zone,
                     "The clock of times without an offset: UTC, \"New York+7h\", UTC+2");
  command.add_option("--time-is", named.time_is, "Whether a time is a bar's open or its close");
  command.add_option("--scale", named.scale, "Prices are divided by this")->type_name("N");
  command.add_option("--columns", named.columns,
                     "What each column is: time,open,high,low,close,volume; - for none");
  command.add_option("--date-order", named.date_order, "Of 01/02/2020: dmy or mdy");
  command.add_option("--date", named.date, "The day of rows that carry a time of day only");
  command.add_option("--member", named.member, "The file in a zip");
  command.add_flag("--adjusted", named.adjusted, "Adjust all prices by the adjusted close");
  command
      .add_option_function<std::string>(
          "--bad-rows", [&options](const std::string& what) { options.skip_bad_rows = what == "skip"; },
          "What to do with a row that is no bar")
      ->check(CLI::IsMember({"error", "skip"}));
  return command.add_option("files", options.files, "FILE, or SYMBOL:TF=FILE")->type_name("FILE");
}

}  // namespace pawl::app
