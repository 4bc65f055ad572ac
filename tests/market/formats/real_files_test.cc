// Every file of the shared data's formats folder: the right bars, listed by hand from the file's rows and
// what its source documents about clock, scale and columns; or the question, or the refusal, that it
// deserves.
#include <gtest/gtest.h>

#include "market/formats/format.h"
#include "support/test_files.h"

namespace pawl::market::formats {
namespace {

struct Listed {
  const char* time;
  double open, high, low, close, volume;
};

struct Expected {
  const char* file;
  Named said;         // what the content cannot tell
  const char* asked;  // part of the refusal without it; null where nothing needs saying
  const char* symbol;
  const char* timeframe;
  std::size_t count;
  std::vector<Listed> bars;
  std::int64_t nulls = 0, merged = 0, bad_rows = 0;
};

const std::vector<Expected>& expected() {
  static const std::vector<Expected> files = {
      {.file = "SYNTHETIC_looks_real_QQQ_1m.csv",
       .said = {.zone = "America/New_York"},
       .asked = "looks like America/New_York; say --zone \"America/New_York\"",
       .symbol = "QQQ",
       .timeframe = "M1",
       .count = 1184,  // of 1599: every fourth bar is impossible
       .bars = {{"2025-06-30T19:21:00Z", 490.02, 490.06, 489.98, 490.02, 2572},
                {"2025-07-02T19:44:00Z", 490.42, 490.67, 490.33, 490.49, 7597},
                {"2025-07-04T19:59:00Z", 490.94, 491.04, 490.81, 490.94, 1031}},
       .bad_rows = 415},
      // Newest first, New York's clock, and the stamp is the bar's close: 09:32 is the bar from 09:31.
      {.file = "alphavantage_descending_AMT_1min.csv",
       .said = {.zone = "America/New_York"},
       .asked = "days begin at 09:31 and end at 16:00",
       .symbol = "AMT",
       .timeframe = "M1",
       .count = 1836,
       .bars = {{"2019-02-11T14:31:00Z", 172.995, 172.995, 172.99, 172.99, 0},
                {"2019-02-11T14:33:00Z", 172.62, 172.62, 172.62, 172.62, 2311},
                {"2019-02-13T19:24:00Z", 173, 173, 173, 173, 686},
                {"2019-02-15T20:59:00Z", 178.03, 178.1, 177.77, 177.86, 87205}}},
      {.file = "binance_kline_ms_BTCUSDT-1h-2024-12.csv",
       .symbol = "BTCUSDT",
       .timeframe = "H1",
       .count = 72,
       .bars = {{"2024-12-01T00:00:00Z", 96407.99, 96672.49, 96260, 96340.6, 532.95388},
                {"2024-12-02T12:00:00Z", 95128.67, 95407.64, 94766, 94972.02, 1125.17789},
                {"2024-12-03T23:00:00Z", 96117.76, 96124.28, 95811.31, 95849.69, 1041.27227}}},
      {.file = "binance_kline_us_BTCUSDT-1h-2025-01.csv",
       .symbol = "BTCUSDT",
       .timeframe = "H1",
       .count = 72,
       .bars = {{"2025-01-01T00:00:00Z", 93576, 94509.42, 93489.03, 94401.14, 755.9901},
                {"2025-01-02T12:00:00Z", 96733, 96895, 96609.42, 96850.01, 677.3051},
                {"2025-01-03T23:00:00Z", 98296.37, 98382.19, 98067.99, 98174.18, 314.26227}}},
      {.file = "binance_kline_ms_BTCUSDT-1m-2023-01-01.zip",
       .symbol = "BTCUSDT",
       .timeframe = "M1",
       .count = 1440,
       .bars = {{"2023-01-01T00:00:00Z", 16541.77, 16544.76, 16538.45, 16543.67, 83.08143},
                {"2023-01-01T12:00:00Z", 16556.66, 16557.5, 16554.91, 16556.93, 100.69993},
                {"2023-01-01T23:59:00Z", 16616.36, 16620.2, 16615.91, 16616.75, 61.61521}}},
      {.file = "binance_kline_ms_BTCUSDT-1m-2023-03-24.zip",
       .symbol = "BTCUSDT",
       .timeframe = "M1",
       .count = 1360,
       .bars = {{"2023-03-24T00:00:00Z", 28295.42, 28305.41, 28292.24, 28302.33, 90.28077},
                {"2023-03-24T11:28:00Z", 28080, 28080, 28080, 28080, 0},
                {"2023-03-24T14:00:00Z", 28079.99, 28079.99, 27901.06, 27925.59, 293.30587},
                {"2023-03-24T23:59:00Z", 27460.01, 27460.01, 27450.89, 27454.47, 29.4738}}},
      // [ms, open, CLOSE, HIGH, LOW, volume]
      {.file = "bitfinex_candles_ocHLv.json",
       .said = {.symbol = "BTCUSD"},
       .asked = "--symbol NAME",
       .symbol = "BTCUSD",
       .timeframe = "M1",
       .count = 118,
       .bars = {{"2018-06-01T00:00:00Z", 7485.9, 7485.9, 7481.9, 7484.6, 39.91006208},
                {"2018-06-01T00:04:00Z", 7487.7, 7490, 7487.7, 7490, 25.07961155},
                {"2018-06-01T01:00:00Z", 7505.2, 7505.2, 7490, 7499.4, 9.40160604},
                {"2018-06-01T01:59:00Z", 7483.3, 7483.3, 7483.3, 7483.3, 0.22867678}}},
      {.file = "freqtrade_UNITTEST_BTC-1m_head.json",
       .symbol = "UNITTEST_BTC",
       .timeframe = "M1",
       .count = 1591,
       .bars = {{"2017-11-04T23:02:00Z", 0.00162008, 0.00162008, 0.00162008, 0.00162008, 108.14853839},
                {"2017-11-04T23:05:00Z", 0.00161, 0.00162, 0.00161, 0.00162, 64.53000899},
                {"2017-11-05T16:37:00Z", 0.00178865, 0.00179, 0.00178865, 0.00179, 354.15648206},
                {"2017-11-06T06:04:00Z", 0.00186474, 0.00186474, 0.00186474, 0.00186474, 24.36673276}}},
      // London's clock less five hours, found by the weekend. The hour from 19:00 on the 27th is there twice,
      // to the digit: 60 rows count once.
      {.file = "histdata_ascii_EURUSD_M1_clock_fold.csv",
       .symbol = "EURUSD",
       .timeframe = "M1",
       .count = 2940,
       .bars = {{"2019-10-24T23:55:00Z", 1.11037, 1.11037, 1.11033, 1.11035, 0},
                {"2019-10-25T20:59:00Z", 1.10793, 1.10801, 1.10786, 1.1079, 0},
                {"2019-10-27T21:00:00Z", 1.108, 1.108, 1.108, 1.108, 0},
                {"2019-10-28T00:00:00Z", 1.10839, 1.10844, 1.10836, 1.10836, 0},
                {"2019-10-28T00:59:00Z", 1.10826, 1.10827, 1.10819, 1.10822, 0},
                {"2019-10-28T01:00:00Z", 1.10822, 1.10822, 1.1081, 1.10811, 0},
                {"2019-10-29T00:59:00Z", 1.1098, 1.1098, 1.10978, 1.10978, 0}},
       .merged = 60},
      {.file = "histdata_ascii_EURUSD_M1_spring_gap.csv",
       .symbol = "EURUSD",
       .timeframe = "M1",
       .count = 1200,
       .bars = {{"2019-03-29T12:58:00Z", 1.12335, 1.12336, 1.12315, 1.12318, 0},
                {"2019-03-29T20:59:00Z", 1.12169, 1.12179, 1.12168, 1.12179, 0},
                {"2019-03-31T21:00:00Z", 1.12254, 1.12254, 1.12254, 1.12254, 0},
                {"2019-03-31T22:59:00Z", 1.12222, 1.12222, 1.12214, 1.12217, 0},
                {"2019-04-01T00:00:00Z", 1.12231, 1.12234, 1.12226, 1.12229, 0},
                {"2019-04-01T09:58:00Z", 1.12364, 1.12374, 1.12362, 1.12369, 0}}},
      {.file = "lean_equity_daily_scaled_wm.zip",
       .symbol = "wm",
       .timeframe = "D1",
       .count = 5399,
       .bars = {{"1998-12-09T00:00:00Z", 35.31, 35.88, 34.88, 35.63, 3241200},
                {"2010-07-13T00:00:00Z", 33, 33.25, 32.86, 33.15, 2190361},
                {"2021-03-31T00:00:00Z", 128.79, 129.935, 128.47, 129.02, 1638457}}},
      {.file = "lean_equity_minute_msofday_spy_20131007.zip",
       .said = {.zone = "America/New_York"},
       .asked = "days begin at 04:00 and end at 19:59",
       .symbol = "spy",
       .timeframe = "M1",
       .count = 828,
       .bars = {{"2013-10-07T08:00:00Z", 167.41, 167.41, 167.25, 167.27, 3197},
                {"2013-10-07T13:30:00Z", 167.43, 167.52, 167.41, 167.44, 816453},
                {"2013-10-07T23:59:00Z", 167.26, 167.3, 167.26, 167.3, 800}}},
      {.file = "lean_forex_quote_bidask_eurusd_20140501.zip",
       .said = {.zone = "UTC"},
       .asked = "zone: times carry no zone",
       .symbol = "eurusd",
       .timeframe = "M1",
       .count = 1363,
       .bars = {{"2014-05-01T00:00:00Z", 1.38681, 1.386915, 1.386745, 1.386915, 0},
                {"2014-05-01T12:35:00Z", 1.387655, 1.38771, 1.38722, 1.387295, 0},
                {"2014-05-01T23:59:00Z", 1.386995, 1.386995, 1.386995, 1.386995, 0}}},
      {.file = "local_time_open_close_high_low_AAPL_5m.csv",
       .said = {.zone = "America/New_York"},
       .asked = "looks like America/New_York",
       .symbol = "AAPL",
       .timeframe = "M5",
       .count = 1493,
       .bars = {{"2026-01-02T14:30:00Z", 272.69000244140625, 273.3900146484375, 272.3800048828125,
                 273.19000244140625, 1701630},
                {"2026-01-05T14:30:00Z", 270.635009765625, 270.8599853515625, 268.1000061035156,
                 268.27301025390625, 2127172},
                {"2026-01-30T15:30:00Z", 254.0800018310547, 254.9499969482422, 253.69500732421875,
                 254.9199981689453, 595102}}},
      // Two days without a weekend: New York+7h and Athens say the same, but nothing says it is one of them.
      {.file = "mt4_headerless_CHFJPY_M5.csv",
       .said = {.zone = "New York+7h"},
       .asked = "mostly New York+7h or Europe/Athens, which say the same here",
       .symbol = "CHFJPY",
       .timeframe = "M5",
       .count = 500,
       .bars = {{"2019-07-08T01:25:00Z", 109.487, 109.507, 109.486, 109.492, 476},
                {"2019-07-08T22:15:00Z", 109.386, 109.393, 109.381, 109.381, 143},
                {"2019-07-09T19:00:00Z", 109.576, 109.59, 109.573, 109.581, 698}}},
      {.file = "mt4_headerless_EURAUD_M5.csv",
       .symbol = "EURAUD",
       .timeframe = "M5",
       .count = 3000,
       .bars = {{"2019-07-08T02:50:00Z", 1.6069, 1.607, 1.60662, 1.60694, 407},
                {"2019-07-12T20:50:00Z", 1.60475, 1.60517, 1.60469, 1.60485, 347},
                {"2019-07-14T21:00:00Z", 1.60581, 1.60592, 1.60544, 1.60558, 15},
                {"2019-07-22T12:55:00Z", 1.59041, 1.59086, 1.59041, 1.59069, 874}}},
      {.file = "mt5_export_rewritten_EURUSD_H4.csv",
       .said = {.zone = "New York+7h"},
       .asked = "Europe/Athens, the other usual clock of brokers, differs from line 362 on",
       .symbol = "EURUSD",
       .timeframe = "H4",
       .count = 1499,
       .bars = {{"2000-01-02T22:00:00Z", 1.0073, 1.019, 1.0073, 1.0175, 670},
                {"2000-04-04T13:00:00Z", 0.954, 0.9749, 0.9515, 0.9662, 1589},
                {"2000-12-15T14:00:00Z", 0.8988, 0.8993, 0.895, 0.8982, 1626}}},
      {.file = "mt5_export_tab_EURUSD_H4.csv",
       .said = {.zone = "New York+7h"},
       .asked = "its 99 weekends fit New York+7h, but bars this long do not tell an hour",
       .symbol = "EURUSD",
       .timeframe = "H4",
       .count = 2999,
       .bars = {{"2000-01-02T22:00:00Z", 1.0073, 1.019, 1.0073, 1.0175, 670},
                {"2000-01-07T18:00:00Z", 1.0286, 1.03, 1.0272, 1.0298, 345},
                {"2000-12-17T22:00:00Z", 0.8946, 0.8961, 0.894, 0.8953, 797},
                {"2001-11-30T18:00:00Z", 0.8957, 0.8971, 0.8947, 0.8956, 961}}},
      // Dated with Sundays: the week of the Monday after.
      {.file = "mt5_export_tab_XAUUSD_Weekly.csv",
       .symbol = "XAUUSD",
       .timeframe = "W1",
       .count = 1113,
       .bars = {{"2004-06-07T00:00:00Z", 384, 384.8, 382.8, 384.1, 303},
                {"2014-01-06T00:00:00Z", 1237.32, 1248.84, 1214.21, 1247.78, 339119},
                {"2025-09-29T00:00:00Z", 3758.57, 3875.58, 3757.78, 3863.22, 232393}}},
      // 106722.99999999999 is 1.06723. This broker's clock is Athens', which leaves out Sunday's last hour.
      {.file = "mt5_integer_prices_USDCAD_H4.csv",
       .said = {.zone = "Europe/Athens", .scale = "100000"},
       .asked = "with --scale 100000 they are around 1.04164; say --scale 100000",
       .symbol = "USDCAD",
       .timeframe = "H4",
       .count = 2499,
       .bars = {{"2012-11-26T18:00:00Z", 0.99428, 0.99433, 0.99219, 0.99273, 8547},
                {"2013-04-18T05:00:00Z", 1.02563, 1.02598, 1.02369, 1.02391, 5817},
                {"2014-07-08T17:00:00Z", 1.06737, 1.06837, 1.06723, 1.06777, 3739},
                {"2014-07-09T01:00:00Z", 1.06748, 1.06838, 1.0674, 1.06809, 2256}}},
      {.file = "phantom_holiday_rows_XEL_1d.csv",
       .symbol = "XEL",
       .timeframe = "D1",
       .count = 1384,
       .bars = {{"2018-01-02T00:00:00Z", 48.220001220703125, 48.36000061035156, 47.5, 47.810001373291016,
                 2443400},
                {"2022-06-20T00:00:00Z", 65.19999694824219, 65.52999877929688, 63.56999969482422,
                 63.90999984741211, 6773700},
                {"2023-06-29T00:00:00Z", 60.70000076293945, 61.56999969482422, 60.38999938964844,
                 61.290000915527344, 2881900}}},
      {.file = "tradingview_epoch_VIX1D_5m.csv",
       .symbol = "VIX1D",
       .timeframe = "M5",
       .count = 2999,
       .bars = {{"2025-02-18T14:30:00Z", 8.41, 8.73, 8.25, 8.39, 0},
                {"2025-03-14T17:00:00Z", 19.56, 19.74, 19.34, 19.66, 0},
                {"2025-04-10T13:35:00Z", 44.28, 44.88, 43.32, 44.49, 0}}},
      {.file = "tsv_header_ADAUSDT_H4.csv",
       .said = {.zone = "UTC", .time_is = "open"},
       .asked = "trades around the clock, as crypto does",
       .symbol = "ADAUSDT",
       .timeframe = "H4",
       .count = 2499,
       .bars = {{"2018-04-17T04:00:00Z", 0.256, 0.288, 0.248, 0.257, 29567761},
                {"2018-06-26T12:00:00Z", 0.133, 0.133, 0.128, 0.13, 20834607},
                {"2019-06-08T16:00:00Z", 0.084, 0.084, 0.082, 0.082, 15678228}}},
      {.file = "yahoo_nulls_PTR.csv",
       .symbol = "PTR",
       .timeframe = "D1",
       .count = 1257,
       .bars = {{"2012-09-04T00:00:00Z", 119, 119.010002, 117.550003, 117.860001, 167000},
                {"2016-06-28T00:00:00Z", 65.68, 66.279999, 65.239998, 65.870003, 88400},
                {"2016-06-30T00:00:00Z", 67.910004, 68.440002, 67.449997, 67.919998, 146400},
                {"2017-09-01T00:00:00Z", 64.870003, 65.349998, 64.82, 65.139999, 192600}},
       .nulls = 1},
      {.file = "yahoo_nulls_SNP.csv",
       .symbol = "SNP",
       .timeframe = "D1",
       .count = 1257,
       .bars = {{"2012-09-04T00:00:00Z", 70.400002, 70.638458, 70.107689, 70.292313, 120300},
                {"2016-06-28T00:00:00Z", 69.220001, 69.529999, 68.57, 69.5, 145700},
                {"2016-06-30T00:00:00Z", 71.739998, 72.290001, 71.330002, 72, 229400},
                {"2017-09-01T00:00:00Z", 77.309998, 77.769997, 77.309998, 77.620003, 94200}},
       .nulls = 1},
      // Datetime, Close, High, Low, Open, Volume
      {.file = "yfinance_column_order_AMD_1m.csv",
       .symbol = "AMD",
       .timeframe = "M1",
       .count = 1199,
       .bars = {{"2026-03-24T19:29:00Z", 205.71499633789062, 205.8677978515625, 205.6999969482422,
                 205.76499938964844, 32667},
                {"2026-03-25T13:30:00Z", 211.5050048828125, 213.83990478515625, 211.5050048828125,
                 213.19000244140625, 2224752},
                {"2026-03-27T19:59:00Z", 202.16000366210938, 202.2899932861328, 201.92999267578125,
                 201.97000122070312, 531729}}},
      // Blocks that overlap, in two sets of columns, with and without an offset.
      {.file = "yfinance_mixed_tz_CHFJPY_1h.csv",
       .said = {.zone = "UTC", .time_is = "open"},
       .asked = "rows from line 2 on say their offset from UTC, which is zero, rows from line 602 on do not",
       .symbol = "CHFJPY",
       .timeframe = "H1",
       .count = 790,
       .bars = {{"2026-04-06T04:00:00Z", 199.29600524902344, 199.33799743652344, 199.2209930419922,
                 199.3179931640625, 0},
                {"2026-04-26T23:00:00Z", 202.9320068359375, 202.94900512695312, 202.843994140625,
                 202.8939971923828, 0},
                {"2026-05-19T23:00:00Z", 201.61900329589844, 201.66000366210938, 201.53700256347656,
                 201.6020050048828, 0},
                {"2026-05-29T21:00:00Z", 203.92599487304688, 203.92599487304688, 203.92599487304688,
                 203.92599487304688, 0}},
       .merged = 410}};
  return files;
}

class RealFormatsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto data = test::shared_data();
    if (!data) GTEST_SKIP() << test::kNoSharedData;
    folder_ = *data / "formats";
  }
  std::string bytes(const char* file) const { return test::read_file(folder_ / file); }

  // The file's bars with all bad rows left out.
  Imported import(const char* file, const Named& named) const {
    const std::string content = bytes(file);
    const Result<Detection> found = detect(content, file, named);
    EXPECT_TRUE(found) << found.error().message;
    EXPECT_TRUE(found->questions.empty()) << unanswered(*found, file).message;
    const BarFormat& format = found->format;
    const Request request{Symbol::parse(format.symbol).value(), format.timeframe, own_calendar(format)};
    Result<Imported> imported = read_bars(content, file, format, request, BadRows::skip);
    EXPECT_TRUE(imported) << imported.error().message;
    return std::move(*imported);
  }
  std::filesystem::path folder_;
};

void expect_bar(const BarSeries& bars, const Listed& listed) {
  const TimeMs time = parse_time(listed.time).value();
  const std::size_t i = bars.count_opened_before(time);
  ASSERT_LT(i, bars.size()) << listed.time;
  ASSERT_EQ(format_time(bars.open_time(i)), listed.time);
  // A middle of bid and ask, or a scaled price, may end in another bit than its decimal.
  EXPECT_NEAR(bars.open(i), listed.open, 1e-12 * listed.open) << listed.time;
  EXPECT_NEAR(bars.high(i), listed.high, 1e-12 * listed.high) << listed.time;
  EXPECT_NEAR(bars.low(i), listed.low, 1e-12 * listed.low) << listed.time;
  EXPECT_NEAR(bars.close(i), listed.close, 1e-12 * listed.close) << listed.time;
  EXPECT_EQ(bars.volume(i), listed.volume) << listed.time;
}

TEST_F(RealFormatsTest, GiveTheBarsListedByHand) {
  for (const Expected& one : expected()) {
    SCOPED_TRACE(one.file);
    const Imported imported = import(one.file, one.said);
    const BarSeries& bars = imported.delivery.bars;
    EXPECT_EQ(bars.size(), one.count);
    for (const Listed& listed : one.bars) expect_bar(bars, listed);
    EXPECT_EQ(format_time(bars.open_time(0)), one.bars.front().time);
    EXPECT_EQ(format_time(bars.back().open_time), one.bars.back().time);
    EXPECT_EQ(imported.null_rows, one.nulls);
    EXPECT_EQ(imported.merged, one.merged);
    EXPECT_EQ(imported.delivery.bad_rows, one.bad_rows);
    for (std::size_t i = 0; i < bars.size(); ++i) ASSERT_FALSE(find_fault(bars[i]).any());
  }
}

TEST_F(RealFormatsTest, AskForWhatTheyDoNotSayAndForNothingElse) {
  for (const Expected& one : expected()) {
    SCOPED_TRACE(one.file);
    const Result<Detection> found = detect(bytes(one.file), one.file);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->format.timeframe.name(), one.timeframe);
    if (one.said.symbol.empty()) {
      EXPECT_EQ(found->format.symbol, one.symbol);
    }
    std::size_t said = 0;
    for (const std::string* word : {&one.said.symbol, &one.said.zone, &one.said.time_is, &one.said.scale}) {
      said += word->empty() ? 0 : 1;
    }
    EXPECT_EQ(found->questions.size(), said) << unanswered(*found, one.file).message;
    if (one.asked != nullptr) {
      const Error error = unanswered(*found, one.file);
      EXPECT_EQ(error.code, ErrorCode::bad_data);
      EXPECT_NE(error.message.find(one.asked), std::string::npos) << error.message;
    }
  }
}

TEST_F(RealFormatsTest, AMacroSeriesForcedIntoPricesIsRefused) {
  const Result<Detection> found = detect(bytes("all_empty_FEDFUNDS.csv"), "all_empty_FEDFUNDS.csv");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::bad_data);
  EXPECT_NE(found.error().message.find("every price of its 854 rows is empty"), std::string::npos);
}

std::vector<std::string> checks_of(const Imported& imported) {
  std::vector<std::string> checks;
  for (const QualityFlag& flag : imported.quality) checks.push_back(flag.check);
  return checks;
}

bool flagged(const Imported& imported, const char* check) {
  const auto checks = checks_of(imported);
  return std::find(checks.begin(), checks.end(), check) != checks.end();
}

TEST_F(RealFormatsTest, OnlyTheGeneratedFileIsCalledGenerated) {
  for (const Expected& one : expected()) {
    const Imported imported = import(one.file, one.said);
    const bool synthetic = std::string_view(one.file).starts_with("SYNTHETIC");
    EXPECT_EQ(flagged(imported, "generated"), synthetic) << one.file;
    EXPECT_EQ(flagged(imported, "bad_rows"), synthetic) << one.file;
    EXPECT_EQ(flagged(imported, "closed_days"),
              synthetic || std::string_view(one.file).starts_with("phantom"))
        << one.file;
  }
}

TEST_F(RealFormatsTest, JuneteenthsThatCopyTheDayBeforeAreFlagged) {
  const Imported imported = import("phantom_holiday_rows_XEL_1d.csv", {});
  ASSERT_EQ(checks_of(imported), (std::vector<std::string>{"closed_days", "copied_bars"}));
  for (const QualityFlag& flag : imported.quality) {
    EXPECT_EQ(flag.count, 2);
    EXPECT_NE(flag.text.find("2022-06-20"), std::string::npos) << flag.text;
    EXPECT_NE(flag.text.find("2023-06-19"), std::string::npos) << flag.text;
  }
}

TEST_F(RealFormatsTest, TheHaltOf2023IsFlaggedAsFrozen) {
  const Imported imported = import("binance_kline_ms_BTCUSDT-1m-2023-03-24.zip", {});
  ASSERT_TRUE(flagged(imported, "frozen_bars"));
  EXPECT_EQ(imported.quality.front().count, 72);
  ASSERT_EQ(imported.delivery.gaps.size(), 1u);
  EXPECT_EQ(format_time(imported.delivery.gaps[0].after), "2023-03-24T12:40:00Z");
  EXPECT_EQ(format_time(imported.delivery.gaps[0].before), "2023-03-24T14:00:00Z");
}

TEST_F(RealFormatsTest, TheAdjustedCloseIsTakenWhereItIsAskedFor) {
  const Imported imported = import("yahoo_nulls_PTR.csv", {.adjusted = true});
  const BarSeries& bars = imported.delivery.bars;
  EXPECT_NEAR(bars.close(0), 103.803345, 1e-9);
  EXPECT_NEAR(bars.open(0), 119.0 * 103.803345 / 117.860001, 1e-9);
}

// The names of the 28 files are of no help: only a symbol or a date may come from them.
TEST_F(RealFormatsTest, AreReadTheSameUnderAnotherName) {
  for (const Expected& one : expected()) {
    SCOPED_TRACE(one.file);
    Named named = one.said;
    named.symbol = one.symbol;
    const std::string content = bytes(one.file);
    const Result<Detection> found = detect(content, "download", named);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_TRUE(found->questions.empty()) << unanswered(*found, "download").message;
    const Request request{Symbol::parse(one.symbol).value(), found->format.timeframe,
                          own_calendar(found->format)};
    const Result<Imported> imported = read_bars(content, "download", found->format, request, BadRows::skip);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(imported->delivery.bars.size(), one.count);
    for (const Listed& listed : one.bars) expect_bar(imported->delivery.bars, listed);
  }
}

}  // namespace
}  // namespace pawl::market::formats
