// Importers from the command line: what a file is, is shown and asked before anything is stored.
#include "e2e/replayed.h"

namespace pawl::test {
namespace {

// MetaTrader's way to write bars, on a server whose clock nothing in the file tells.
std::string mt4_bars() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += fmt::format("2019.07.08,{:02}:{:02},1.{:03},1.{:03},1.{:03},1.{:03},{}\r\n", i / 12, i % 12 * 5,
                        200 + i, 206 + i, 198 + i, 201 + i, 50 + i % 7);
  }
  return text;
}

// Binance's twelve columns, which leave nothing open but the name.
std::string binance_bars() {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    const TimeMs time = 1'672'531'200'000 + i * kHourMs;
    text += fmt::format("{},{},{},{},{},{},{},0,1,0,0,0\n", time, 200 + i, 206 + i, 198 + i, 201 + i,
                        50 + i % 7, time + kHourMs - 1);
  }
  return text;
}

TEST(ImportFormats, ADryRunShowsEachFindingAndStoresNothing) {
  const TempFolder folder;
  const std::string file = folder / "BTCUSDT-1h.csv", data = folder / "data";
  write_file(file, binance_bars());
  for (const Words& command : {Words{"import", file, "--dry-run"}, Words{"import", "--dry-run", file},
                               Words{"import", "bars", file, "--dry-run"}}) {
    const Ran ran = run_pawl(command + Words{"--data", data});
    EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
    for (const char* line :
         {"  zone        detected  UTC", "  timeframe   detected  H1", "  symbol      detected  BTCUSDT",
          "  time is     detected  a bar's open  (Binance", "40 bars, 0 gaps",
          "2023-01-01T00:00:00Z  200  206  198  201  50"}) {
      EXPECT_TRUE(has(ran.stdout_text, line)) << ran.stdout_text;
    }
    EXPECT_FALSE(std::filesystem::exists(data));
  }
}

TEST(ImportFormats, InJsonToo) {
  const TempFolder folder;
  const std::string file = folder / "EURUSD5.csv";
  write_file(file, mt4_bars());
  const Ran ran = run_pawl({"import", "bars", file, "--dry-run", "--json", "--data", folder / "data"});
  EXPECT_EQ(ran.exit_code, 65) << ran.stdout_text;
  const Json answer = json_of(ran.stdout_text)["files"][0];
  EXPECT_EQ(answer["questions"][0]["field"], "zone");
  EXPECT_EQ(answer["questions"][0]["flag"], "--zone \"New York+7h\"");
  EXPECT_EQ(answer["error"]["code"], "bad_data");
  EXPECT_EQ(answer["bars"]["count"], 40);
  bool found = false;
  for (const Json& one : answer["findings"]) {
    if (one["field"] != "timeframe") continue;
    found = true;
    EXPECT_EQ(one["value"], "M5");
    EXPECT_EQ(one["how"], "detected");
    EXPECT_TRUE(has(one["why"].get<std::string>(), "39 of 39 steps"));
  }
  EXPECT_TRUE(found);
}

TEST(ImportFormats, WhatIsOpenIsAskedAndOnceItIsAnsweredStored) {
  const TempFolder folder;
  const std::string file = folder / "EURUSD5.csv", data = folder / "data";
  write_file(file, mt4_bars());
  const Ran asked = run_pawl({"import", "bars", file, "--data", data});
  EXPECT_EQ(asked.exit_code, 65);
  EXPECT_TRUE(has(asked.stderr_text, "say --zone \"New York+7h\"")) << asked.stderr_text;
  EXPECT_FALSE(std::filesystem::exists(data));
  const Ran done = run_pawl({"import", "bars", file, "--zone", "New York+7h", "--data", data});
  EXPECT_EQ(done.exit_code, 0) << done.stderr_text;
  EXPECT_TRUE(has(done.stdout_text, "EUR_USD M5: 40 bars added")) << done.stdout_text;
  const Ran bars = run_pawl({"export", "bars", "EURUSD", "--data", data});
  EXPECT_TRUE(has(bars.stdout_text, "2019-07-07T21:00:00Z,1.2,1.206,1.198,1.201,50\n")) << bars.stdout_text;
}

TEST(ImportFormats, SymbolAndTimeframeMayStandBeforeTheFile) {
  const TempFolder folder;
  const std::string file = folder / "download", data = folder / "data";
  write_file(file, binance_bars());
  EXPECT_EQ(run_pawl({"import", "bars", file, "--data", data}).exit_code, 65);
  EXPECT_EQ(run_pawl({"import", "bars", "BTC/USDT:M5=" + file, "--data", data}).exit_code, 65);
  EXPECT_FALSE(std::filesystem::exists(data));
  EXPECT_EQ(run_pawl({"import", "bars", "BTC/USDT:H1=" + file, "--data", data}).exit_code, 0);
  EXPECT_EQ(run_pawl({"import", "bars", file, "--symbol", "BTC/USDT", "--data", data}).exit_code, 0);
}

TEST(ImportFormats, AClearFileServesAsBarsOfARecipeToo) {
  const TempFolder folder;
  const std::string file = folder / "btc.csv";
  write_file(file, binance_bars());
  const Ran ran =
      run_pawl({"replay", "--recipe", "crypto-live", "--bars", "BTC_USDT:H1=" + file, "--memory", "--json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
}

TEST(ImportFormats, OfPawlsOwnFormTheSymbolIsEnough) {
  const TempFolder folder;
  const std::string file = folder / "some.csv", data = folder / "data";
  write_file(file, csv_of(simulated_bars(50)));
  EXPECT_EQ(run_pawl({"import", "bars", file, "--data", data}).exit_code, 2);
  const Ran ran = run_pawl({"import", "bars", file, "--symbol", "BTC_USDT", "--data", data});
  EXPECT_EQ(ran.exit_code, 0) << ran.stderr_text;
  EXPECT_TRUE(has(ran.stdout_text, "BTC_USDT H1: 50 bars added")) << ran.stdout_text;
}

TEST(ImportFormats, WordsThatDoNotParseAreUsageErrors) {
  const TempFolder folder;
  const std::string file = folder / "EURUSD5.csv";
  write_file(file, mt4_bars());
  for (const Words& words : {Words{"--zone", "Mars"}, Words{"--time-is", "noon"}, Words{"--scale", "zero"},
                             Words{"--columns", "time"}, Words{"--timeframe", "H7"}}) {
    const Ran ran = run_pawl(Words{"import", "bars", file, "--data", folder / "data"} + words);
    EXPECT_EQ(ran.exit_code, 2) << words.front();
    EXPECT_TRUE(has(ran.stderr_text, words.front())) << ran.stderr_text;
  }
  EXPECT_EQ(run_pawl({"import"}).exit_code, 2);
}

}  // namespace
}  // namespace pawl::test
