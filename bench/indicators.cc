// Bars into indicators beside TA-Lib; one live bar through many features; and a training matrix of many
// symbols beside the plain writing of as much memory.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

#include "base/clock.h"
#include "base/parallel.h"
#include "base/random.h"
#include "features/engine.h"
#include "features/feature.h"
#include "market/sources/simulated.h"
#include "material.h"
#include "subjects.h"
#include "talib_peer.h"

namespace pawl::bench {

namespace {

constexpr std::size_t kBars = 1'000'000, kBlock = 4096;

// TA-Lib's name, and the specs of ours, one for each of its lines.
struct Indicator {
  std::string name;
  std::vector<std::string> specs;
};

std::vector<Indicator> indicators_known() {
  return {{"SMA(50)", {"sma(50)"}},
          {"SMA(200)", {"sma(200)"}},
          {"EMA(12)", {"ema(12)"}},
          {"EMA(26)", {"ema(26)"}},
          {"RSI(14)", {"rsi(14)"}},
          {"MACD(12,26,9)", {"macd(12,26,9)", "macd_signal(12,26,9)", "macd_hist(12,26,9)"}},
          {"ADX(14)", {"adx(14)"}},
          {"ATR(14)", {"atr(14)"}},
          {"STOCH(14,3,3)", {"stoch_k(14,3)", "stoch_d(14,3,3)"}},
          {"OBV", {"obv"}},
          {"WILLR(14)", {"willr(14)"}},
          {"CCI(14)", {"cci(14)"}},
          {"SAR(0.02,0.2)", {"sar(0.02,0.2)"}},
          {"BBANDS(20,2)", {"bb_upper(20,2)", "sma(20)", "bb_lower(20,2)"}}};
}

Result<features::FeatureList> list_of(const std::vector<std::string>& specs) {
  return features::FeatureList::parse(specs, kM1, MarketCalendar::utc_always());
}

std::vector<std::string> specs_of(std::span<const Indicator> indicators) {
  std::vector<std::string> specs;
  for (const Indicator& one : indicators) specs.insert(specs.end(), one.specs.begin(), one.specs.end());
  return specs;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Rows of a whole series, in blocks.
void update_rows(const features::FeatureList& list, const BarSeries& bars, std::span<double> rows,
                 std::span<std::uint8_t> ready,
                 features::simd::Width registers = features::simd::Width::widest) {
  features::Engine engine(list, registers);
  const std::size_t width = list.size();
  for (std::size_t at = 0; at < bars.size(); at += kBlock) {
    const std::size_t count = std::min(kBlock, bars.size() - at);
    engine.update(bars.block(at, count), rows.subspan(at * width, count * width), ready.subspan(at, count));
  }
}

// Some indicators over one series by both, each with its memory touched before.
class Duel {
 public:
  static Result<Duel> make(std::span<const Indicator> indicators, const BarSeries& bars) {
    auto list = list_of(specs_of(indicators));
    if (!list) return propagate(list);
    return Duel(indicators, bars, std::move(*list));
  }

  Result<double> ours(features::simd::Width registers = features::simd::Width::widest) {
    return cpu_seconds_of([&]() -> Status {
      update_rows(list_, *bars_, rows_, ready_, registers);
      return {};
    });
  }
  Result<double> theirs() {
    return cpu_seconds_of([&]() -> Status {
      std::size_t column = 0;
      for (const Indicator& one : indicators_) {
        std::vector<double*> lines;
        for (std::size_t i = 0; i < one.specs.size(); ++i) lines.push_back(columns_[column + i].data());
        const auto begin = run_talib(one.name, bars_->all(), lines);
        if (!begin) return within(one.name, begin.error());
        for (std::size_t i = 0; i < lines.size(); ++i) begins_[column++] = *begin;
      }
      return {};
    });
  }
  // After both have run: a speed that came of other values would be none. The tests hold them closer.
  Status agree() const {
    const std::size_t width = list_.size();
    for (std::size_t column = 0; column < width; ++column) {
      for (std::size_t bar = begins_[column]; bar < bars_->size(); ++bar) {
        const double a = rows_[bar * width + column], b = columns_[column][bar - begins_[column]];
        if (!(std::fabs(a - b) <= 1e-6 * std::max(std::fabs(b), 1.0))) {
          return fail(ErrorCode::internal, "{} of bar {} is {}, and TA-Lib says {}", list_.specs()[column],
                      bar, a, b);
        }
      }
    }
    return {};
  }
  std::size_t outputs() const { return list_.size(); }

 private:
  Duel(std::span<const Indicator> indicators, const BarSeries& bars, features::FeatureList list)
      : indicators_(indicators.begin(), indicators.end()),
        bars_(&bars),
        list_(std::move(list)),
        rows_(bars.size() * list_.size()),
        ready_(bars.size()),
        columns_(list_.size(), std::vector<double>(bars.size())),
        begins_(list_.size()) {}

  std::vector<Indicator> indicators_;
  const BarSeries* bars_;
  features::FeatureList list_;
  std::vector<double> rows_;
  std::vector<std::uint8_t> ready_;
  std::vector<std::vector<double>> columns_;
  std::vector<std::size_t> begins_;
};

// Where the time goes: each indicator alone, on stderr.
Status tell_each_alone(const Bench& bench, std::span<const Indicator> indicators, const BarSeries& bars) {
  const double ns_a_bar = 1e9 / static_cast<double>(bars.size());
  std::string table = fmt::format("{:<16} {:>7} {:>12} {:>14} {:>7}\n", "alone", "outputs", "ours ns/bar",
                                  "TA-Lib ns/bar", "ratio");
  for (const Indicator& one : indicators) {
    auto duel = Duel::make({&one, 1}, bars);
    if (!duel) return propagate(duel);
    std::vector<double> ours, theirs;
    for (int round = 0; round <= bench.options().rounds(); ++round) {
      const auto a = duel->ours(), b = duel->theirs();
      if (!a) return propagate(a);
      if (!b) return propagate(b);
      if (round == 0) continue;  // cold
      ours.push_back(*a * ns_a_bar);
      theirs.push_back(*b * ns_a_bar);
    }
    const double a = median_of(ours), b = median_of(theirs);
    table +=
        fmt::format("{:<16} {:>7} {:>12.2f} {:>14.2f} {:>7.2f}\n", one.name, duel->outputs(), a, b, a / b);
  }
  std::fputs(table.c_str(), stderr);
  return {};
}

Status beside_talib(Bench& bench, const std::vector<Indicator>& indicators) {
  if (!talib_is_here()) {
    bench.skip("indicators beside TA-Lib", "its C code is not in build/third-party; run tools/fetch-talib");
    return {};
  }
  const BarSeries bars = simulated_bars(kM1, kBars);
  auto duel = Duel::make(indicators, bars);
  if (!duel) return propagate(duel);
  using features::simd::Width;
  const Width narrow = features::simd::has(Width::sse2) ? Width::sse2 : Width::plain;
  const std::vector<Contestant> contestants = {{"ours", [&] { return duel->ours(); }},
                                               {"ours, narrow", [&] { return duel->ours(narrow); }},
                                               {"TA-Lib", [&] { return duel->theirs(); }}};
  auto rounds = bench.take_turns("indicators", contestants);
  if (!rounds) return propagate(rounds);
  if (Status same = duel->agree(); !same) return same;
  const double ns_a_bar = 1e9 / static_cast<double>(bars.size());
  const std::string what = fmt::format("{} indicator outputs over {} M1 bars", duel->outputs(),
                                       short_number(static_cast<double>(bars.size())));
  const std::string beside =
      " in blocks of 4,096 into rows over TA-Lib's C code, function by function into columns";
  const std::string registers = features::simd::kernels(Width::widest).name;
  bench.add("features_over_talib_ratio", "ratio", fmt::format("{}, ours ({}){}", what, registers, beside),
            ratio((*rounds)[0], (*rounds)[2]));
  bench.add("features_over_talib_narrow_ratio", "ratio",
            fmt::format("{}, ours ({}){}", what, features::simd::kernels(narrow).name, beside),
            ratio((*rounds)[1], (*rounds)[2]));
  bench.add("features_indicators_ns_per_bar", "ns/bar", what + ", one thread",
            scaled((*rounds)[0], ns_a_bar));
  bench.add("features_talib_ns_per_bar", "ns/bar", "the same outputs by TA-Lib, one thread",
            scaled((*rounds)[2], ns_a_bar));
  return tell_each_alone(bench, indicators, bars);
}

// Bars of the recipe's timeframe with everything that it joins to them, made up.
BarSeries bars_with_outside(const recipe::Recipe& recipe, std::size_t count) {
  const BarSeries plain = simulated_bars(recipe.base, count);
  BarSeries bars(recipe.outside_names().size());
  Random random(11);
  std::vector<double> outside(recipe.outside_names().size(), 100);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    for (double& value : outside) value *= 1 + 0.01 * random.normal();
    bars.append(plain[i], outside);
  }
  return bars;
}

// What a bar that has just closed costs until its row is there, each bar timed by itself.
Status one_live_bar(Bench& bench) {
  const Path file = Path(PAWL_SOURCE_DIR) / "config" / "stocks-daily.yaml";
  auto recipe = recipe::load_recipe_file(file.string(), {.set = {}, .environment = {}});
  if (!recipe) return propagate(recipe);
  // And the other indicators of the system that it replaces (docs/features.md).
  std::vector<std::string> specs = recipe->features;
  specs.insert(specs.end(), {"atr(14)/close", "adx(14)", "stoch_k(14,3)", "stoch_d(14,3,3)", "obv_slope(20)",
                             "close/rolling_vwap(20)-1", "willr(14)", "cci(20)", "(close-sar)/close",
                             "close/ichimoku_kijun-1", "ichimoku_tenkan/ichimoku_kijun-1", "keltner_place"});
  const auto list =
      features::FeatureList::parse(specs, recipe->base, recipe->calendar, recipe->outside_names());
  if (!list) return propagate(list);
  constexpr std::size_t kBefore = 1'000, kTimed = 10'000;
  const BarSeries bars = bars_with_outside(*recipe, kBefore + kTimed);
  std::vector<double> row(list->size());
  std::uint8_t ready = 0;
  std::vector<double> medians_us;
  for (int round = 0; round < bench.options().rounds(); ++round) {
    features::Engine engine(*list);
    std::vector<double> seconds;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      const double from = monotonic_seconds();
      engine.update(bars.block(i, 1), row, {&ready, 1});
      if (i >= kBefore) seconds.push_back(monotonic_seconds() - from);
    }
    medians_us.push_back(1e6 * median_of(seconds));
  }
  bench.add("features_one_bar_us", "us",
            fmt::format("one live bar through {} features, those of recipe stocks-daily and twelve more, p50 "
                        "of {} bars, wall time",
                        list->size(), short_number(kTimed)),
            medians_us);
  return {};
}

std::vector<BarSeries> year_of_minutes(std::size_t symbols, std::size_t bars) {
  std::vector<BarSeries> all(symbols);
  const int threads = static_cast<int>(std::thread::hardware_concurrency());
  run_parallel(symbols, threads, [&](std::size_t i) {
    all[i] =
        market::simulate(
            {.timeframe = kM1, .bars = static_cast<std::int64_t>(bars), .volatility_bp = 5, .seed = i + 1}, 1)
            .bars;
  });
  return all;
}

// Every symbol's rows straight into its part of one matrix, symbols in parallel.
Status training_matrix(Bench& bench, const std::vector<std::string>& specs) {
  const auto list = list_of(specs);
  if (!list) return propagate(list);
  const std::size_t symbols = bench.options().quick ? 10 : 50, bars = 372'000, width = list->size();
  const std::vector<BarSeries> markets = year_of_minutes(symbols, bars);
  std::vector<double> matrix(symbols * bars * width);
  std::vector<std::uint8_t> ready(symbols * bars);
  const int threads = static_cast<int>(std::thread::hardware_concurrency());
  const auto in_parts = [&](const std::function<void(std::size_t, std::span<double>)>& part) {
    return wall_seconds_of([&]() -> Status {
      run_parallel(symbols, threads, [&](std::size_t i) {
        part(i, std::span(matrix).subspan(i * bars * width, bars * width));
      });
      return {};
    });
  };
  const std::vector<Contestant> contestants = {
      {"matrix",
       [&] {
         return in_parts([&](std::size_t i, std::span<double> rows) {
           update_rows(*list, markets[i], rows, std::span(ready).subspan(i * bars, bars));
         });
       }},
      {"write", [&] {
         return in_parts([](std::size_t i, std::span<double> rows) {
           std::fill(rows.begin(), rows.end(), static_cast<double>(i));
         });
       }}};
  auto rounds = bench.take_turns("matrix", contestants);
  if (!rounds) return propagate(rounds);
  const double gigabytes = static_cast<double>(matrix.size() * sizeof(double)) / 1e9;
  const std::string what = fmt::format("a year of M1 bars ({}) of {} symbols into one matrix of {} features",
                                       short_number(372'000), symbols, width);
  bench.add("matrix_gb_per_s", "GB/s", fmt::format("{}, {} threads, wall time", what, threads),
            rate((*rounds)[0], gigabytes));
  bench.add("matrix_write_gb_per_s", "GB/s",
            "floor: writing one number all over the same matrix, as many threads",
            rate((*rounds)[1], gigabytes));
  bench.add("matrix_share_of_bandwidth", "ratio", "the matrix's GB/s over those of the plain writing",
            ratio((*rounds)[1], (*rounds)[0]));
  return {};
}

}  // namespace

Status bench_indicators(Bench& bench) {
  const std::vector<Indicator> indicators = indicators_known();
  if (Status done = beside_talib(bench, indicators); !done) return done;
  if (Status done = one_live_bar(bench); !done) return done;
  return training_matrix(bench, specs_of(indicators));
}

}  // namespace pawl::bench
