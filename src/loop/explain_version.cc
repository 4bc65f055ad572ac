// What a version goes by: as its training says, and as rows that it never saw say.
#include <algorithm>
#include <limits>

#include "loop/explain.h"
#include "loop/run.h"
#include "registry/version_json.h"

namespace pawl::loop {
namespace {

constexpr TimeMs kEver = std::numeric_limits<TimeMs>::max();
constexpr TimeMs kNever = std::numeric_limits<TimeMs>::min();

// Labelled rows, and up to when anything is known.
struct Known {
  contest::LabelledRows rows;
  TimeMs as_of = kNever;
};

Result<Known> trades_of(store::Store& store, const LineId& line) {
  auto closed = store.trades().closed(line);
  if (!closed) return propagate(closed);
  Known known;
  known.rows.add(datasets::trade_table(*closed));
  for (const TimeMs at : known.rows.label_known_at) known.as_of = std::max(known.as_of, at);
  return known;
}

Result<datasets::FeatureHistory> followed(const recipe::Recipe& recipe, const std::vector<std::string>& specs,
                                          const BarSeries& bars) {
  auto list = features::FeatureList::parse(specs, recipe.base, recipe.calendar, recipe.outside_names());
  if (!list) return propagate(list);
  datasets::FeatureHistory history(std::move(*list));
  history.follow(bars);
  return history;
}

// The rows of one symbol that are known after `after`: no label of earlier ones is even made.
Status add_rows(const recipe::Recipe& recipe, const labels::Labeller& labeller, const VersionBundle& bundle,
                const BarSeries& bars, TimeMs after, contest::LabelledRows& rows) {
  auto features = followed(recipe, bundle.features, bars);
  if (!features) return propagate(features);
  if (features->list().hash() != bundle.features_hash) {
    return fail(ErrorCode::corrupt,
                "{} {}: its features no longer mean what they did when it was trained; train it again",
                bundle.line, bundle.number.text());
  }
  std::optional<datasets::FeatureHistory> scale;
  if (const auto spec = labeller.scale_spec()) {
    auto made = followed(recipe, {*spec}, bars);
    if (!made) return propagate(made);
    scale = std::move(*made);
  }
  rows.add(datasets::assemble(*features, labeller, scale ? &*scale : nullptr, bars,
                              bars.count_known_at(after), bars.size(), bars.back().close_time));
  return {};
}

Result<Known> bars_of(const recipe::Recipe& recipe, store::Store& store, const VersionBundle& bundle,
                      TimeMs after, const PermutationOptions& options) {
  const auto kinds = make_kinds(recipe);
  if (!kinds) return propagate(kinds);
  Known known;
  std::size_t done = 0;
  for (const Symbol& symbol : recipe.symbols) {
    if (recipe.line_of(symbol) != bundle.line) continue;
    auto bars =
        store.bars().read(symbol.canonical(), recipe.base, kNever, kEver, store::BarStore::Revision::first);
    if (!bars) return propagate(bars);
    if (options.cancelled && options.cancelled()) {
      return fail(ErrorCode::cancelled, "stopped before all markets were read");
    }
    if (options.progress) {
      options.progress(
          {.done = ++done, .total = recipe.symbols.size(), .note = symbol.given(), .stage = "rows"});
    }
    if (bars->empty()) continue;
    known.as_of = std::max(known.as_of, bars->back().close_time);
    if (Status added = add_rows(recipe, *kinds->labeller, bundle, *bars, after, known.rows); !added) {
      return within(symbol.given(), added.error());
    }
  }
  return known;
}

// Answers to two labels are answers to two questions. The baseline was trained on none.
Status expect_same_label(const recipe::Recipe& recipe, const VersionBundle& bundle) {
  if (recipe.trades.present || !bundle.settings.contains("label")) return {};
  const Json label = {{"kind", recipe.label.kind}, {"settings", recipe.label.settings.to_json()}};
  if (bundle.settings["label"] == label) return {};
  return fail(ErrorCode::conflict,
              "{} {} was trained on another label ({}) than the recipe has now ({}): set the recipe's label "
              "back to measure it",
              bundle.line, bundle.number.text(), bundle.settings["label"].dump(), label.dump());
}

std::string too_few_text(const contest::PermutationImportance& found, const VersionBundle& bundle,
                         TimeMs seen_to, TimeMs as_of) {
  return fmt::format(
      "{} rows that its judged model has never seen have their outcome, and {} more are needed: it knew what "
      "was known by {}, and the newest row here is known at {}{}",
      found.unseen, found.missing,
      bundle.judged.trained_on.rows > 0 ? format_time(seen_to) : std::string("the beginning"),
      as_of == kNever ? std::string("no time yet: there are no bars") : format_time(as_of),
      as_of == kNever ? "" : "; wait for more, or look at an older version");
}

}  // namespace

Result<VersionImportance> importance_of_version(registry::Registry& registry, const LineId& line,
                                                VersionNumber number) {
  auto version = registry.load(line, number);
  if (!version) return propagate(version);
  const VersionBundle& bundle = (*version)->bundle;
  const Artifact& answers = bundle.serving ? *bundle.serving : bundle.judged;
  auto importance = registry::importance_of(answers);
  if (!importance) return within(fmt::format("{} {}", line, number.text()), importance.error());
  VersionImportance found;
  found.line = line;
  found.number = number;
  found.model_kind = answers.model_kind;
  found.artifact = bundle.serving ? "serving" : "judged";
  found.importance = std::move(*importance);
  found.seen_to = bundle.judged.data_cut;
  return found;
}

Status add_permutation(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry,
                       const PermutationOptions& options, VersionImportance& importance) {
  const std::vector<LineId> lines = recipe.line_ids();
  if (std::find(lines.begin(), lines.end(), importance.line) == lines.end()) {
    return fail(ErrorCode::conflict,
                "{} is no line of the recipe {}, which has {}: name its recipe (--recipe)", importance.line,
                recipe.name, fmt::join(lines, ", "));
  }
  auto version = registry.load(importance.line, importance.number);
  if (!version) return propagate(version);
  const VersionBundle& bundle = (*version)->bundle;
  if (Status same = expect_same_label(recipe, bundle); !same) return same;
  // A trade's label is known at its close, so one that opened after the cut was not in the rows before it.
  const bool trades = recipe.trades.present;
  importance.seen_to =
      bundle.judged.data_cut + (trades ? 0 : recipe.validation.embargo_bars * recipe.base.duration_ms());
  auto known = trades ? trades_of(store, importance.line)
                      : bars_of(recipe, store, bundle, importance.seen_to, options);
  if (!known) return propagate(known);
  auto found = contest::permutation_importance({.model = (*version)->judged.get(),
                                                .rows = &known->rows,
                                                .seen_to = importance.seen_to,
                                                .as_of = known->as_of,
                                                .seed = recipe.seed,
                                                .repeats = options.repeats,
                                                .rows_max = options.rows_max,
                                                .progress = options.progress,
                                                .cancelled = options.cancelled});
  if (!found) return within(fmt::format("{} {}", importance.line, importance.number.text()), found.error());
  if (found->missing > 0) {
    importance.too_few = too_few_text(*found, bundle, importance.seen_to, known->as_of);
  }
  importance.permutation = std::move(*found);
  return {};
}

}  // namespace pawl::loop
