#include "app/cli.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "app/cli_drift.h"
#include "app/cli_explain.h"
#include "app/cli_features.h"
#include "app/cli_gates.h"
#include "app/cli_import.h"
#include "app/cli_operations.h"
#include "app/commands.h"
#include "app/commands/run.h"
#include "app/commands/trades.h"

namespace pawl::app {

namespace {

constexpr int kUsage = 2;

// Colour only for a person at a terminal who has not asked for none (no-color.org).
bool wants_colour(bool switched_off) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (switched_off || (no_color != nullptr && *no_color != '\0')) return false;
  if (term != nullptr && std::string_view(term) == "dumb") return false;
  return isatty(STDOUT_FILENO) == 1;
}

// Everything that the parser fills in. It lives until the chosen command has run.
struct Parsed {
  CommonOptions common;
  ReplayOptions replay;
  TrainOptions train;
  VersionOptions version;
  PointerOptions pointer;
  TransferOptions transfer;
  ImportBarsOptions import_bars;
  TradesOptions trades;
  JudgeOptions judge;
  OperationOptions operations;
  ExplainOptions explain;
  DriftOptions drift;
  FeaturesOptions features;
  GatesOptions gates;
  RegretStudyOptions regrets;
  VerdictRegretOptions regret;
  RunOptions run;
  PredictOptions predict;
  std::size_t audit_block = 4096;
  bool schema = false, markdown = false, dry_run = false;
  bool no_color = false;
  std::vector<std::string> json_file;
  int exit = 0;
};

// What a command takes that has neither a data folder nor a recipe.
void add_plain(CLI::App& command, Parsed& parsed, bool json_flag = true) {
  CommonOptions& common = parsed.common;
  command.add_option("--seed", common.seed, "Seed of everything that is random");
  command.add_option("--threads", common.threads, "Threads a training may use; changes no result")
      ->check(CLI::Range(1, 256));
  command.add_flag("-q,--quiet", common.quiet, "No progress, no text");
  command.add_flag("--no-color", parsed.no_color, "No colours");
  if (json_flag) command.add_flag("--json", common.json, "Answer in JSON");
}

void add_common(CLI::App& command, Parsed& parsed, bool json_flag = true) {
  CommonOptions& common = parsed.common;
  command.add_option("--data", common.data, "The data folder")->type_name("DIR")->capture_default_str();
  command.add_option("--recipe", common.recipe, "A recipe file, or the name of one in config/")
      ->type_name("FILE");
  command.add_option("--set", common.set, "Override a key of the recipe; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all();
  add_plain(command, parsed, json_flag);
}

void add_bars(CLI::App& command, Parsed& parsed) {
  command
      .add_option(
          "--bars", parsed.common.bars,
          "Bars from a file, or from a folder of files whose names say what they hold; may be repeated")
      ->type_name("SYMBOL:TF=FILE")
      ->expected(1)
      ->take_all();
  command
      .add_option("--outside", parsed.common.outside,
                  "Values of outside series (date,value) and filings (symbol,known_at,…); may be repeated")
      ->type_name("FILE")
      ->expected(1)
      ->take_all();
}

CLI::App* subcommand(CLI::App& parent, const char* name, const char* what, const char* examples) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(std::string("Examples:\n") + examples);
  return command;
}

void add_replay(CLI::App& app, Parsed& parsed) {
  CLI::App* command = subcommand(
      app, "replay",
      "Run a recipe over recorded bars on a simulated clock: what would have happened, and why",
      "  pawl replay --recipe crypto-live --memory                 on the simulated exchange, nothing "
      "stored\n"
      "  pawl replay --recipe config/crypto-live.yaml --bars BTC_USDT:H1=btc.csv.gz --json out.json\n"
      "  pawl replay --recipe crypto-live --set gate.policy=always --seed 3 --data replay-always\n"
      "  pawl replay --like data --bars BTC_USDT:H1=btc.csv.gz --memory --json      as it went live\n"
      "  pawl replay --recipe crypto-live --compare config/compare/crypto.yaml      many policies at once\n");
  add_common(*command, parsed, false);
  add_bars(*command, parsed);
  command->add_option("--json", parsed.json_file, "All findings as JSON, to a file or to stdout")
      ->type_name("[FILE]")
      ->expected(0, 1);
  command->add_option("--events", parsed.replay.events_file, "Write every event, one JSON object a line")
      ->type_name("FILE");
  command->add_option("--from", parsed.replay.from, "Look at bars from this time on")->type_name("TIME");
  command->add_option("--to", parsed.replay.to, "Look at bars before this time")->type_name("TIME");
  command
      ->add_option("--score-from", parsed.replay.score_from,
                   "Earlier bars are history: nothing is predicted or trained by them")
      ->type_name("TIME");
  command
      ->add_option("--trades", parsed.replay.trades,
                   "Reports of a bot's trades, for a trade filter; else a bot of simple rules makes them")
      ->type_name("FILE");
  command
      ->add_option("--like", parsed.replay.like,
                   "Let every run take as long, and be asked for, as in that live process's data folder")
      ->type_name("DIR");
  command
      ->add_option("--compare", parsed.replay.compare,
                   "Lead every policy of that file over the same bars, and compare them; nothing is stored")
      ->type_name("FILE");
  command->add_flag("--memory", parsed.replay.memory, "Keep everything in memory; write no data folder");
  command
      ->add_option_function<std::string>(
          "--bad-rows", [&parsed](const std::string& what) { parsed.replay.skip_bad_rows = what == "skip"; },
          "What to do with a row that is no bar")
      ->check(CLI::IsMember({"error", "skip"}));
  command->callback([command, &parsed] {
    parsed.common.json = command->count("--json") > 0;
    if (!parsed.json_file.empty()) parsed.replay.json_file = parsed.json_file.front();
    parsed.exit = replay_command(parsed.common, parsed.replay);
  });
}

void add_run(CLI::App& app, Parsed& parsed) {
  RunOptions& run = parsed.run;
  CLI::App* command = subcommand(
      app, "run", "Serve, learn and retrain until stopped: bars come over HTTP, or recorded ones are played",
      "  pawl run --recipe forex-weekly --data data          bars, trades and windows come over HTTP\n"
      "  pawl run --recipe crypto-live --pace 40/s           the simulated market, 40 bars a second\n"
      "  pawl run --recipe crypto-live --bars BTC_USDT:H1=btc.csv.gz --pace 1000 --until end --json\n"
      "  pawl stop --data data\n");
  add_common(*command, parsed);
  add_bars(*command, parsed);
  command->add_option("--address", run.address, "Listen there instead of where the recipe says")
      ->type_name("ADDRESS");
  command->add_option("--port", run.port, "… on that port; 0 takes any that is free")
      ->check(CLI::Range(0, 65535));
  command
      ->add_option(
          "--pace", run.pace,
          "Play the recipe's bars so many times as fast as they happened, or so many a second (40/s)")
      ->type_name("PACE");
  command
      ->add_option("--until", run.until, "Stop after the first verdict or swap, or when all bars are played")
      ->check(CLI::IsMember({"verdict", "swap", "end"}));
  command->add_option("--for", run.seconds_max, "Stop after so many seconds")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  command
      ->add_option("--score-from", run.score_from,
                   "Earlier bars are history: nothing is predicted or trained by them")
      ->type_name("TIME");
  command->add_option("--events", run.events_file, "Write every event, one JSON object a line")
      ->type_name("FILE");
  command->add_flag("--no-server", run.no_server, "Listen nowhere");
  command->callback([&parsed] { parsed.exit = run_command(parsed.common, parsed.run); });

  CLI::App* stop = subcommand(app, "stop", "End the process that runs in a data folder; nothing is lost",
                              "  pawl stop\n  pawl stop --data /var/lib/pawl\n");
  add_common(*stop, parsed);
  stop->callback([&parsed] { parsed.exit = stop_command(parsed.common); });
}

void add_train(CLI::App& app, Parsed& parsed) {
  CLI::App* command = subcommand(
      app, "train", "Train a challenger by hand and let the gate judge it (exit 10: kept, not promoted)",
      "  pawl train --recipe crypto-live --bars BTC_USDT:H1=btc.csv.gz\n"
      "  pawl train --symbol BTC_USDT --set validation.walk_forward_folds=5\n"
      "  pawl train --job jobs/000012-fit-BTC_USDT      the trainer alone: reads nothing but that folder\n");
  add_common(*command, parsed);
  add_bars(*command, parsed);
  command->add_option("--symbol,--symbols", parsed.train.symbols, "Only these symbols of the recipe")
      ->delimiter(',');
  command->add_flag("--full", parsed.train.full, "Search for settings anew, as the recipe's `search` says");
  command
      ->add_option("--min-samples", parsed.train.min_samples,
                   "Rows that this run must have to judge by, in place of the recipe's minimum")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--epochs", parsed.train.epochs,
                   "How long the model is trained in this run: rounds of trees")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  command->add_option("--reason", parsed.train.reason, "Why, for the record");
  command
      ->add_option("--webhook", parsed.train.webhook_file,
                   "A signed request as it was received; the secret is PAWL_WEBHOOK_SECRET")
      ->type_name("FILE");
  command->add_option("--signature", parsed.train.webhook_signature, "Its signature header, sha256=…");
  CLI::Option* job =
      command->add_option("--job", parsed.train.job_folder, "Run a job folder")->type_name("FOLDER");
  command
      ->add_option_function<std::string>(
          "--progress", [&parsed](const std::string& how) { parsed.train.progress_lines = how == "json"; },
          "json: of a job folder, one JSON object a line to stdout while it trains")
      ->check(CLI::IsMember({"text", "json"}))
      ->needs(job);
  command->callback([&parsed] { parsed.exit = train_command(parsed.common, parsed.train); });
}

void add_pull(CLI::App& app, Parsed& parsed) {
  CLI::App* command = subcommand(app, "pull", "Fetch the bars of the recipe's source into the data folder",
                                 "  pawl pull --recipe forex-weekly --bars folder-of-csv-files\n"
                                 "  pawl pull --json\n");
  add_common(*command, parsed);
  add_bars(*command, parsed);
  command->callback([&parsed] { parsed.exit = pull_command(parsed.common); });
}

void add_judge(CLI::App& app, Parsed& parsed) {
  CLI::App* command = subcommand(
      app, "judge",
      "Champion against another version on rows that neither has seen; nothing moves (exit 10: keep)",
      "  pawl judge\n  pawl judge --line BTC_USDT --version v000003\n"
      "  pawl judge --line BTC_USDT --version v000004 --against v000002 --json\n");
  add_common(*command, parsed);
  command->add_option("--line", parsed.judge.line, "Only this line, in full or its last part");
  command->add_option("--version", parsed.judge.version, "The challenger; else the newest other version");
  command->add_option("--against", parsed.judge.against, "A version in place of the one that serves");
  command->callback([&parsed] { parsed.exit = judge_command(parsed.common, parsed.judge); });
}

void add_predict(CLI::App& app, Parsed& parsed) {
  CLI::App* command = subcommand(
      app, "predict", "Answer the body of a /predict request, as the server would, from a stored version",
      "  pawl predict --body request.json\n"
      "  curl -s http://example.com/request.json | pawl predict --body -\n"
      "  pawl predict --body request.json --line EUR_USD --version v000003\n");
  add_common(*command, parsed);
  command->add_option("--body", parsed.predict.body, "The request's body; -: stdin")
      ->type_name("FILE")
      ->required();
  command->add_option("--line", parsed.predict.line, "The line, in full or its last part; else the pair's");
  command->add_option("--version", parsed.predict.version, "The version; else the one that serves");
  command->callback([&parsed] { parsed.exit = predict_command(parsed.common, parsed.predict); });
}

void add_models(CLI::App& app, Parsed& parsed) {
  CLI::App* models =
      subcommand(app, "models", "The versions of each line: list, show, verify, history",
                 "  pawl models list\n  pawl models show BTC_USDT v000003\n  pawl models verify\n");
  models->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, const char* examples,
                       int (*run)(const CommonOptions&, const VersionOptions&)) {
    CLI::App* command = subcommand(*models, name, what, examples);
    add_common(*command, parsed);
    command->add_option("line", parsed.version.line, "The line, in full or its last part");
    command->add_option("version", parsed.version.version, "The version; without it the champion, or all");
    command->callback([&parsed, run] { parsed.exit = run(parsed.common, parsed.version); });
  };
  add("list", "All versions with their state", "  pawl models list --json\n", models_list_command);
  add("show", "Everything about one version", "  pawl models show BTC_USDT v000003\n", models_show_command);
  add("verify", "Check checksums, features and self-test vectors", "  pawl models verify BTC_USDT\n",
      models_verify_command);
  add("history", "Every move of the pointer: when, who, why", "  pawl models history BTC_USDT\n",
      models_history_command);
}

void add_pointers(CLI::App& app, Parsed& parsed) {
  CLI::App* promote = subcommand(app, "promote", "Let a version serve",
                                 "  pawl promote BTC_USDT v000004 --reason \"looked at it myself\"\n");
  add_common(*promote, parsed);
  promote->add_option("line", parsed.pointer.line, "The line")->required();
  promote->add_option("version", parsed.pointer.version, "The version")->required();
  promote->add_option("--reason", parsed.pointer.reason, "Why, for the promotion log");
  promote->add_flag("--force", parsed.pointer.force, "Also a version that the gate refused");
  promote->callback([&parsed] { parsed.exit = promote_command(parsed.common, parsed.pointer); });

  CLI::App* rollback =
      subcommand(app, "rollback", "Back to the version that served before; the line then holds",
                 "  pawl rollback BTC_USDT\n  pawl rollback BTC_USDT v000002 --hold-for 7d\n");
  add_common(*rollback, parsed);
  rollback->add_option("line", parsed.pointer.line, "The line");
  rollback->add_option("version", parsed.pointer.version, "To this version instead");
  rollback->add_option("--reason", parsed.pointer.reason, "Why, for the promotion log");
  rollback->add_option("--hold-for", parsed.pointer.hold_for,
                       "Hold that long (7d, 12h); else until `pawl release`");
  rollback->callback([&parsed] { parsed.exit = rollback_command(parsed.common, parsed.pointer); });

  CLI::App* release =
      subcommand(app, "release", "End a line's hold after a rollback", "  pawl release BTC_USDT\n");
  add_common(*release, parsed);
  release->add_option("line", parsed.pointer.line, "The line");
  release->callback([&parsed] { parsed.exit = release_command(parsed.common, parsed.pointer); });
}

void add_transfer(CLI::App& app, Parsed& parsed) {
  TransferOptions& transfer = parsed.transfer;
  CLI::App* import =
      subcommand(app, "import", "Take bars of any format, or a model, into the data folder",
                 "  pawl import --dry-run EURUSD_M5.csv        what it is, and how that was found\n"
                 "  pawl import bars BTC_USDT:H1=btc.csv.gz\n"
                 "  pawl import model champion.pawl --line crypto-live/BTC_USDT\n");
  import->require_subcommand(0, 1);
  add_common(*import, parsed);
  add_bar_files(*import, parsed.import_bars);
  import->callback([import, &parsed] {
    if (!import->get_subcommands().empty()) return;
    if (parsed.import_bars.files.empty()) {
      const Error error{ErrorCode::invalid_argument,
                        "import what? Name files of bars, or say `pawl import model FILE`"};
      parsed.exit = report(error, parsed.common);
      return;
    }
    parsed.exit = import_bars_command(parsed.common, parsed.import_bars);
  });
  CLI::App* import_bars =
      subcommand(*import, "bars", "Bars from files of any format; what a file leaves open is asked",
                 "  pawl import bars BTC_USDT:H1=btc.csv.gz EURUSD_M5.csv.gz\n"
                 "  pawl import bars USDCADh4.csv --zone Europe/Athens --scale 100000 --dry-run\n");
  add_common(*import_bars, parsed);
  add_bar_files(*import_bars, parsed.import_bars)->required();
  import_bars->callback([&parsed] { parsed.exit = import_bars_command(parsed.common, parsed.import_bars); });
  CLI::App* import_model = subcommand(*import, "model", "A version that `pawl export model` wrote",
                                      "  pawl import model champion.pawl --line crypto-live/BTC_USDT\n");
  add_common(*import_model, parsed);
  import_model->add_option("file", transfer.files, "The file")->required()->expected(1);
  import_model->add_option("--line", transfer.line, "The line that it becomes a version of")->required();
  import_model->callback([&parsed] { parsed.exit = import_model_command(parsed.common, parsed.transfer); });
  CLI::App* alias = subcommand(app, "import-model", "The same as `pawl import model`",
                               "  pawl import-model champion.pawl --line crypto-live/BTC_USDT\n");
  add_common(*alias, parsed);
  alias->add_option("file", transfer.files, "The file")->required()->expected(1);
  alias->add_option("--line", transfer.line, "The line that it becomes a version of")->required();
  alias->callback([&parsed] { parsed.exit = import_model_command(parsed.common, parsed.transfer); });

  CLI::App* exporter = subcommand(app, "export", "Write a dataset, a model, bars or events to a file",
                                  "  pawl export dataset --as-of 2023-06-01T00:00:00Z -o rows.csv\n"
                                  "  pawl export model BTC_USDT -o champion.pawl\n"
                                  "  pawl export events -o events.ndjson\n");
  exporter->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, const char* examples,
                       int (*run)(const CommonOptions&, const TransferOptions&)) {
    CLI::App* command = subcommand(*exporter, name, what, examples);
    add_common(*command, parsed);
    command->add_option("-o,--output", transfer.output, "The file to write; else stdout")->type_name("FILE");
    command->callback([&parsed, run] { parsed.exit = run(parsed.common, parsed.transfer); });
    return command;
  };
  CLI::App* dataset = add("dataset", "Rows of features and labels as they were known at a time, as CSV",
                          "  pawl export dataset --recipe crypto-live --bars BTC_USDT:H1=btc.csv.gz "
                          "--as-of 2023-06-01T00:00:00Z\n",
                          export_dataset_command);
  add_bars(*dataset, parsed);
  dataset->add_option("--as-of", transfer.as_of, "Nothing known later is read (RFC 3339)")->type_name("TIME");
  dataset->add_option("--line", transfer.line, "Which line; else the recipe's first");
  CLI::App* model = add("model", "A version as one file",
                        "  pawl export model BTC_USDT v000003 -o model.pawl\n", export_model_command);
  model->add_option("line", transfer.line, "The line");
  model->add_option("version", transfer.version, "The version; else the champion");
  CLI::App* bars = add("bars", "Stored bars of a symbol as CSV", "  pawl export bars BTC_USDT -o btc.csv\n",
                       export_bars_command);
  bars->add_option("symbol", transfer.line, "The symbol; else the first");
  add("decisions",
      "What was decided, one JSON object a line: two folders decided alike where these are the same",
      "  pawl export decisions --data live | sha256sum\n", export_decisions_command);
  add("events", "The event stream, one JSON object a line", "  pawl export events -o events.ndjson\n",
      export_events_command);
}

void add_trades(CLI::App& app, Parsed& parsed) {
  TradesOptions& trades = parsed.trades;
  CLI::App* group =
      subcommand(app, "trades", "A bot's trades: take them in, write them out, make some",
                 "  pawl trades import data/training_data.csv --recipe trade-filter\n"
                 "  pawl trades export -o training_data.csv\n"
                 "  pawl trades make --bars EURUSD:M5=eurusd.csv.gz --count 1000 -o trades.csv\n");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, const char* examples,
                       int (*run)(const CommonOptions&, const TradesOptions&)) {
    CLI::App* command = subcommand(*group, name, what, examples);
    add_common(*command, parsed);
    command->callback([&parsed, run] { parsed.exit = run(parsed.common, parsed.trades); });
    return command;
  };
  const auto add_output = [&](CLI::App& command) {
    command.add_option("-o,--output", trades.output, "The file to write; else stdout")->type_name("FILE");
  };
  CLI::App* import =
      add("import", "Trades that were made elsewhere: training data, or reports with times",
          "  pawl trades import data/training_data.csv --recipe trade-filter\n", trades_import_command);
  import->add_option("files", trades.files, "The files")->required()->type_name("FILE");
  CLI::App* exporter =
      add("export", "The closed trades as training data, in the order in which they closed",
          "  pawl trades export -o training_data.csv\n"
          "  pawl trades export --with-times -o trades.ndjson     for pawl replay --trades\n",
          trades_export_command);
  exporter->add_flag("--with-times", trades.with_times,
                     "As reports of opens and closes; CSV where the file's name says so, else NDJSON");
  add_output(*exporter);
  CLI::App* maker = add("make", "Let a bot of simple rules trade recorded bars, to have something to filter",
                        "  pawl trades make --bars EURUSD:M5=eurusd.csv.gz --count 1000 -o trades.csv\n",
                        trades_make_command);
  add_bars(*maker, parsed);
  maker->add_option("--count", trades.count, "So many trades at most; 0: all")->check(CLI::NonNegativeNumber);
  add_output(*maker);
}

void add_looks(CLI::App& app, Parsed& parsed) {
  CLI::App* audit =
      subcommand(app, "audit", "Make every logged prediction again from the store and compare the bits",
                 "  pawl audit --json\n  pawl audit --block 1      one bar at a time, as live\n");
  add_common(*audit, parsed);
  audit->add_option("--block", parsed.audit_block, "Bars a block; any size must give the same bits")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  audit->callback([&parsed] { parsed.exit = audit_command(parsed.common, parsed.audit_block); });

  CLI::App* config =
      subcommand(app, "config", "Show or check a recipe",
                 "  pawl config show --recipe crypto-live\n  pawl config check --recipe my.yaml\n");
  config->require_subcommand(1);
  CLI::App* show =
      subcommand(*config, "show", "Every key with its value, where it came from and what it does",
                 "  pawl config show --recipe crypto-live --set gate.margin=0.01\n"
                 "  pawl config show --schema              everything that a recipe can say, as JSON\n"
                 "  pawl config show --schema --markdown   the same as docs/recipe-reference.md\n");
  add_common(*show, parsed);
  CLI::Option* schema = show->add_flag("--schema", parsed.schema, "Every key there is, whatever the recipe");
  show->add_flag("--markdown", parsed.markdown, "The schema as a page for people")->needs(schema);
  show->callback([&parsed] {
    parsed.exit = parsed.schema ? config_schema_command(parsed.markdown) : config_show_command(parsed.common);
  });
  CLI::App* check = subcommand(*config, "check", "Read a recipe as strictly as a run would",
                               "  pawl config check --recipe config/crypto-live.yaml\n");
  add_common(*check, parsed);
  check->callback([&parsed] { parsed.exit = config_check_command(parsed.common); });

  CLI::App* status = subcommand(app, "status", "What serves, how it does, when it was last retrained",
                                "  pawl status\n  pawl status --json\n");
  add_common(*status, parsed);
  status->callback([&parsed] { parsed.exit = status_command(parsed.common); });

  CLI::App* prune = subcommand(
      app, "prune", "Drop events and predictions that are older than the recipe keeps them; show sizes",
      "  pawl prune --dry-run        only the sizes, against the recipe's budget\n"
      "  pawl prune --set retention.events_days=30\n");
  add_common(*prune, parsed);
  prune->add_flag("--dry-run", parsed.dry_run, "Drop nothing");
  prune->callback([&parsed] { parsed.exit = prune_command(parsed.common, parsed.dry_run); });
}

// Read from the words themselves: where they do not parse, no option has its value.
bool asks_for_json(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc,
                     [](std::string_view word) { return word == "--json" || word.starts_with("--json="); });
}

// In the shape of every other error, for programs that read stdout.
void print_usage_error(std::string_view message) {
  print(Json{{"error", {{"code", "usage"}, {"message", message}}}}.dump() + "\n");
}

// CLI11 would only say that a command is missing. Nothing where the first word is a command, or an option.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), argv[1]) != known.end()) return std::nullopt;
  const std::string nearest = nearest_word(argv[1], known);
  return fmt::format("there is no command \"{}\"{}; the commands are: {}", argv[1],
                     nearest.empty() ? std::string() : fmt::format(", did you mean \"{}\"?", nearest),
                     fmt::join(known, ", "));
}

}  // namespace

int run_cli(int argc, const char* const* argv) {
  CLI::App app("pawl keeps trading-signal models fresh by itself and never lets them slip back.", "pawl");
  app.set_version_flag("--version", std::string("pawl ") + PAWL_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  pawl replay --recipe crypto-live --memory        watch a whole year of retraining in seconds\n"
      "  pawl train --recipe crypto-live --bars BTC_USDT:H1=btc.csv.gz\n"
      "  pawl models list\n"
      "Exit codes: 0 ok, 1 failure, 2 usage, 10 kept (not promoted), 65 bad data, 78 bad config.");
  Parsed parsed;
  add_replay(app, parsed);
  add_run(app, parsed);
  add_train(app, parsed);
  add_pull(app, parsed);
  add_judge(app, parsed);
  add_predict(app, parsed);
  add_models(app, parsed);
  add_pointers(app, parsed);
  add_transfer(app, parsed);
  add_trades(app, parsed);
  add_looks(app, parsed);
  add_explain(
      app, parsed.common, parsed.explain, [&parsed](CLI::App& command) { add_common(command, parsed); },
      parsed.exit);
  add_drift(
      app, parsed.common, parsed.drift, [&parsed](CLI::App& command) { add_common(command, parsed); },
      parsed.exit);
  add_features(
      app, parsed.common, parsed.features, [&parsed](CLI::App& command) { add_common(command, parsed); },
      parsed.exit);
  add_regret(
      app, parsed.common, parsed.regret, [&parsed](CLI::App& command) { add_common(command, parsed); },
      parsed.exit);
  add_gates(
      app, parsed.common, parsed.gates, parsed.regrets,
      [&parsed](CLI::App& command) { add_plain(command, parsed); }, parsed.exit);
  add_operations(
      app, parsed.common, parsed.operations, [&parsed](CLI::App& command) { add_common(command, parsed); },
      parsed.exit);
  if (const auto unknown = unknown_command(app, argc, argv)) {
    std::fputs(fmt::format("pawl: {}\n", *unknown).c_str(), stderr);
    if (asks_for_json(argc, argv)) print_usage_error(*unknown);
    return kUsage;
  }
  // Before any command runs, and after all flags are read.
  app.parse_complete_callback([&parsed] { parsed.common.colour = wants_colour(parsed.no_color); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) == 0) return 0;
    if (asks_for_json(argc, argv)) print_usage_error(error.what());
    return kUsage;
  }
  return parsed.exit;
}

}  // namespace pawl::app
