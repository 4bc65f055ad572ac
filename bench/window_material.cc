#include "window_material.h"

#include <algorithm>

#include "base/random.h"
#include "domain/resampler.h"
#include "features/engine.h"
#include "serving/windows.h"

namespace pawl::bench {

namespace {

BarSeries walk(std::size_t count) {
  Random random(7);
  BarSeries bars;
  double price = 1.08;
  for (std::size_t i = 0; i < count; ++i) {
    const TimeMs open_time = 1'704'067'200'000 + static_cast<TimeMs>(i) * kM5.duration_ms();
    const double close = price * (1 + 2e-4 * random.normal());
    bars.append({.open_time = open_time,
                 .close_time = open_time + kM5.duration_ms(),
                 .open = price,
                 .high = std::max(price, close) * (1 + 1e-4 * random.uniform()),
                 .low = std::min(price, close) * (1 - 1e-4 * random.uniform()),
                 .close = close,
                 .volume = 50 + 800 * random.uniform()});
    price = close;
  }
  return bars;
}

}  // namespace

std::vector<std::string> wide_window_specs() {
  std::vector<std::string> specs;
  for (const std::string at : {"", "@H1", "@H4"}) {
    const auto add = [&](std::string_view text) {
      std::string spec;
      for (const char c : text) {
        if (c == '@') {
          spec += at;
        } else {
          spec += c;
        }
      }
      specs.push_back(std::move(spec));
    };
    for (const char* spec : {"rsi(14)@",
                             "rsi(7)@",
                             "macd@",
                             "macd_signal@",
                             "macd_hist@",
                             "atr(14)@",
                             "atr(14)@/close@",
                             "plus_di(14)@",
                             "minus_di(14)@",
                             "adx(14)@",
                             "close@/ema(9)@-1",
                             "close@/ema(21)@-1",
                             "close@/ema(50)@-1",
                             "close@/ema(200)@-1",
                             "bb_upper(20,2)@/close@-1",
                             "bb_lower(20,2)@/close@-1",
                             "bb_width(20,2)@",
                             "bb_pctb(20,2)@",
                             "stoch_k(14,1)@",
                             "stoch_d(14,1,3)@",
                             "willr(14)@",
                             "cci(20)@",
                             "roc(10)@",
                             "mfi(14)@",
                             "obv_slope(10)@",
                             "realised_vol(20)@",
                             "body@"}) {
      add(spec);
    }
    specs.push_back(at.empty() ? "close-lag(close,5)" : "ret(5)" + at);
  }
  return specs;
}

// {"pair":…,"ohlcv_m5":[500],"ohlcv_h1":[300],"ohlcv_h4":[250]}, candles as objects with spaces, as most
// clients write them.
std::string window_body() {
  const BarSeries base = walk(13'000);
  std::string body = R"({"pair": "EUR_USD")";
  for (const auto& [timeframe, count] :
       {std::pair{kM5, 500UZ}, std::pair{kH1, 300UZ}, std::pair{kH4, 250UZ}}) {
    const BarSeries bars = timeframe == kM5 ? base : resample(base, timeframe, MarketCalendar::utc_always());
    body += fmt::format(R"(, "{}": [)", serving::window_field(timeframe));
    for (std::size_t i = bars.size() - count; i < bars.size(); ++i) {
      const Bar bar = bars[i];
      body += fmt::format(
          R"({}{{"time": {}, "open": {:.5f}, "high": {:.5f}, "low": {:.5f}, "close": {:.5f}, "volume": {}}})",
          i + count == bars.size() ? "" : ", ", bar.open_time / 1000, bar.open, bar.high, bar.low, bar.close,
          static_cast<int>(bar.volume));
    }
    body += "]";
  }
  return body + "}";
}

// Trees of the size that the Flask program has, on rows without meaning.
Result<std::shared_ptr<registry::LoadedVersion>> window_version(const std::vector<std::string>& specs,
                                                                int trees, int depth) {
  auto list = features::FeatureList::parse(specs, kM5, MarketCalendar::utc_always());
  if (!list) return propagate(list);
  constexpr std::size_t kRows = 4000;
  Random random(3);
  std::vector<double> values(kRows * specs.size());
  std::vector<int> labels;
  for (double& value : values) value = random.normal();
  for (std::size_t i = 0; i < kRows; ++i) labels.push_back(static_cast<int>(random.below(3)));
  const models::ModelKind* kind = models::find_model_kind("xgboost");
  auto node = parse_yaml(fmt::format("{{trees: {}, depth: {}}}", trees, depth), "bench");
  if (!node) return propagate(node);
  auto settings = Settings::read(kind->schema, *node, "model");
  if (!settings) return propagate(settings);
  auto trained = kind->train(*settings, {.rows = {values, kRows, specs.size()},
                                         .labels = labels,
                                         .classes = 3,
                                         .columns = list->specs(),
                                         .seed = 1});
  if (!trained) return propagate(trained);
  auto model = kind->load(trained->bytes);
  if (!model) return propagate(model);
  auto version = std::make_shared<registry::LoadedVersion>();
  version->bundle.line = "forex-weekly/EUR_USD";
  version->bundle.number = {12};
  version->bundle.features = list->specs();
  version->bundle.features_hash = list->hash();
  version->content_hash = std::string(64, 'c');
  version->judged = std::move(*model);
  return version;
}

}  // namespace pawl::bench
