// Bars for the tests of features, and the shortest way from specs and bars to rows.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/gzip.h"
#include "base/random.h"
#include "domain/feature_frame.h"
#include "features/engine.h"
#include "features/expr.h"
#include "support/test_files.h"

namespace pawl::features {

inline constexpr TimeMs kMonday = 1704067200000;  // 2024-01-01T00:00:00Z, a Monday

inline Bar bar_at(TimeMs open_time, Timeframe timeframe, double open, double high, double low, double close,
                  double volume) {
  return {.open_time = open_time,
          .close_time = open_time + timeframe.duration_ms(),
          .open = open,
          .high = high,
          .low = low,
          .close = close,
          .volume = volume};
}

// The 200 bars that the golden values are of.
inline BarSeries golden_bars() {
  std::uint64_t state = 42;
  const auto next = [&state] {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return static_cast<double>(state) / 2147483648.0;
  };
  const auto round5 = [](double x) { return std::floor(x * 1e5 + 0.5) / 1e5; };
  BarSeries bars;
  double close = 1.1;
  for (int i = 0; i < 200; ++i) {
    const double open = close;
    close = round5(close + (next() - 0.5) * 0.004);
    const double high = round5(std::max(open, close) + next() * 0.001);
    const double low = round5(std::min(open, close) - next() * 0.001);
    const double volume = std::floor(100 + next() * 900);
    bars.append(bar_at(kMonday + i * kHourMs, kH1, open, high, low, close, volume));
  }
  return bars;
}

// A walk with everything that makes indicators stumble: flat bars, equal closes, jumps, bars without volume.
inline BarSeries random_bars(std::uint64_t seed, std::size_t count, Timeframe timeframe = kH1,
                             TimeMs start = kMonday, double price = 100) {
  Random random(seed);
  BarSeries bars;
  for (std::size_t i = 0; i < count; ++i) {
    const TimeMs open_time = start + static_cast<TimeMs>(i) * timeframe.duration_ms();
    const std::uint64_t what = random.below(20);
    if (what == 0) {
      bars.append(bar_at(open_time, timeframe, price, price, price, price, 0));
      continue;
    }
    const double open = what == 1 ? price * (0.9 + 0.2 * random.uniform()) : price;
    const double close = what == 2 ? open : open * (1 + 0.01 * random.normal());
    const double high = std::max(open, close) * (1 + 0.004 * random.uniform());
    const double low = std::min(open, close) * (1 - 0.004 * random.uniform());
    bars.append(bar_at(open_time, timeframe, open, high, low, close, std::floor(1000 * random.uniform())));
    price = std::clamp(close, 1.0, 1e6);
  }
  return bars;
}

// A .csv.gz of shared data with the header time,open,high,low,close,volume; nothing where it is missing.
inline std::optional<BarSeries> shared_bars(const std::string& name, Timeframe timeframe, std::size_t most) {
  const auto folder = test::shared_data();
  if (!folder) return std::nullopt;
  const auto text = gunzip(test::read_file(*folder / name));
  if (!text) return std::nullopt;
  BarSeries bars;
  std::size_t line_start = text->find('\n') + 1;
  while (line_start < text->size() && bars.size() < most) {
    const std::size_t line_end = std::min(text->find('\n', line_start), text->size());
    const std::string line = text->substr(line_start, line_end - line_start);
    line_start = line_end + 1;
    const std::size_t comma = line.find(',');
    const auto time = parse_time(line.substr(0, comma));
    double values[5] = {};
    const char* at = line.data() + comma + 1;
    for (double& value : values) at = std::from_chars(at, line.data() + line.size(), value).ptr + 1;
    EXPECT_TRUE(time.has_value()) << line;
    if (!time) return std::nullopt;
    bars.append(bar_at(*time, timeframe, values[0], values[1], values[2], values[3], values[4]));
  }
  return bars;
}

inline FeatureList parse_list(const std::vector<std::string>& specs, Timeframe base = kH1,
                              const MarketCalendar& calendar = MarketCalendar::utc_always()) {
  auto list = FeatureList::parse(specs, base, calendar);
  EXPECT_TRUE(list.has_value()) << (list ? "" : list.error().message);
  return *list;
}

// Goes on with bars [first, last) in blocks of the given sizes, again and again.
inline void advance(Engine& engine, const BarSeries& bars, std::size_t first, std::size_t last,
                    std::span<const std::size_t> blocks, FeatureFrame& frame) {
  const std::size_t width = engine.list().size();
  frame.names = engine.list().specs();
  for (std::size_t turn = 0; first < last; ++turn) {
    const std::size_t count = std::min(blocks[turn % blocks.size()], last - first);
    const std::size_t row = frame.rows();
    frame.values.resize((row + count) * width);
    frame.ready.resize(row + count);
    for (std::size_t i = 0; i < count; ++i) frame.known_at.push_back(bars.close_time(first + i));
    engine.update(bars.block(first, count), std::span(frame.values).subspan(row * width),
                  std::span(frame.ready).subspan(row));
    first += count;
  }
}

inline FeatureFrame rows_of(const FeatureList& list, const BarSeries& bars,
                            const std::vector<std::size_t>& blocks = {100000},
                            simd::Width width = simd::Width::widest) {
  Engine engine(list, width);
  FeatureFrame frame;
  frame.names = list.specs();
  advance(engine, bars, 0, bars.size(), blocks, frame);
  return frame;
}

inline std::vector<double> column_of(const FeatureFrame& frame, std::size_t column) {
  std::vector<double> values;
  for (std::size_t i = 0; i < frame.rows(); ++i) values.push_back(frame.row(i)[column]);
  return values;
}

// One feature's values.
inline std::vector<double> values_of(const std::string& spec, const BarSeries& bars) {
  return column_of(rows_of(parse_list({spec}), bars), 0);
}

inline std::size_t first_value(const std::vector<double>& values) {
  return static_cast<std::size_t>(
      std::find_if(values.begin(), values.end(), [](double x) { return !std::isnan(x); }) - values.begin());
}

// The first difference between two frames in words, or empty where they are the same bit for bit.
inline std::string bit_difference(const FeatureFrame& a, const FeatureFrame& b) {
  if (a.rows() != b.rows()) return fmt::format("{} rows and {}", a.rows(), b.rows());
  for (std::size_t i = 0; i < a.rows(); ++i) {
    if (a.ready[i] != b.ready[i]) return fmt::format("row {}: ready {} and {}", i, a.ready[i], b.ready[i]);
    for (std::size_t j = 0; j < a.columns(); ++j) {
      const double x = a.row(i)[j], y = b.row(i)[j];
      if (std::bit_cast<std::uint64_t>(x) != std::bit_cast<std::uint64_t>(y)) {
        return fmt::format("row {}, {}: {} and {}", i, a.names[j], x, y);
      }
    }
  }
  return "";
}

// The kinds that a feature is written with.
inline void add_kinds(const Expr& expr, std::set<std::string>& kinds) {
  if (expr.kind != nullptr) kinds.insert(expr.kind->name);
  for (const Expr& operand : expr.operands) add_kinds(operand, kinds);
}

// A kind on columns of the bars, with its defaults.
inline std::string with_defaults(const FeatureKind& kind) {
  static constexpr std::array<const char*, 4> kInputs = {"", "(close)", "(close,low)", "(close,low,high)"};
  return kind.name + kInputs[static_cast<std::size_t>(kind.inputs)];
}

// Features of every kind, some composed, some on higher timeframes: a kind that is not written here comes
// with its defaults.
inline std::vector<std::string> varied_specs() {
  std::vector<std::string> specs;
  for (const char* spec : {"sma(20)",
                           "ema(12)",
                           "wma(9)",
                           "rsi(14)",
                           "macd",
                           "macd_signal",
                           "macd_hist",
                           "atr(14)/close",
                           "plus_di(14)",
                           "minus_di(14)",
                           "adx(14)",
                           "bb_upper(20,2)/close",
                           "bb_lower(20,2)/close",
                           "bb_pctb(20,2)",
                           "bb_width(20,2)",
                           "stoch_k(14,3)",
                           "stoch_d(14,3,3)",
                           "willr(14)",
                           "cci(20)",
                           "roc(12)",
                           "ret(5)",
                           "logret(1)",
                           "std(ret(1),20)",
                           "zscore(volume,96)",
                           "obv",
                           "obv_slope(10)",
                           "mfi(14)",
                           "donchian(20)",
                           "(close-min(low,10))/(max(high,10)-min(low,10))",
                           "lag(ret(1),3)",
                           "abs(ret(1))",
                           "log(close)",
                           "sign(ret(1))",
                           "clip(zscore(close,20),-2,2)",
                           "realised_vol(24)",
                           "clv",
                           "body",
                           "hour_sin",
                           "hour_cos",
                           "day_sin",
                           "day_cos",
                           "volume_ratio(20)",
                           "close/session_high",
                           "close/session_low",
                           "prior_day_high",
                           "prior_day_low",
                           "close-prior_day_close",
                           "close/pivot_p",
                           "close/vwap",
                           "level_price",
                           "level_distance",
                           "level_strength",
                           "level_type",
                           "level_source",
                           "sar",
                           "stoch_rsi_k(14,5)",
                           "stoch_rsi_d(14,5,3)",
                           "close/ichimoku_tenkan-1",
                           "close/ichimoku_kijun-1",
                           "close-ichimoku_span_a",
                           "close-ichimoku_span_b",
                           "ichimoku_chikou/atr(14)",
                           "momentum(10)/atr(14)",
                           "parkinson(20)",
                           "garman_klass(20)",
                           "sqrt(volume)",
                           "ratio_or(close-open,high-low,close-close)",
                           "rolling_vwap(20)",
                           "quantile(close,30,0.3)",
                           "median(volume,15)",
                           "rank(volume,50)",
                           "corr(ret(1),volume,40)",
                           "cov(close,high,40)",
                           "beta(ret(1),volume,40)",
                           "residual(close,open,40)",
                           "spread(close,open,40)",
                           "vwap_upper(2)",
                           "vwap_lower(2)",
                           "opening_high(120)",
                           "opening_low(120)",
                           "round_level(close,atr(14))",
                           "swing_high(3,60)",
                           "swing_low(3,60)",
                           "swing_high_age(3,60)",
                           "swing_low_age(3,60)",
                           "swing_highs(3,60)",
                           "swing_lows(3,60)",
                           "swing_structure(3,60)",
                           "bos(3,60)",
                           "choch(3,60)",
                           "corr(ret(1),ret(1)@H4,30)",
                           "quantile(close,10,0.9)@H4",
                           "sar@H4",
                           "bos(2,60)@H4",
                           "ema(12)/ema(26)-1",
                           "(close-ema(50))/atr(14)",
                           "atr(14)@H4/close",
                           "ema(12)@H4",
                           "rsi(14)@D1",
                           "ema(rsi(5)@H4,3)",
                           "close/close@H4-1"}) {
    specs.push_back(spec);
  }
  std::set<std::string> named;
  for (const std::string& spec : specs) {
    const auto expr = parse_expression(spec, kH1);
    EXPECT_TRUE(expr.has_value()) << spec;
    if (expr) add_kinds(*expr, named);
  }
  for (const FeatureKind& kind : feature_kinds()) {
    if (!named.contains(kind.name)) specs.push_back(with_defaults(kind));
  }
  return specs;
}

}  // namespace pawl::features
