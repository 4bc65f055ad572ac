// Answering windows that a client posts: the bytes of the body to bars, bars to a row, the row to a
// prediction, that to bytes. Two lists of features: the shipped forex recipe's, and 28 indicators on each of
// M5, H1 and H4, which is what the Flask program of docs/performance.md computes.
#include "http/predict_answer.h"
#include "http/predict_body.h"
#include "recipe/recipe.h"
#include "subjects.h"
#include "window_material.h"

namespace pawl::bench {

namespace {

constexpr int kRequests = 300;

}  // namespace

Status bench_predict_windows(Bench& bench) {
  auto forex = recipe::load_recipe_file(std::string(PAWL_SOURCE_DIR) + "/config/forex-weekly.yaml", {});
  if (!forex) return propagate(forex);
  std::string body = window_body();
  http::PredictReader reader({});
  struct Case {
    std::string name;
    std::vector<std::string> specs;
    int trees, depth;
  };
  const Case cases[] = {{"forex", forex->features, 100, 4}, {"wide", wide_window_specs(), 300, 6}};
  for (const Case& one : cases) {
    auto version = window_version(one.specs, one.trees, one.depth);
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
