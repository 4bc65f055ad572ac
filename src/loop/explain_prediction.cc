// One prediction made again from the store, with what made it.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "datasets/trade_table.h"
#include "features/engine.h"
#include "loop/audit.h"
#include "loop/explain.h"
#include "loop/trade_line.h"
#include "models/artifact_model.h"
#include "serving/live_model.h"

namespace pawl::loop {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr TimeMs kEver = std::numeric_limits<TimeMs>::max();

// The one of that number, where it is there; `read_after` is a store's.
template <class Read, class Number>
auto row_of(std::int64_t id, Read read_after, Number number_of) -> decltype(read_after(id, 1)) {
  auto rows = read_after(id - 1, 1);
  if (rows && !rows->empty() && number_of(rows->front()) != id) rows->clear();
  return rows;
}

// The largest number that `first_after` finds, which gives the first one above a cursor: by halving, because
// a store is read forwards only.
Result<std::int64_t> newest_number(
    const std::function<Result<std::optional<std::int64_t>>(std::int64_t)>& first_after) {
  auto first = first_after(0);
  if (!first) return propagate(first);
  if (!*first) return std::int64_t{0};
  std::int64_t there = **first, beyond = there;
  for (;;) {
    const auto next = first_after(beyond);
    if (!next) return propagate(next);
    if (!*next) break;
    there = **next;
    beyond = there * 2;
  }
  while (there < beyond) {
    const std::int64_t middle = there + (beyond - there) / 2;
    const auto next = first_after(middle);
    if (!next) return propagate(next);
    if (*next) {
      there = **next;
    } else {
      beyond = middle;
    }
  }
  return there;
}

std::vector<std::string> class_names(int classes, bool trades) {
  if (trades) return {"NOT PROFITABLE", "PROFITABLE"};
  if (classes == 2) return {"DOWN", "UP"};
  return {"SELL", "HOLD", "BUY"};
}

// Asks the version about the row again, and the kind of its model why.
Status explain_row(const registry::LoadedVersion& version, bool trades, PredictionExplanation& made) {
  const VersionBundle& bundle = version.bundle;
  const Artifact& artifact = bundle.serving ? *bundle.serving : bundle.judged;
  made.model_kind = artifact.model_kind;
  made.artifact = bundle.serving ? "serving" : "judged";
  made.features = bundle.features;
  made.classes = class_names(bundle.classes, trades);
  made.probabilities.resize(made.classes.size());
  version.live().predict({made.row, 1, made.row.size()}, made.probabilities);
  auto contributions =
      models::find_model_kind(artifact.model_kind)->contributions(artifact.model_bytes, made.row);
  if (!contributions) return within(bundle.line, contributions.error());
  made.contributions = std::move(*contributions);
  made.uncalibrated = made.probabilities;
  if (!artifact.calibration.is_null()) {
    auto model = models::load_uncalibrated(artifact);
    if (!model) return within(bundle.line, model.error());
    (*model)->predict({made.row, 1, made.row.size()}, made.uncalibrated);
  }
  if (made.contributions.scores() > 0) {
    made.check = models::check_sum(made.contributions, made.uncalibrated);
  }
  return {};
}

// The row of a feature list at the newest of the bars, by the same path that serving took.
Result<std::vector<double>> row_at_end(const recipe::Recipe& recipe, const std::vector<std::string>& specs,
                                       const std::string& hash, const BarSeries& bars) {
  auto list = features::FeatureList::parse(specs, recipe.base, recipe.calendar, recipe.outside_names());
  if (!list) return propagate(list);
  if (!hash.empty() && list->hash() != hash) {
    return fail(ErrorCode::corrupt,
                "its features no longer mean what they did when it was trained (hash {} then, {} now): run "
                "the pawl that made it, or train it again",
                hash, list->hash());
  }
  features::Engine engine(*list);
  std::vector<double> rows(kBlock * list->size());
  std::vector<std::uint8_t> ready(kBlock);
  std::size_t count = 0;
  for (std::size_t first = 0; first < bars.size(); first += kBlock) {
    count = std::min(kBlock, bars.size() - first);
    engine.update(bars.block(first, count), std::span(rows).first(count * list->size()),
                  std::span(ready).first(count));
  }
  const auto last = rows.begin() + static_cast<std::ptrdiff_t>((count - 1) * list->size());
  return std::vector<double>(last, last + static_cast<std::ptrdiff_t>(list->size()));
}

Status expect_line(const recipe::Recipe& recipe, const LineId& line, std::int64_t id) {
  const std::vector<LineId> lines = recipe.line_ids();
  if (std::find(lines.begin(), lines.end(), line) != lines.end()) return {};
  return fail(ErrorCode::conflict,
              "prediction {} is of the line {}, and the recipe {} has {}: name the recipe that it was made "
              "with (--recipe)",
              id, line, recipe.name, fmt::join(lines, ", "));
}

Result<PredictionExplanation> explain_answer(const recipe::Recipe& recipe, store::Store& store,
                                             registry::Registry& registry, std::int64_t number) {
  auto trades = row_of(
      number, [&](auto cursor, auto limit) { return store.trades().read_after(cursor, limit); },
      [](const Trade& trade) { return trade.number; });
  if (!trades) return propagate(trades);
  if (trades->empty()) {
    return fail(ErrorCode::not_found,
                "there is no trade {} here; the newest is explained where no number is given", number);
  }
  const Trade& trade = trades->front();
  if (Status expected = expect_line(recipe, trade.line, number); !expected) return propagate(expected);
  auto version = registry.load(trade.line, trade.version);
  if (!version) return propagate(version);
  PredictionExplanation made;
  const auto row = datasets::trade_row(trade.signal);
  made.row.assign(row.begin(), row.end());
  if (Status explained = explain_row(**version, true, made); !explained) return propagate(explained);
  // A trade remembers the answer only; what else a prediction has follows from its row.
  made.logged = serving::predict(**version, made.row, recipe.signal);
  if (made.logged.p_up != trade.p_profit) {
    made.difference =
        fmt::format("probabilities: {} was logged, {} comes out", trade.p_profit, made.logged.p_up);
  } else if (allows(recipe.trades, trade.version, trade.p_profit) != trade.allowed) {
    made.difference =
        fmt::format("answer: {} was logged, {} comes out", trade.allowed ? "allowed" : "refused",
                    trade.allowed ? "refused" : "allowed");
  }
  made.logged.id = trade.number;
  made.logged.symbol = trade.signal.symbol;
  made.logged.bar_open_time = made.logged.known_at = trade.signal.at;
  made.logged.p_up = trade.p_profit;
  made.logged.side = trade.allowed ? Side::buy : Side::hold;
  if (trade.close) {
    made.outcome = Outcome{.prediction_id = trade.number,
                           .line = trade.line,
                           .predicted_at = trade.signal.at,
                           .known_at = trade.close->at,
                           .entry_price = trade.signal.entry_price,
                           .exit_price = trade.close->exit_price,
                           .gross_return = trade.close->exit_price / trade.signal.entry_price - 1,
                           .side = trade.signal.side,
                           .correct = trade.close->profitable,
                           .pnl_pct = trade.close->pnl_pct,
                           .correct_net = trade.close->profitable};
  }
  return made;
}

}  // namespace

std::size_t PredictionExplanation::ranked_score() const {
  if (contributions.scores() < 2) return 0;
  return static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) -
                                  probabilities.begin());
}

std::vector<std::size_t> PredictionExplanation::ranked_columns() const {
  std::vector<std::size_t> order(features.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (contributions.scores() == 0) return order;
  const std::span<const double> weights = contributions.of_score(ranked_score());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return std::abs(weights[a]) > std::abs(weights[b]); });
  return order;
}

Result<PredictionExplanation> explain_prediction(const recipe::Recipe& recipe, store::Store& store,
                                                 registry::Registry& registry, std::int64_t id) {
  if (recipe.trades.present) return explain_answer(recipe, store, registry, id);
  auto predictions = row_of(
      id, [&](auto cursor, auto limit) { return store.predictions().read_after(cursor, limit); },
      [](const Prediction& prediction) { return prediction.id; });
  if (!predictions) return propagate(predictions);
  if (predictions->empty()) {
    return fail(ErrorCode::not_found,
                "there is no prediction {} here: it was never made, or pruned since; the newest of a line is "
                "explained where only --line is given",
                id);
  }
  PredictionExplanation made;
  made.logged = std::move(predictions->front());
  const Prediction& logged = made.logged;
  if (Status expected = expect_line(recipe, logged.line, id); !expected) return propagate(expected);
  auto version = registry.load(logged.line, logged.version);
  if (!version) return within(fmt::format("prediction {}", id), version.error());
  auto bars = store.bars().read(logged.symbol, recipe.base, std::numeric_limits<TimeMs>::min(),
                                logged.bar_open_time + 1, store::BarStore::Revision::first);
  if (!bars) return propagate(bars);
  if (bars->empty() || bars->back().open_time != logged.bar_open_time) {
    return fail(ErrorCode::not_found, "prediction {}: its bar, {} {} at {}, is not in the store", id,
                logged.symbol, recipe.base.name(), format_time(logged.bar_open_time));
  }
  if (bars->joined_columns() != recipe.outside.size()) {
    return fail(ErrorCode::conflict,
                "the bars of {} were stored with {} outside series and the recipe has {}", logged.symbol,
                bars->joined_columns(), recipe.outside.size());
  }
  const VersionBundle& bundle = (*version)->bundle;
  auto row = row_at_end(recipe, bundle.features, bundle.features_hash, *bars);
  if (!row) return within(fmt::format("{} {}", logged.line, logged.version.text()), row.error());
  made.row = std::move(*row);
  bool allowed = true;
  if (!recipe.signal_where.empty()) {
    auto where = row_at_end(recipe, {recipe.signal_where}, {}, *bars);
    if (!where) return propagate(where);
    allowed = where->front() > 0;
  }
  auto outcomes = row_of(
      id, [&](auto cursor, auto limit) { return store.outcomes().read_after(cursor, limit, logged.line); },
      [](const Outcome& outcome) { return outcome.prediction_id; });
  if (!outcomes) return propagate(outcomes);
  if (!outcomes->empty()) made.outcome = outcomes->front();
  if (Status explained = explain_row(**version, false, made); !explained) return propagate(explained);
  Prediction again = serving::predict(**version, made.row, recipe.signal);
  if (!allowed) again.side = Side::hold;
  made.difference = difference_between(logged, again);
  return made;
}

Result<std::int64_t> newest_prediction(const recipe::Recipe& recipe, store::Store& store, const LineId& line,
                                       std::string_view symbol) {
  const auto newest = newest_number([&](std::int64_t cursor) -> Result<std::optional<std::int64_t>> {
    if (recipe.trades.present) {
      auto trades = store.trades().read_after(cursor, 1, line);
      if (!trades) return propagate(trades);
      return trades->empty() ? std::nullopt : std::optional(trades->front().number);
    }
    auto predictions = store.predictions().read_after(cursor, 1, line);
    if (!predictions) return propagate(predictions);
    return predictions->empty() ? std::nullopt : std::optional(predictions->front().id);
  });
  if (!newest) return newest;
  const auto nothing = [&] {
    return fail(ErrorCode::not_found, "{}: nothing was predicted there yet{}", line,
                symbol.empty() ? std::string() : fmt::format(" for {}", symbol));
  };
  if (*newest == 0) return nothing();
  if (symbol.empty() || recipe.trades.present || !recipe.pool) return newest;
  // Of a pooled line one symbol's newest is among the newest few, unless it has long been silent.
  for (std::int64_t back = 1000;; back *= 8) {
    const std::int64_t cursor = std::max<std::int64_t>(0, *newest - back);
    auto page = store.predictions().read_after(cursor, static_cast<std::size_t>(*newest - cursor), line);
    if (!page) return propagate(page);
    const auto found = std::find_if(page->rbegin(), page->rend(),
                                    [&](const Prediction& one) { return one.symbol == symbol; });
    if (found != page->rend()) return found->id;
    if (cursor == 0) return nothing();
  }
}

}  // namespace pawl::loop
