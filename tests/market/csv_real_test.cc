// Every bar file of the shared data set, against what its manifest says and against a second reader.
#include <gtest/gtest.h>

#include <bit>
#include <sstream>

#include "market/sources/csv.h"
#include "support/real_bars.h"
#include "support/test_files.h"

namespace pawl::market {
namespace {

MarketCalendar calendar_of(const std::string& file, Timeframe timeframe) {
  const auto make = [](const char* anchor, const char* session) {
    return MarketCalendar::make(anchor, session).value();
  };
  if (file.starts_with("crypto/")) return MarketCalendar::utc_always();
  if (file.starts_with("stocks/")) return make("America/New_York 16:00", "09:30-16:00");
  if (file.starts_with("minute/")) return make("America/New_York 00:00", "weekdays");
  // The H4 files keep the grid of their broker's server, which runs on Eastern European time.
  return timeframe == kH4 ? make("Europe/Athens 00:00", "weekdays")
                          : make("America/New_York 17:00", "weekdays");
}

struct ManifestRow {
  std::string file, first, last;
  std::size_t rows = 0;
  std::int64_t inconsistent = 0;
};

// The manifest's table of price files: | file | rows | first | last | … | inconsistent OHLC rows (10th) | …
std::vector<ManifestRow> read_manifest(const std::filesystem::path& data) {
  std::istringstream lines(test::read_file(data / "MANIFEST.md"));
  std::vector<ManifestRow> rows;
  for (std::string line; std::getline(lines, line) && line != "## Sources";) {
    if (!line.starts_with("| crypto/") && !line.starts_with("| forex/") && !line.starts_with("| minute/") &&
        !line.starts_with("| stocks/")) {
      continue;
    }
    std::vector<std::string> cells;
    std::istringstream cell_stream(line.substr(2));
    for (std::string cell; std::getline(cell_stream, cell, '|');) {
      cells.push_back(cell.substr(cell.find_first_not_of(' '),
                                  cell.find_last_not_of(' ') - cell.find_first_not_of(' ') + 1));
    }
    rows.push_back({cells.at(0), cells.at(2), cells.at(3), std::stoul(cells.at(1)), std::stol(cells.at(8))});
  }
  return rows;
}

Request request_for(const BarFile& file, const std::string& name) {
  return {Symbol::parse(file.symbol).value(), file.timeframe, calendar_of(name, file.timeframe)};
}

class RealCsvTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto data = test::shared_data();
    if (!data) GTEST_SKIP() << test::kNoSharedData;
    data_ = *data;
  }
  Result<Delivery> read(const std::string& name, BadRows bad_rows = BadRows::error) const {
    const BarFile file = parse_bar_file_argument((data_ / name).string()).value();
    return parse_csv(test::read_file(file.path), name, request_for(file, name), bad_rows);
  }
  std::filesystem::path data_;
};

TEST_F(RealCsvTest, EveryFileHasTheRowsThatItsManifestSays) {
  const std::vector<ManifestRow> manifest = read_manifest(data_);
  ASSERT_GT(manifest.size(), 60u);
  for (const ManifestRow& row : manifest) {
    SCOPED_TRACE(row.file);
    const Result<Delivery> strict = read(row.file);
    if (row.inconsistent > 0) {
      // Three stock files have a vendor's error: refused by line, or one row less.
      ASSERT_FALSE(strict);
      EXPECT_NE(strict.error().message.find(row.file + ":"), std::string::npos) << strict.error().message;
      const Result<Delivery> lenient = read(row.file, BadRows::skip);
      ASSERT_TRUE(lenient) << lenient.error().message;
      EXPECT_EQ(lenient->bad_rows, row.inconsistent);
      EXPECT_EQ(lenient->bars.size() + static_cast<std::size_t>(row.inconsistent), row.rows);
      continue;
    }
    ASSERT_TRUE(strict) << strict.error().message;
    ASSERT_EQ(strict->bars.size(), row.rows);
    if (row.file.starts_with("stocks/")) continue;  // dates, not times
    EXPECT_EQ(format_time(strict->bars.open_time(0)), row.first);
    EXPECT_EQ(format_time(strict->bars.back().open_time), row.last);
  }
}

TEST_F(RealCsvTest, BarsAreBitForBitThoseOfASecondReader) {
  for (const char* name :
       {"crypto/BTCUSDT_1h.csv.gz", "forex/EURUSD_M5.csv.gz", "minute/QQQ_1m_2025.csv.gz"}) {
    SCOPED_TRACE(name);
    const Result<Delivery> delivery = read(name);
    ASSERT_TRUE(delivery) << delivery.error().message;
    const Timeframe timeframe = parse_bar_file_argument(name)->timeframe;
    const BarSeries expected = test::read_real_bars(data_ / name, timeframe);
    ASSERT_EQ(delivery->bars.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(delivery->bars[i], expected[i]) << "bar " << i;
  }
}

TEST_F(RealCsvTest, TwoYearsOfBitcoinHaveOneHole) {
  const Result<Delivery> delivery = read("crypto/BTCUSDT_1h.csv.gz");
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->bars.size(), 17519u);
  EXPECT_TRUE(delivery->has_volume);
  ASSERT_EQ(delivery->gaps.size(), 1u);
  // Open times 12:00 and 14:00: the hour from 13:00 is missing.
  EXPECT_EQ(format_time(delivery->gaps[0].after), "2023-03-24T13:00:00Z");
  EXPECT_EQ(format_time(delivery->gaps[0].before), "2023-03-24T14:00:00Z");
}

TEST_F(RealCsvTest, AForexWeekendIsNoHoleAndChristmasIs) {
  const Result<Delivery> delivery = read("forex/EURUSD_H1.csv.gz");
  ASSERT_TRUE(delivery);
  EXPECT_FALSE(delivery->has_volume);
  std::string gaps;
  for (const BarGap& gap : delivery->gaps)
    gaps += format_time(gap.after) + " " + format_time(gap.before) + "\n";
  EXPECT_NE(gaps.find("2018-12-25T08:00:00Z 2018-12-25T22:00:00Z"), std::string::npos) << gaps;
  EXPECT_LE(delivery->gaps.size(), 6u) << gaps;  // the holidays of two years
}

TEST_F(RealCsvTest, AFileOfTheWrongGridSaysWhichAnchorToCheck) {
  const BarFile file = parse_bar_file_argument((data_ / "forex/EURUSD_H4_tickvol.csv.gz").string()).value();
  const Request utc{Symbol::parse(file.symbol).value(), kH4, MarketCalendar::utc_always()};
  const Result<Delivery> delivery = parse_csv(test::read_file(file.path), "h4.csv.gz", utc, BadRows::error);
  ASSERT_FALSE(delivery);
  EXPECT_NE(delivery.error().message.find("h4.csv.gz:2: field \"time\""), std::string::npos);
  EXPECT_NE(delivery.error().message.find("day_anchor"), std::string::npos);
}

}  // namespace
}  // namespace pawl::market
