// Answering windows that a client posts: the bytes of the body to bars, bars to a row, the row to a
// prediction, that to bytes. Two lists of features: the shipped forex recipe's, and 28 indicators on each of
// M5, H1 and H4, which is what the Flask program of docs/performance.md computes.
#include "base/random.h"
#include "domain/resampler.h"
#include "http/predict_answer.h"
#include "http/predict_body.h"
#include "recipe/recipe.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

constexpr int kRequests = 300;

std::vector<std::string> wide_specs() {
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
std::string body_of(const BarSeries& base) {
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

// Trees of the size that the Flask program has, on rows without meaning.
Result<std::shared_ptr<registry::LoadedVersion>> version_of(const std::vector<std::string>& specs, int trees,
                                                            int depth) {
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

}  // namespace

Status bench_predict_windows(Bench& bench) {
  auto forex = recipe::load_recipe_file(std::string(PAWL_SOURCE_DIR) + "/config/forex-weekly.yaml", {});
  if (!forex) return propagate(forex);
  std::string body = body_of(walk(13'000));
  http::PredictReader reader({});
  struct Case {
    std::string name;
    std::vector<std::string> specs;
    int trees, depth;
  };
  const Case cases[] = {{"forex", forex->features, 100, 4}, {"wide", wide_specs(), 300, 6}};
  for (const Case& one : cases) {
    auto version = version_of(one.specs, one.trees, one.depth);
    if (!version) return within(one.name, version.error());
    auto list = features::FeatureList::parse(one.specs, kM5, MarketCalendar::utc_always());
    if (!list) return propagate(list);
    serving::WindowPredictor predictor(
        {.base = kM5, .signal = {.kind = judging::SignalRule::Kind::top_class, .min_probability = 0.45}});
    features::WindowEngine engine(*list);
    std::vector<double> row(one.specs.size()), probabilities(3);
    std::vector<std::uint8_t> ready(row.size());
    const auto posted = reader.read(body);
    if (!posted) return propagate(posted);
    const auto made = predictor.predict(**version, **posted);
    if (!made) return propagate(made);
    std::size_t bytes = 0;

    const auto repeat = [](const auto& work) {
      return [work] {
        return cpu_seconds_of([&]() -> Status {
          for (int i = 0; i < kRequests; ++i) {
            if (Status done = work(); !done) return done;
          }
          return {};
        });
      };
    };
    const std::vector<Contestant> contestants = {
        {"read", repeat([&]() -> Status {
           const auto read = reader.read(body);
           return read ? Status() : propagate(read);
         })},
        {"row", repeat([&] {
           std::vector<features::Window> windows;
           for (const auto& window : (*posted)->windows())
             windows.push_back({window.timeframe, window.closed()});
           return engine.last_row(windows, row, ready);
         })},
        {"model", repeat([&]() -> Status {
           (*version)->live().predict({row, 1, row.size()}, probabilities);
           return {};
         })},
        {"predict", repeat([&]() -> Status {
           const auto again = predictor.predict(**version, **posted);
           return again ? Status() : propagate(again);
         })},
        {"write", repeat([&]() -> Status {
           bytes = http::predict_answer(**version, **posted, *made).size();
           return {};
         })}};
    auto rounds = bench.take_turns("predict_windows " + one.name, contestants);
    if (!rounds) return propagate(rounds);
    const std::string prefix = "predict_windows_" + one.name;
    const std::string what = fmt::format("{} features over M5, H1 and H4, {} trees of depth {} a class",
                                         one.specs.size(), one.trees, one.depth);
    if (&one == &cases[0]) {
      bench.add("predict_windows_read_us", "us",
                fmt::format("a body of {} kB, 500 + 300 + 250 candles as objects, from bytes to checked bars",
                            short_number(static_cast<double>(body.size()) / 1e3)),
                scaled((*rounds)[0], 1e6 / kRequests));
    }
    bench.add(prefix + "_row_us", "us", "bars to the row: " + what, scaled((*rounds)[1], 1e6 / kRequests));
    bench.add(prefix + "_model_us", "us", "the row through the model", scaled((*rounds)[2], 1e6 / kRequests));
    bench.add(prefix + "_predict_us", "us",
              "bars to prediction: the row, the model, the quality and the row's digest",
              scaled((*rounds)[3], 1e6 / kRequests));
    bench.add(prefix + "_write_us", "us", fmt::format("the answer's {} bytes", bytes),
              scaled((*rounds)[4], 1e6 / kRequests));
  }
  return {};
}

}  // namespace pawl::bench
