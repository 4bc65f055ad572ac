#include <gtest/gtest.h>

#include "market/sources/csv.h"
#include "support/test_files.h"

namespace pawl::market {
namespace {

std::string text(std::string_view argument) {
  const Result<BarFile> file = parse_bar_file_argument(argument);
  return file ? fmt::format("{} {} {}", file->symbol, file->timeframe.name(), file->path)
              : file.error().message;
}

TEST(BarFileArgumentTest, ReadsSymbolTimeframeAndPath) {
  EXPECT_EQ(text("BTC/USDT:H1=data/btc.csv"), "BTC/USDT H1 data/btc.csv");
  EXPECT_EQ(text("EURUSD:5m=a=b:c.csv"), "EURUSD M5 a=b:c.csv");
  EXPECT_EQ(text("BTC/USDT:USDT:1h=p.csv"), "BTC/USDT:USDT H1 p.csv");
  EXPECT_EQ(text("ES=F:D1=p.csv"), "ES=F D1 p.csv");
}

TEST(BarFileArgumentTest, ReadsTheFilesNameWhereItSaysIt) {
  EXPECT_EQ(text("/data/BTCUSDT_1h.csv.gz"), "BTCUSDT H1 /data/BTCUSDT_1h.csv.gz");
  EXPECT_EQ(text("EURUSD_M5_tickvol.csv.gz"), "EURUSD M5 EURUSD_M5_tickvol.csv.gz");
  EXPECT_EQ(text("EUR_USD_H4.csv"), "EUR_USD H4 EUR_USD_H4.csv");
  EXPECT_EQ(text("BRK.B_1d.csv.gz"), "BRK.B D1 BRK.B_1d.csv.gz");
  EXPECT_EQ(text("BTCUSDT_PERP_1h.csv.gz"), "BTCUSDT_PERP H1 BTCUSDT_PERP_1h.csv.gz");
  EXPECT_EQ(text("BTCUSDT-1h-2024-12.csv"), "BTCUSDT H1 BTCUSDT-1h-2024-12.csv");
  EXPECT_EQ(text("x=y/QQQ_1m_2025.csv.gz"), "QQQ M1 x=y/QQQ_1m_2025.csv.gz");
}

TEST(BarFileArgumentTest, ElsewhereTheMessageShowsBothForms) {
  for (const char* argument :
       {"", "btc.csv", "BTCUSDT.csv", "_1h.csv", "H1=btc.csv", "BTC:H7=btc.csv", "dir_1h/btc.csv"}) {
    const Result<BarFile> file = parse_bar_file_argument(argument);
    ASSERT_FALSE(file) << argument;
    EXPECT_EQ(file.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_NE(text("btc.csv").find("SYMBOL:TF=PATH"), std::string::npos);
  EXPECT_NE(text("btc.csv").find("BTCUSDT_1h.csv.gz"), std::string::npos);
  EXPECT_NE(text("BTC:H1=").find("names no file"), std::string::npos);
}

class CsvSourceTest : public testing::Test {
 protected:
  Result<std::unique_ptr<DataSource>> make(const std::string& yaml) {
    const DataSourceKind* kind = find_data_source_kind("csv");
    const Result<Settings> settings =
        Settings::read(kind->schema, parse_yaml(yaml, "test.yaml").value(), "source");
    if (!settings) return propagate(settings);
    return kind->make(*settings);
  }
  static Request request(std::string_view symbol, Timeframe timeframe) {
    return {Symbol::parse(symbol).value(), timeframe, MarketCalendar::utc_always()};
  }
  test::TempFolder folder_;
};

TEST_F(CsvSourceTest, FetchesTheFileOfTheSymbolHoweverItIsWritten) {
  test::write_file(folder_ / "BTCUSDT_1h.csv",
                   "time,open,high,low,close,volume\n2023-01-02T00:00:00Z,10,12,9,11,5\n");
  auto source = make("files: [" + (folder_ / "BTCUSDT_1h.csv").string() + "]");
  ASSERT_TRUE(source) << source.error().message;
  const Result<Delivery> delivery = (*source)->fetch(request("BTC/USDT", kH1), {});
  ASSERT_TRUE(delivery) << delivery.error().message;
  EXPECT_EQ(delivery->bars.size(), 1u);
}

TEST_F(CsvSourceTest, WhatIsMissingIsSaidWithTheRemedy) {
  auto source = make("files: [\"EURUSD:M5=" + (folder_ / "nowhere.csv").string() + "\"]");
  ASSERT_TRUE(source) << source.error().message;
  const Result<Delivery> no_file = (*source)->fetch(request("EUR_USD", kM5), {});
  ASSERT_FALSE(no_file);
  EXPECT_EQ(no_file.error().code, ErrorCode::not_found);
  EXPECT_NE(no_file.error().message.find("nowhere.csv: there is no such file"), std::string::npos);
  const Result<Delivery> no_entry = (*source)->fetch(request("GBPUSD", kM5), {});
  ASSERT_FALSE(no_entry);
  EXPECT_EQ(
      no_entry.error().message,
      "no file with bars of GBPUSD at M5 was given; there is EURUSD:M5. Add one with --bars GBPUSD:M5=PATH");
}

TEST_F(CsvSourceTest, SettingsThatDoNotFitAreBadConfig) {
  for (const char* yaml :
       {"files: [btc.csv]", "files: [BTCUSDT_1h.csv, 'BTC/USDT:H1=b.csv']", "bad_rows: maybe"}) {
    const auto source = make(yaml);
    ASSERT_FALSE(source) << yaml;
    EXPECT_EQ(source.error().code, ErrorCode::bad_config);
  }
}

}  // namespace
}  // namespace pawl::market
