#include <algorithm>
#include <cstdlib>
#include <new>
#include <set>

#include "app/commands.h"
#include "app/feed.h"
#include "app/followers.h"
#include "app/opened.h"
#include "training/progress_lines.h"
#include "triggers/webhook.h"

namespace pawl::app {

namespace {

constexpr int kKept = 10;

// The trainer beside a server: nothing but lines of progress on stdout, the failure as the last of them.
Result<int> run_job_telling(const CommonOptions& common, const std::string& folder) {
  training::ProgressLines lines([](std::string_view line) {
    print(line);
    std::fflush(stdout);
  });
  const auto run = [&]() -> Status {
    RealFileSystem files;
    auto job = training::read_job(files, folder);
    if (!job) return propagate(job);
    auto result = training::run_job(*job, static_cast<int>(common.threads.value_or(1)), lines.sink());
    if (!result) return propagate(result);
    if (Status written = training::write_result(files, folder, *result); !written) return written;
    lines.done(*job, *result);
    return {};
  };
  Status done;
  try {
    done = run();
  } catch (const std::bad_alloc&) {
    // Its memory is limited on purpose: a failed run like any other, not a crash that leaves a core.
    done = fail(ErrorCode::io, "{}: out of memory (bad_alloc)", folder);
  }
  if (!done) {
    lines.failed(done.error());
    return propagate(done);
  }
  return 0;
}

Result<int> run_job_folder(const CommonOptions& common, const std::string& folder) {
  RealFileSystem files;
  auto job = training::read_job(files, folder);
  if (!job) return propagate(job);
  ProgressMeter meter("training", "rounds", progress_style(common));
  auto result = training::run_job(*job, static_cast<int>(common.threads.value_or(1)), meter.sink());
  if (!result) return propagate(result);
  meter.pause();
  if (Status written = training::write_result(files, folder, *result); !written) return propagate(written);
  if (common.json) {
    print(Json{{"job", folder},
               {"kind", training::job_kind_name(job->kind)},
               {"line", job->line},
               {"rounds", result->rounds},
               {"train", to_json(result->artifact.trained_on)}}
              .dump() +
          "\n");
  } else if (!common.quiet) {
    print(fmt::format("{}: trained {} on {} rows, {} to {}, {} rounds; the artifact is in {}\n", job->line,
                      job->model_kind, result->artifact.trained_on.rows,
                      format_time(result->artifact.trained_on.from),
                      format_time(result->artifact.trained_on.to), result->rounds, folder));
  }
  return 0;
}

std::string score_text(const Scorecard& scores, const char* name) {
  const auto value = scores.get(name);
  return value ? fmt::format("{:.4f}", *value) : std::string("–");
}

std::string describe(const loop::RunReport& run) {
  std::string text = fmt::format("run {}: {}\n", run.id, run.reason);
  for (const loop::LineReport& line : run.by_line) {
    text += fmt::format("  {}: trained on {} rows to {}, judged on {} rows from {}\n", line.line,
                        line.trained_on.rows, short_time(line.trained_on.to), line.evidence.rows,
                        short_time(line.evidence.judged_from));
    if (!line.folds.empty()) {
      text += fmt::format("    {:<6} {:>8} {:>8} {:>9} {:>9} {:>9}  {}\n", "fold", "train", "test",
                          "accuracy", "roc_auc", "sharpe", "test range");
      int number = 0;
      for (const training::FoldReport& fold : line.folds) {
        text += fmt::format("    {:<6} {:>8} {:>8} {:>9} {:>9} {:>9}  {} → {}\n", ++number, fold.train.rows,
                            fold.test.rows, score_text(fold.scores, "accuracy"),
                            score_text(fold.scores, "roc_auc"), score_text(fold.scores, "sharpe"),
                            short_time(fold.test.from), short_time(fold.test.to));
      }
    }
    text += fmt::format("    {:<16} {:>12} {:>12}\n", "", "champion " + line.evidence.champion.text(),
                        "challenger " + line.evidence.challenger.text());
    for (const char* name :
         {"accuracy", "f1", "roc_auc", "log_loss", "win_rate", "win_rate_net", "sharpe", "total_return"}) {
      text += fmt::format("    {:<16} {:>16} {:>18}\n", name, score_text(line.evidence.champion_scores, name),
                          score_text(line.evidence.challenger_scores, name));
    }
    text += fmt::format("    {}", decision_name(line.decision()));
    for (const std::string& reason : line.verdict.reasons) text += ": " + reason;
    if (!line.probation.empty()) text += "\n    on probation: " + line.probation;
    if (!line.refit_failure.empty()) text += "\n    not fitted to the present: " + line.refit_failure;
    text += '\n';
  }
  return text;
}

// Indices of the lines that the symbols belong to; all of them where none is named.
Result<std::vector<std::size_t>> lines_of(const recipe::Recipe& recipe,
                                          const std::vector<std::string>& symbols) {
  std::set<std::size_t> lines;
  if (symbols.empty()) {
    for (std::size_t i = 0; i < recipe.line_ids().size(); ++i) lines.insert(i);
  }
  for (const std::string& text : symbols) {
    if (recipe.pool && text == "pool") {
      lines.insert(0);
      continue;
    }
    auto wanted = Symbol::parse(text);
    if (!wanted) return propagate(wanted);
    const auto found = std::find(recipe.symbols.begin(), recipe.symbols.end(), *wanted);
    if (found == recipe.symbols.end()) {
      return fail(ErrorCode::invalid_argument, "--symbol {}: the recipe {} has no such symbol", text,
                  recipe.name);
    }
    lines.insert(recipe.pool ? 0 : static_cast<std::size_t>(found - recipe.symbols.begin()));
  }
  return std::vector<std::size_t>(lines.begin(), lines.end());
}

// Which setting of the model says how long it is trained; empty where none does.
std::string rounds_setting(const recipe::Recipe& recipe) {
  for (const char* name : {"epochs", "trees", "max_iterations"}) {
    if (recipe.model.settings.values().contains(name)) return name;
  }
  return {};
}

// The recipe of this run: what its flags say in place of the recipe's own.
Result<recipe::Recipe> recipe_of_run(CommonOptions common, const TrainOptions& options,
                                     const recipe::Recipe& recipe,
                                     const std::optional<std::string>& remembered) {
  if (options.min_samples) {
    const std::string rows = std::to_string(*options.min_samples);
    if (recipe.trades.present) {
      common.set.emplace_back("trades.min_manual_samples=" + rows);
    } else {
      for (const char* key : {"validation.min_bars=", "validation.min_judged_rows=", "gate.min_rows="})
        common.set.push_back(key + rows);
    }
  }
  if (options.epochs) {
    const std::string name = rounds_setting(recipe);
    if (name.empty()) {
      return fail(ErrorCode::invalid_argument, "--epochs {}: a model of kind {} is not trained in rounds",
                  *options.epochs, recipe.model.kind);
    }
    common.set.push_back(fmt::format("model.{}={}", name, *options.epochs));
  }
  return load_recipe(common, remembered);
}

// A request that somebody else's scheduler signed, as the options of a run.
Status read_webhook(const TrainOptions& given, TrainOptions& options) {
  const auto body = RealFileSystem().read(given.webhook_file);
  if (!body) return propagate(body);
  const char* secret = std::getenv("PAWL_WEBHOOK_SECRET");
  const auto request = triggers::open_webhook(*body, given.webhook_signature, secret == nullptr ? "" : secret,
                                              WallClock().now());
  if (!request) return propagate(request);
  options.reason = request->reason;
  options.full = request->full;
  if (!request->line.empty()) options.symbols = {request->line.substr(request->line.rfind('/') + 1)};
  return {};
}

Result<int> run_by_hand(const CommonOptions& common, const TrainOptions& options) {
  // What is wrong with the words or the recipe is said before a folder is made for them.
  if (!RealFileSystem().exists(Path(common.data) / "pawl.db")) {
    if (auto named = load_recipe(common, std::nullopt); !named) return propagate(named);
  }
  auto data = DataFolder::open(common.data, DataFolder::Use::write);
  if (!data) return propagate(data);
  auto remembered = (*data)->remembered_recipe();
  if (!remembered) return propagate(remembered);
  auto recipe = load_recipe(common, *remembered);
  if (!recipe) return propagate(recipe);
  if (!common.bars.empty()) {
    ProgressMeter meter("importing", "rows", progress_style(common));
    auto feed = fetch_feed(*recipe, {}, meter.sink());
    if (!feed) return propagate(feed);
    if (auto stored = store_feed(*recipe, *feed, (*data)->store(), WallClock().now()); !stored)
      return propagate(stored);
  }
  // What --set changed for this run alone does not become the folder's recipe.
  if (!common.recipe.empty() || !*remembered) {
    if (Status kept = (*data)->remember_recipe(*recipe); !kept) return propagate(kept);
  }
  if (options.min_samples || options.epochs) {
    recipe = recipe_of_run(common, options, *recipe, *remembered);
    if (!recipe) return propagate(recipe);
  }
  auto recovered = (*data)->registry().recover(WallClock().now());
  if (!recovered) return propagate(recovered);
  for (const std::string& problem : *recovered) std::fputs(("pawl: " + problem + "\n").c_str(), stderr);

  auto lines = lines_of(*recipe, options.symbols);
  if (!lines) return propagate(lines);
  auto start = first_open(*recipe, (*data)->store());
  if (!start) return propagate(start);
  auto engine = make_engine(*recipe, **data, *start, {});
  if (!engine) return propagate(engine);
  ProgressMeter meter("reading the store", "bars", progress_style(common));
  if (Status restored = (*engine)->loop->restore(meter.sink()); !restored) return propagate(restored);
  meter.pause();
  if (options.epochs) {
    // What a search found has its own number of rounds, which this run is not to have.
    for (const auto& line : (*engine)->loop->lines()) {
      if (!line->found_settings.is_null()) line->found_settings[rounds_setting(*recipe)] = *options.epochs;
    }
  }

  // A group is judged as one; separate lines have runs of their own.
  std::vector<std::vector<std::size_t>> runs;
  if (recipe->group) {
    runs.push_back(*lines);
  } else {
    for (const std::size_t line : *lines) runs.push_back({line});
  }
  Json reports = Json::array();
  bool promoted = false, failed = false;
  for (const std::vector<std::size_t>& run : runs) {
    auto report = (*engine)->loop->train_now(run, options.reason, WallClock().now(), options.full);
    if (!report) return propagate(report);
    promoted = promoted || report->verdict() == "promote";
    failed = failed || !report->completed();
    if (!report->completed()) std::fputs(("pawl: " + report->failure + "\n").c_str(), stderr);
    if (common.json) {
      reports.push_back(report->to_json());
    } else if (!common.quiet) {
      print(describe(*report));
    }
  }
  if (Status followed = catch_up_files(*recipe, **data); !followed) return propagate(followed);
  if (common.json) print(Json{{"runs", std::move(reports)}}.dump() + "\n");
  if (failed) return 1;
  return promoted ? 0 : kKept;
}

}  // namespace

int train_command(const CommonOptions& common, const TrainOptions& given) {
  TrainOptions options = given;
  if (!given.webhook_file.empty()) {
    if (Status asked = read_webhook(given, options); !asked) return report(asked.error(), common);
  }
  const Result<int> done = options.job_folder.empty() ? run_by_hand(common, options)
                           : options.progress_lines   ? run_job_telling(common, options.job_folder)
                                                      : run_job_folder(common, options.job_folder);
  return done ? *done : report(done.error(), common);
}

}  // namespace pawl::app
