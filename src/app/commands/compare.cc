// pawl replay --compare: many policies over the same bars.
#include <tuple>

#include "app/commands/replay.h"
#include "app/compare_report.h"
#include "app/opened.h"
#include "app/output_files.h"
#include "base/clock.h"

namespace pawl::app {

namespace {

Result<studies::CompareSpec> read_spec(const std::string& file) {
  RealFileSystem files;
  if (!files.exists(file)) {
    return fail(ErrorCode::bad_config,
                "--compare {}: there is no such file; see config/compare/ for examples", file);
  }
  auto text = files.read(file);
  if (!text) return propagate(text);
  return studies::read_compare_spec(*text, file);
}

// Each policy is a whole recipe: what the spec sets is read as --set is, and checked like it.
Result<std::vector<studies::Policy>> policies_of(const CommonOptions& common, const ReplayOptions& options,
                                                 const studies::CompareSpec& spec) {
  std::vector<studies::Policy> policies;
  for (const studies::PolicySpec& one : spec.policies) {
    CommonOptions adjusted = common;
    if (options.skip_bad_rows) adjusted.set.insert(adjusted.set.begin(), "source.bad_rows=skip");
    for (const auto& [key, text] : one.set) adjusted.set.push_back(fmt::format("{}={}", key, text));
    auto recipe = load_recipe(adjusted, std::nullopt);
    if (!recipe) return within(fmt::format("{}: policy \"{}\"", one.place, one.name), recipe.error());
    policies.push_back({one.name, std::move(*recipe)});
  }
  return policies;
}

Status expect_plain(const ReplayOptions& options) {
  for (const auto& [flag, given] :
       {std::tuple{"--trades", !options.trades.empty()}, std::tuple{"--like", !options.like.empty()},
        std::tuple{"--events", !options.events_file.empty()}}) {
    if (!given) continue;
    return fail(ErrorCode::invalid_argument,
                "{} does not go with --compare, which stores nothing; replay the policy alone with it", flag);
  }
  return {};
}

}  // namespace

Status run_compare(const CommonOptions& common, const ReplayOptions& options) {
  if (Status plain = expect_plain(options); !plain) return plain;
  const auto spec = read_spec(options.compare);
  if (!spec) return propagate(spec);
  auto policies = policies_of(common, options, *spec);
  if (!policies) return propagate(policies);
  if (Status comparable = studies::check_comparable(*policies); !comparable) return comparable;
  if (Status writable = expect_writable("--json", options.json_file, {}); !writable) return writable;
  const auto span = span_of(options);
  if (!span) return propagate(span);
  const auto score_from = score_from_of(options);
  if (!score_from) return propagate(score_from);

  const ProgressMeter::Style style = progress_style(common);
  const recipe::Recipe recipe = policies->front().recipe;
  const double started = monotonic_seconds();
  ProgressMeter reading("reading bars", "rows", style);
  auto feed = fetch_feed(recipe, *span, reading.sink());
  if (!feed) return propagate(feed);
  auto series = join_feed(recipe, *feed);
  if (!series) return propagate(series);
  reading.pause();

  const int threads = study_threads(common);
  ProgressMeter meter("compare", "bars", style);
  auto arena =
      studies::Arena::open(std::move(*policies), *series, {.threads = threads, .begin_at = *score_from});
  if (!arena) return propagate(arena);
  if (Status run = (*arena)->run(meter.sink()); !run) return run;
  meter.pause();
  const studies::Comparison comparison =
      studies::compare(**arena, {.baseline = spec->baseline, .seed = recipe.seed});
  const CompareReport report{.recipe = recipe,
                             .spec = *spec,
                             .arena = **arena,
                             .comparison = comparison,
                             .notes = std::move(feed->notes),
                             .elapsed_s = monotonic_seconds() - started,
                             .threads = threads};
  if (shows_text(common, options)) print(summary_text(report));
  if (common.json) return write_findings(options, to_json_text(report));
  return {};
}

}  // namespace pawl::app
