#include "serving/windows.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pawl::serving {

namespace {

constexpr std::size_t kPreparedMost = 8;  // lists of features; versions of one recipe mostly share one

// The expressions of MarketView, on the base and on each higher timeframe that the model reads anyway.
std::vector<std::string> view_specs(const std::vector<Timeframe>& timeframes) {
  std::vector<std::string> specs = {"rsi(14)", "roc(12)", "zscore(atr(14),100)"};
  for (const Timeframe timeframe : timeframes) {
    const std::string at =
        timeframe == timeframes.front() ? std::string() : fmt::format("@{}", timeframe.name());
    specs.push_back(fmt::format("close{0}-ema(20){0}", at));
    specs.push_back(fmt::format("ema(20){0}-ema(50){0}", at));
  }
  return specs;
}

}  // namespace

std::string window_field(Timeframe timeframe) {
  std::string name = timeframe.name();
  name.front() = static_cast<char>(name.front() - 'A' + 'a');
  return fmt::format("ohlcv_{}", name);
}

// The model's columns come first; what else is asked of the bars, behind them unless it is one of them.
struct WindowPredictor::Prepared {
  Prepared(features::FeatureList list, std::size_t columns_of_model)
      : engine(std::move(list)), columns(columns_of_model) {
    row.resize(engine.list().size());
    ready.resize(row.size());
  }

  features::WindowEngine engine;
  std::size_t columns;
  std::vector<Timeframe> timeframes;  // computed on, the base first
  std::optional<std::size_t> where;
  std::array<std::size_t, 3> view{};  // columns of rsi, roc, atr_z
  std::vector<std::size_t> stack_columns;
  std::vector<double> row, stacks;
  std::vector<std::uint8_t> ready;
};

WindowPredictor::WindowPredictor(WindowRules rules) : rules_(std::move(rules)) {}
WindowPredictor::~WindowPredictor() = default;
WindowPredictor::WindowPredictor(WindowPredictor&&) noexcept = default;
WindowPredictor& WindowPredictor::operator=(WindowPredictor&&) noexcept = default;

Result<WindowPredictor::Prepared*> WindowPredictor::prepare(const registry::LoadedVersion& version) {
  const VersionBundle& bundle = version.bundle;
  if (const auto known = prepared_.find(bundle.features_hash); known != prepared_.end()) {
    return known->second.get();
  }
  const auto parse = [&](std::span<const std::string> specs) {
    return features::FeatureList::parse(specs, rules_.base, rules_.calendar, rules_.outside_names);
  };
  const std::string name = fmt::format("{} {}", bundle.line, bundle.number.text());
  auto of_model = parse(bundle.features);
  if (!of_model) return within(name, of_model.error());
  if (of_model->hash() != bundle.features_hash) {
    return fail(ErrorCode::conflict,
                "{}: its features were computed on other bars than this recipe's ({} with the day {}), or by "
                "another version of pawl; train a new version",
                name, rules_.base.name(), rules_.calendar.day_anchor());
  }
  std::vector<Timeframe> timeframes;
  for (const auto& [timeframe, bars] : of_model->memory_by_timeframe(1e-6)) timeframes.push_back(timeframe);

  std::vector<std::string> specs = of_model->specs();
  const auto place_of = [&](const std::string& spec) -> Result<std::size_t> {
    auto alone = parse(std::span(&spec, 1));
    if (!alone) return propagate(alone);
    const auto known = std::find(specs.begin(), specs.end(), alone->specs().front());
    const auto place = static_cast<std::size_t>(known - specs.begin());
    if (known == specs.end()) specs.push_back(alone->specs().front());
    return place;
  };
  std::vector<std::size_t> places;
  for (const std::string& spec : view_specs(timeframes)) {
    auto place = place_of(spec);
    if (!place) return propagate(place);
    places.push_back(*place);
  }
  std::optional<std::size_t> where;
  if (!rules_.signal_where.empty()) {
    auto place = place_of(rules_.signal_where);
    if (!place) return within("signal.where", place.error());
    where = *place;
  }
  auto all = parse(specs);
  if (!all) return propagate(all);
  auto prepared = std::make_unique<Prepared>(*std::move(all), bundle.features.size());
  for (const auto& [timeframe, bars] : prepared->engine.list().memory_by_timeframe(1e-6)) {
    prepared->timeframes.push_back(timeframe);
  }
  prepared->where = where;
  std::copy_n(places.begin(), prepared->view.size(), prepared->view.begin());
  prepared->stack_columns.assign(places.begin() + 3, places.end());
  prepared->stacks.resize(prepared->stack_columns.size());
  if (prepared_.size() >= kPreparedMost) prepared_.clear();
  return prepared_.emplace(bundle.features_hash, std::move(prepared)).first->second.get();
}

std::size_t WindowPredictor::least_candles(Timeframe timeframe) const {
  std::int64_t least = rules_.min_candles;
  for (const auto& [posted, bars] : rules_.client_windows) {
    if (posted == timeframe) least = std::min(least, bars);
  }
  return static_cast<std::size_t>(std::max<std::int64_t>(least, 2));  // one closed, one forming
}

Status WindowPredictor::check_lengths(const Prepared& prepared, const PostedWindows& posted) const {
  for (const Timeframe timeframe : prepared.timeframes) {
    const std::size_t received = posted.received(timeframe), least = least_candles(timeframe);
    if (posted.find(timeframe) == nullptr) {
      return fail(ErrorCode::insufficient_data,
                  "{} is missing: the model reads bars of {}, at least {} are needed",
                  window_field(timeframe), timeframe.name(), least);
    }
    if (received < least) {
      return fail(ErrorCode::insufficient_data, "{}: {} candles, at least {} are needed",
                  window_field(timeframe), received, least);
    }
  }
  return {};
}

Result<WindowPrediction> WindowPredictor::predict(const registry::LoadedVersion& version,
                                                  const PostedWindows& posted) {
  auto found = prepare(version);
  if (!found) return propagate(found);
  Prepared& prepared = **found;
  if (Status enough = check_lengths(prepared, posted); !enough) return propagate(enough);
  windows_.clear();
  for (const PostedWindow& window : posted.windows()) {
    windows_.push_back({window.timeframe, window.closed()});
  }
  if (Status done = prepared.engine.last_row(windows_, prepared.row, prepared.ready); !done) {
    return propagate(done);
  }

  const models::Model& model = version.live();
  std::array<double, 3> classes{};
  const std::span<double> probabilities = std::span(classes).first(static_cast<std::size_t>(model.classes()));
  WindowPrediction made;
  made.row = std::span(prepared.row).first(prepared.columns);
  made.columns = std::span(prepared.engine.list().specs()).first(prepared.columns);
  model.predict({made.row, 1, prepared.columns}, probabilities);
  if (std::any_of(probabilities.begin(), probabilities.end(), [](double p) { return !std::isfinite(p); })) {
    return fail(ErrorCode::internal, "{} {} gives no probability for this row", version.bundle.line,
                version.bundle.number.text());
  }
  made.p_sell = probabilities.front();
  made.p_buy = probabilities.back();
  made.p_hold = probabilities.size() == 3 ? probabilities[1] : 0;
  made.columns_ready = static_cast<std::size_t>(std::count(
      prepared.ready.begin(), prepared.ready.begin() + static_cast<std::ptrdiff_t>(prepared.columns), 1));

  const bool allowed = !prepared.where || prepared.row[*prepared.where] > 0;
  const Side signal = allowed ? rules_.signal.side(probabilities) : Side::hold;
  const bool is_filter = rules_.signal.kind == judging::SignalRule::Kind::allow;
  // Of two classes 0 and 1 are down and up, of three 1 is HOLD.
  const int top = judging::predicted_class(probabilities);
  const int middle = probabilities.size() == 3 ? 1 : -1;
  made.raw_side = is_filter ? rules_.signal.side(probabilities)
                            : (top == middle ? Side::hold
                               : top == 0    ? Side::sell
                                             : Side::buy);
  made.confidence = made.raw_side == Side::buy    ? made.p_buy
                    : made.raw_side == Side::sell ? made.p_sell
                    : probabilities.size() == 3   ? made.p_hold
                                                  : std::max(made.p_buy, made.p_sell);
  for (std::size_t i = 0; i < prepared.stacks.size(); ++i) {
    prepared.stacks[i] = prepared.row[prepared.stack_columns[i]];
  }
  made.quality = quality_of(made.raw_side, made.confidence,
                            {.stacks = prepared.stacks,
                             .rsi = prepared.row[prepared.view[0]],
                             .roc = prepared.row[prepared.view[1]],
                             .atr_z = prepared.row[prepared.view[2]]});
  made.should_trade = signal != Side::hold && made.quality.score >= rules_.min_quality;
  made.quality_filtered = !made.should_trade;
  made.position_size = made.should_trade ? position_size_of(made.quality.score) : 0;

  const BarBlock base = posted.find(rules_.base)->closed();
  made.candles_used = base.size();
  Prediction& prediction = made.prediction;
  prediction.line = version.bundle.line;
  prediction.symbol = posted.symbol().canonical();
  prediction.version = version.bundle.number;
  prediction.bar_open_time = base.open_time.back();
  prediction.known_at = base.close_time.back();
  prediction.side = made.should_trade ? signal : Side::hold;
  prediction.p_up = made.p_buy;
  prediction.p_down = made.p_sell;
  prediction.features_digest = row_digest(made.row);
  return made;
}

}  // namespace pawl::serving
