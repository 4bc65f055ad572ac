#include "loop/trade_line.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "contest/trade_contest.h"
#include "models/model_kind.h"

namespace pawl::loop {

namespace {

constexpr TimeMs kBeginning = std::numeric_limits<TimeMs>::min();

outcomes::WatchRules watch_rules(const recipe::TradeSettings& trades) {
  return {.trades = trades.watch_trades, .margin = trades.watch_margin, .allow_at = trades.allow_at};
}

// A trade as the performance of a line counts it: an allowed one is a signal, a refused one is none.
Outcome outcome_of(const Trade& trade, const TradeClose& close) {
  return {.prediction_id = trade.number,
          .line = trade.line,
          .predicted_at = trade.signal.at,
          .known_at = close.at,
          .entry_price = trade.signal.entry_price,
          .exit_price = close.exit_price,
          .gross_return = close.pnl_pct / 100,
          .side = trade.allowed ? trade.signal.side : Side::hold,
          .correct = close.profitable,
          .pnl_pct = close.pnl_pct,
          .correct_net = close.profitable};
}

}  // namespace

bool allows(const recipe::TradeSettings& trades, VersionNumber version, double p_profit) {
  return !trades.use_predictions || chance_as_said(version, p_profit) >= trades.allow_at;
}

labels::BracketRules paper_rules(const recipe::TradeSettings& trades) {
  return {.stop_atr = trades.paper_stop_atr,
          .target_atr = trades.paper_target_atr,
          .bars_max = trades.paper_bars_max};
}

// A trade's result is after costs already: the line has none of its own.
TradeLine::TradeLine(const recipe::Recipe& recipe)
    : Line(recipe.line_of(recipe.symbols.front()), "pool", Costs{}),
      watch(watch_rules(recipe.trades)),
      recipe_(recipe),
      newest_(kBeginning) {
  for (const Symbol& symbol : recipe.symbols) {
    followers_.push_back(
        {symbol, outcomes::PaperTrades(paper_rules(recipe.trades), recipe.costs_of(symbol)), std::nullopt});
  }
}

Result<std::size_t> TradeLine::find_symbol(std::string_view given) const {
  auto symbol = Symbol::parse(given);
  if (!symbol) return propagate(symbol);
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (followers_[i].symbol == *symbol) return i;
  }
  return fail(
      ErrorCode::invalid_argument,
      "{}: the recipe {} has no such symbol; add it to its `symbols`, as a refused signal is followed "
      "over its bars",
      given, recipe_.name);
}

Prediction TradeLine::ask(const TradeSignal& signal) const {
  return serving::predict(*live(), datasets::trade_row(signal), recipe_.signal);
}

TradeLine::Opened TradeLine::take_open(const Trade& trade) {
  Opened opened;
  if (open_.empty() && closed_.empty()) started_at = trade.signal.at;
  newest_ = std::max(newest_, trade.signal.at);
  if (!trade.allowed && !trade.close) {
    const auto symbol = find_symbol(trade.signal.symbol);
    assert(symbol && "looked up before it was opened");
    opened.followed = followers_[*symbol].paper.follow(trade.signal).has_value();
  }
  open_.emplace(trade.signal.id, trade);
  opened.p_former = watch.take_open(trade);
  return opened;
}

const Trade* TradeLine::find_open(std::string_view id) const {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : &found->second;
}

void TradeLine::take_close(const TradeClose& close, bool collected) {
  const auto found = open_.find(close.id);
  assert(found != open_.end());
  Trade trade = std::move(found->second);
  open_.erase(found);
  trade.close = close;
  newest_ = std::max(newest_, close.at);
  performance.add(outcome_of(trade, close));
  (trade.allowed ? tally_.allowed : tally_.refused) += 1;
  if (close.profitable) (trade.allowed ? tally_.allowed_profitable : tally_.refused_profitable) += 1;
  (trade.allowed ? tally_.allowed_pnl_pct : tally_.refused_pnl_pct) += close.pnl_pct;
  const bool said_yes = chance_as_said(trade.version, trade.p_profit) >= recipe_.trades.allow_at;
  if (said_yes == close.profitable) ++tally_.right;
  watch.take_close(trade.number, close.profitable);
  if (collected) {
    collected_at_.insert(std::upper_bound(collected_at_.begin(), collected_at_.end(), close.at), close.at);
  }
  closed_.push_back({std::move(trade), collected});
}

std::vector<TradeClose> TradeLine::take_bar(std::size_t symbol, const Bar& bar) {
  ++bars_;
  followers_[symbol].last_close = bar.close_time;
  return followers_[symbol].paper.step(bar);
}

std::optional<TimeMs> TradeLine::newest_bar_close() const {
  std::optional<TimeMs> newest;
  for (const Follower& follower : followers_) newest = std::max(newest, follower.last_close);
  return newest;
}

std::size_t TradeLine::followed_trades() const {
  std::size_t followed = 0;
  for (const Follower& follower : followers_) followed += follower.paper.open();
  return followed;
}

Result<FeatureIdentity> TradeLine::features() {
  FeatureIdentity identity{.specs = datasets::trade_columns(), .hash = {}};
  identity.hash = sha256_hex(fmt::format("pawl trade rows 1\n{}\n", fmt::join(identity.specs, "\n")));
  return identity;
}

Result<VersionBundle> TradeLine::baseline(TimeMs now) {
  const models::ModelKind* rules = models::find_model_kind("rules");
  auto identity = features();
  if (!identity) return propagate(identity);
  models::TrainRequest request;
  request.classes = classes();
  request.columns = identity->specs;
  request.rows.columns = identity->specs.size();
  auto trained = rules->train(recipe_.baseline.settings, request);
  if (!trained) return propagate(trained);
  auto model = rules->load(trained->bytes);
  if (!model) return propagate(model);
  VersionBundle bundle;
  bundle.line = id();
  bundle.number = {0};
  bundle.known_at = now;
  bundle.trained_because = "the rules baseline, always there: it lets every signal through";
  bundle.features = std::move(identity->specs);
  bundle.features_hash = std::move(identity->hash);
  bundle.classes = classes();
  bundle.settings = {{"model", {{"kind", "rules"}, {"settings", recipe_.baseline.settings.to_json()}}}};
  bundle.judged.model_kind = "rules";
  bundle.judged.model_bytes = std::move(trained->bytes);
  bundle.judged.data_cut = kBeginning / 2;
  for (const double value : {-1.0, 0.0, 1.0, 50.0}) {
    SelfTestVector vector;
    vector.row.assign(bundle.features.size(), value);
    vector.probabilities.resize(static_cast<std::size_t>(classes()));
    (*model)->predict({vector.row, 1, bundle.features.size()}, vector.probabilities);
    bundle.judged.self_test.push_back(std::move(vector));
  }
  return bundle;
}

datasets::TradeTable TradeLine::table(TimeMs known_at) const {
  std::vector<const Trade*> chosen;
  for (const Closed& one : closed_) {
    if (one.collected && one.trade.close->at <= known_at) chosen.push_back(&one.trade);
  }
  // By number where they share an instant: the same order however they came in.
  std::sort(chosen.begin(), chosen.end(), [](const Trade* a, const Trade* b) {
    return std::pair(a->signal.at, a->number) < std::pair(b->signal.at, b->number);
  });
  datasets::TradeTable rows;
  for (const Trade* trade : chosen) rows.add(trade->signal, *trade->close);
  return rows;
}

Result<Windows> TradeLine::plan(TimeMs now) {
  const datasets::TradeTable rows = table(now);
  const auto count = static_cast<std::int64_t>(rows.size());
  if (count < recipe_.trades.min_manual_samples) {
    return fail(ErrorCode::insufficient_data, "Not enough samples for retraining: {}/{}", count,
                recipe_.trades.min_manual_samples);
  }
  const auto judged = std::clamp<std::int64_t>(
      std::llround(recipe_.trades.holdout_share * static_cast<double>(count)), 1, count - 1);
  Windows windows;
  windows.now = now;
  windows.rows_from = kBeginning;
  windows.judged_from = rows.known_at[static_cast<std::size_t>(count - judged - 1)];
  // A label is known at the close of its trade, so h is no length here: the rows of a fit have closed.
  windows.fit_cut = windows.judged_from;
  windows.refit_cut = now;
  const auto fitted = std::count_if(rows.label_known_at.begin(), rows.label_known_at.end(),
                                    [&](TimeMs closed_at) { return closed_at <= windows.fit_cut; });
  if (fitted == 0) {
    return fail(ErrorCode::insufficient_data,
                "none of {} trades had closed before the newest {} were opened, which are to judge", count,
                judged);
  }
  return windows;
}

Status TradeLine::fill(training::Job& job, const Windows&, const std::vector<std::string>& features) {
  job.features = features;
  job.label_kind = recipe_.label.kind;
  job.label_settings = recipe_.label.settings.to_json();
  job.rows = table(job.cut);
  return {};
}

Result<Evidence> TradeLine::contest(const Windows& windows, const VersionBundle& challenger,
                                    const models::Model& model) {
  const serving::LiveModel::Handle champion = live();
  const datasets::TradeTable trades = table(windows.now);
  return contest::hold_trade_contest(
      {.line = id(),
       .name = name(),
       .champion = {champion->bundle.number, champion->judged.get(), champion->bundle.judged.data_cut},
       .challenger = {challenger.number, &model, challenger.judged.data_cut},
       .trades = &trades,
       .judged_from = windows.judged_from,
       .as_of = windows.now,
       .signal = recipe_.signal,
       .first_model = champion->bundle.number.value == 0});
}

Status TradeLine::serve(serving::LiveModel::Handle version) {
  const auto identity = features();
  if (!identity) return propagate(identity);
  if (version->bundle.features_hash != identity->hash) {
    return fail(ErrorCode::corrupt,
                "{} {}: it reads other columns than a trade has; it is no filter of trades, train one anew",
                id(), version->bundle.number.text());
  }
  live_.publish(std::move(version));
  return {};
}

std::int64_t TradeLine::new_samples() const {
  if (!last_trained_to) return data_count();
  return collected_at_.end() - std::upper_bound(collected_at_.begin(), collected_at_.end(), *last_trained_to);
}

}  // namespace pawl::loop
