#include "market/sources/simulated.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

#include "base/random.h"

namespace pawl::market {

namespace {

constexpr double kPersistence = 0.9;  // of the pressure, from one bar to the next
constexpr double kPlaceNoise = 0.35;  // of the place of the close; three of it would hide the pressure
constexpr double kBasisPoint = 1e-4;

// One stream of randomness per part, so that a setting of one part leaves the others as they are.
enum Stream : std::uint64_t { kHidden = 1, kNoise, kRange, kFlips, kRegimes, kVolume };

// The flips before bar `end`.
std::vector<std::size_t> flip_bars(const SimulatedSettings& settings, std::int64_t end) {
  std::vector<std::size_t> flips;
  if (settings.flip_every_bars <= 0) return flips;
  Random random(derive_seed(settings.seed, kFlips));
  const std::int64_t jitter = settings.flip_jitter_bars;
  std::int64_t planned = settings.first_flip_bar > 0 ? settings.first_flip_bar : settings.flip_every_bars;
  while (planned - jitter < end) {
    const std::int64_t moved =
        planned - jitter +
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * jitter + 1)));
    if (moved < end) flips.push_back(static_cast<std::size_t>(std::max<std::int64_t>(moved, 0)));
    planned += settings.flip_every_bars;
  }
  return flips;
}

// What the pressure counts at each bar: 1 or −1 where it only flips, a cosine between them where it turns.
std::vector<double> strengths(const std::vector<std::size_t>& flips, std::int64_t turn, std::size_t count) {
  std::vector<double> sign(count);
  signed char now = 1;
  std::size_t next = 0;
  for (std::size_t t = 0; t < count; ++t) {
    for (; next < flips.size() && flips[next] == t; ++next) now = static_cast<signed char>(-now);
    sign[t] = now;
    if (turn > 0)
      sign[t] *= std::cos(2 * std::numbers::pi * static_cast<double>(t) / static_cast<double>(turn));
  }
  return sign;
}

// σ of each bar's return: calm and wild regimes by turns, each of half to one and a half the mean length.
std::vector<double> sigmas(const SimulatedSettings& settings, std::size_t count) {
  const double calm = settings.volatility_bp * kBasisPoint;
  std::vector<double> sigma(count, calm);
  if (settings.volatility_regime_bars <= 0) return sigma;
  Random random(derive_seed(settings.seed, kRegimes));
  const auto mean = static_cast<double>(settings.volatility_regime_bars);
  bool wild = false;
  for (std::size_t t = 0; t < count; wild = !wild) {
    const auto length = static_cast<std::size_t>(std::max(1.0, mean * (0.5 + random.uniform())));
    for (std::size_t i = 0; i < length && t < count; ++i, ++t) {
      sigma[t] = wild ? calm * settings.volatility_wild_ratio : calm;
    }
  }
  return sigma;
}

// Opening times one after the other on the calendar's grid, without the hours in which nothing trades.
class Clock {
 public:
  explicit Clock(const SimulatedSettings& settings)
      : cursor_(settings.calendar), timeframe_(settings.timeframe), next_(settings.start) {
    const TimeSpan first = cursor_.bucket(timeframe_, next_);
    if (first.from < next_) next_ = first.to;
  }
  TimeSpan take() {
    TimeSpan span = cursor_.bucket(timeframe_, next_);
    while (!cursor_.calendar().trades_within(span.from, span.to)) span = cursor_.bucket(timeframe_, span.to);
    next_ = span.to;
    return span;
  }

 private:
  CalendarCursor cursor_;
  Timeframe timeframe_;
  TimeMs next_;
};

double normal_share(double u) {
  return 0.5 * std::erfc(-u / std::sqrt(2.0));
}

struct Reach {
  double below = 0, above = 0;  // log distance from the close down to the low and up to the high
};

// A range that holds open and close and has the close at `place` of it. Where that would take a range far out
// of proportion, the place gives way.
Reach reach_of(double log_return, double place, double range_wanted, double range_max) {
  const double below_min = std::max(log_return, 0.0), above_min = std::max(-log_return, 0.0);
  range_max = std::max(range_max, 1.25 * std::abs(log_return));
  const double range =
      std::min(std::max({range_wanted, below_min / place, above_min / (1 - place)}), range_max);
  const double below = std::clamp(place * range, below_min, range - above_min);
  return {.below = below, .above = range - below};
}

}  // namespace

Simulated simulate(const SimulatedSettings& settings, std::size_t horizon_bars) {
  assert(settings.bars >= 0 &&
         2 * settings.flip_jitter_bars < std::max<std::int64_t>(settings.flip_every_bars, 1));
  const auto bars = static_cast<std::size_t>(settings.bars);
  const std::size_t end = bars + horizon_bars + 1;  // the truth of the last bars looks beyond them
  const std::vector<std::size_t> flips = flip_bars(settings, static_cast<std::int64_t>(end));
  const std::vector<double> sign = strengths(flips, settings.turn_every_bars, end);
  const std::vector<double> sigma = sigmas(settings, end);
  const double drift = settings.drift_bp * kBasisPoint;

  Random hidden(derive_seed(settings.seed, kHidden)), noise(derive_seed(settings.seed, kNoise)),
      range(derive_seed(settings.seed, kRange)), volume(derive_seed(settings.seed, kVolume));
  Clock clock(settings);
  Simulated result;
  result.bars.reserve(bars);
  result.truth.expected_side.reserve(bars);
  result.truth.expected_return.reserve(bars);
  for (const std::size_t flip : flips) {
    if (flip < bars) result.truth.flips.push_back(flip);
  }

  double log_price = std::log(settings.start_price), open = settings.start_price, pressure = 0;
  for (std::size_t t = 0; t < bars; ++t) {
    const double predictable = t == 0 ? 0 : sign[t - 1] * settings.edge * sigma[t] * pressure;
    const double log_return = predictable + sigma[t] * noise.normal() + drift;
    result.truth.expected_return.push_back(std::expm1(predictable + drift + 0.5 * sigma[t] * sigma[t]));
    // A fresh pressure is the old one half of the time.
    const double draw = hidden.uniform();
    if (t == 0) {
      pressure = draw < 0.5 ? 1 : -1;
    } else if (draw < (1 - kPersistence) / 2) {
      pressure = -pressure;
    }

    log_price += log_return;
    const double close = std::exp(log_price);
    const double place = std::clamp(normal_share(pressure + kPlaceNoise * hidden.normal()), 0.01, 0.99);
    const Reach reach =
        reach_of(log_return, place, sigma[t] * (1.2 + 0.5 * std::abs(range.normal())), 6 * sigma[t]);
    if (settings.gap_every_bars > 0 && t > 0 && t % static_cast<std::size_t>(settings.gap_every_bars) == 0) {
      clock.take();
    }
    const TimeSpan span = clock.take();
    const double busy = (reach.below + reach.above) / (settings.volatility_bp * kBasisPoint);
    // exp and log round, so the open may lie outside by a bit in the last place.
    result.bars.append({.open_time = span.from,
                        .close_time = span.to,
                        .open = open,
                        .high = std::max({open, close, close * std::exp(reach.above)}),
                        .low = std::min({open, close, close * std::exp(-reach.below)}),
                        .close = close,
                        .volume = 100 * (0.5 + busy) * std::exp(0.3 * volume.normal())});
    open = close;

    double expected = static_cast<double>(horizon_bars) * drift, carried = pressure;
    for (std::size_t j = 0; j < horizon_bars; ++j, carried *= kPersistence) {
      expected += sign[t + j] * settings.edge * sigma[t + j + 1] * carried;
    }
    result.truth.expected_side.push_back(expected > 0 ? 1 : expected < 0 ? -1 : 0);
  }
  return result;
}

namespace {

class SimulatedSource final : public DataSource {
 public:
  explicit SimulatedSource(SimulatedSettings settings) : settings_(std::move(settings)) {}

  Result<Delivery> fetch(const Request& request, const ProgressSink& progress) override {
    Delivery delivery;
    delivery.bars = simulate(settings_for(settings_, request), 1).bars;
    for (std::size_t i = 0; i < delivery.bars.size(); ++i) {
      if (find_fault(delivery.bars[i]).any()) {
        return fail(
            ErrorCode::bad_config,
            "source: the simulated price of {} left the range of numbers at bar {}; lower volatility_bp, "
            "drift_bp or bars",
            request.symbol.given(), i);
      }
    }
    delivery.gaps = find_gaps(delivery.bars, request.calendar);
    delivery.notes.push_back(fmt::format("{} is simulated, not a market", request.symbol.given()));
    const auto count = static_cast<std::uint64_t>(delivery.bars.size());
    if (progress) progress({.done = count, .total = count, .note = "simulated"});
    return delivery;
  }

 private:
  SimulatedSettings settings_;
};

Result<std::unique_ptr<DataSource>> make_simulated(const Settings& settings) {
  Result<SimulatedSettings> read = read_simulated_settings(settings);
  if (!read) return propagate(read);
  return std::make_unique<SimulatedSource>(*std::move(read));
}

}  // namespace

SimulatedSettings settings_for(const SimulatedSettings& settings, const Request& request) {
  SimulatedSettings own = settings;
  own.timeframe = request.timeframe;
  own.calendar = request.calendar;
  std::uint64_t name = 0;
  for (const char c : request.symbol.canonical()) name = derive_seed(name, static_cast<unsigned char>(c));
  own.seed = derive_seed(settings.seed, name);
  return own;
}

Result<SimulatedSettings> read_simulated_settings(const Settings& settings) {
  SimulatedSettings read;
  const Result<TimeMs> start = parse_time(settings.text("start"));
  if (!start) return fail(ErrorCode::bad_config, "source.start: {}", start.error().message);
  read.start = *start;
  read.bars = settings.integer("bars");
  read.start_price = settings.number("start_price");
  read.volatility_bp = settings.number("volatility_bp");
  read.volatility_regime_bars = settings.integer("volatility_regime_bars");
  read.volatility_wild_ratio = settings.number("volatility_wild_ratio");
  read.drift_bp = settings.number("drift_bp");
  read.edge = settings.number("edge");
  read.flip_every_bars = settings.integer("flip_every_bars");
  read.first_flip_bar = settings.integer("first_flip_bar");
  read.flip_jitter_bars = settings.integer("flip_jitter_bars");
  read.turn_every_bars = settings.integer("turn_every_bars");
  read.gap_every_bars = settings.integer("gap_every_bars");
  read.seed = static_cast<std::uint64_t>(settings.integer("seed"));
  if (read.flip_jitter_bars > 0 && 2 * read.flip_jitter_bars >= read.flip_every_bars) {
    return fail(
        ErrorCode::bad_config,
        "source.flip_jitter_bars: {} must be less than half of flip_every_bars ({}), so that flips stay in "
        "order",
        read.flip_jitter_bars, read.flip_every_bars);
  }
  return read;
}

DataSourceKind simulated_kind() {
  const SimulatedSettings defaults;
  Schema schema;
  schema.integer("bars", defaults.bars, "how many bars there are").range(1, 10'000'000);
  schema.text("start", format_time(defaults.start), "the first bar opens at or after this time");
  schema.number("start_price", defaults.start_price, "price at which the first bar opens").range(1e-6, 1e9);
  schema.number("volatility_bp", defaults.volatility_bp, "standard deviation of a calm bar's return")
      .range(0.01, 1000);
  schema
      .integer("volatility_regime_bars", defaults.volatility_regime_bars,
               "mean length of calm and wild regimes; 0: always calm")
      .range(0, 1'000'000);
  schema
      .number("volatility_wild_ratio", defaults.volatility_wild_ratio,
              "volatility of a wild regime over that of a calm one")
      .range(1, 10);
  schema.number("drift_bp", defaults.drift_bp, "mean return of a bar").range(-100, 100);
  schema.number("edge", defaults.edge, "strength of the predictable part of a return, in its volatility")
      .range(0, 3);
  schema
      .integer("flip_every_bars", defaults.flip_every_bars,
               "the predictable part changes its sign every so many bars; 0: never")
      .range(0, 10'000'000);
  schema.integer("first_flip_bar", defaults.first_flip_bar, "the first change; 0: at flip_every_bars")
      .range(0, 10'000'000);
  schema.integer("flip_jitter_bars", defaults.flip_jitter_bars, "each change is moved by at most this")
      .range(0, 1'000'000);
  schema
      .integer("turn_every_bars", defaults.turn_every_bars,
               "the predictable part turns over slowly, a full turn in so many bars; 0: it does not turn")
      .range(0, 10'000'000);
  schema.integer("gap_every_bars", defaults.gap_every_bars, "a bar is missing after so many; 0: none")
      .range(0, 10'000'000);
  schema.integer("seed", static_cast<std::int64_t>(defaults.seed), "same seed, same bars").range(0, 9e15);
  return {.name = "simulated",
          .help = "A made-up exchange with a known truth, deterministic by seed.",
          .schema = std::move(schema),
          .make = make_simulated};
}

}  // namespace pawl::market
