// `pawl predict`: the answer to a posted body, made again from a stored version. A9.
#include "domain/resampler.h"
#include "e2e/replayed.h"
#include "http/predict_bodies.h"

namespace pawl::test {
namespace {

TEST(PredictByHand, A9_AnswersABodyFromAStoredVersion) {
  const TempFolder folder;
  const BarSeries bars = simulated_bars(1500);
  write_file(folder / "bars.csv", csv_of(bars));
  const std::string data = folder / "data";
  const Ran replayed = run_pawl(
      Words{"replay"} + quick_settings() +
      Words{"--data", data, "-q", "--bars", fmt::format("BTC_USDT:H1={}", (folder / "bars.csv").string())});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.stderr_text;

  const std::string body = folder / "body.json";
  const auto ask = [&](const Words& more) {
    return run_pawl(Words{"predict", "--data", data, "--body", body} + more);
  };
  using http::test::Form;
  const BarSeries h4 = resample(bars, kH4, MarketCalendar::utc_always());
  const auto post = [&](std::string_view pair, std::size_t from, std::size_t to, Form form) {
    write_file(body,
               http::test::body_text(pair, {{"ohlcv_h1", http::test::window_text(bars.slice(from, to), form)},
                                            {"ohlcv_h4", http::test::window_text(h4, form)}}));
  };
  post("BTCUSDT", 500, 1500, Form::objects);
  const Ran first = ask({});
  ASSERT_EQ(first.exit_code, 0) << first.stderr_text;
  const Json answer = json_of(first.stdout_text);
  EXPECT_EQ(answer["pair"], "BTC_USDT");
  EXPECT_EQ(answer["status"], "success");
  EXPECT_EQ(answer["timestamp"], format_time(bars.close_time(1498)));
  EXPECT_EQ(answer["candles_used"], 999);
  // The same windows in another form are the same request.
  post("BTC/USDT", 500, 1500, Form::arrays);
  EXPECT_EQ(ask({}).stdout_text, first.stdout_text);
  EXPECT_EQ(ask({"--line", "BTC_USDT", "--version", answer["version"]}).stdout_text, first.stdout_text);
  EXPECT_EQ(json_of(ask({"--version", "v0"}).stdout_text)["version"], "v000000");

  post("BTC_USDT", 0, 100, Form::objects);
  const Ran short_window = ask({"--json"});
  EXPECT_NE(short_window.exit_code, 0);
  EXPECT_NE(short_window.stderr_text.find("ohlcv_h1: 100 candles, at least 250 are needed"),
            std::string::npos)
      << short_window.stderr_text;
  post("ETH_USDT", 0, 300, Form::objects);
  EXPECT_NE(ask({}).stderr_text.find("there is no model for ETH_USDT; there are: BTC_USDT"),
            std::string::npos);
  write_file(body, "{\"pair\":");
  EXPECT_EQ(ask({}).exit_code, 65);
}

}  // namespace
}  // namespace pawl::test
