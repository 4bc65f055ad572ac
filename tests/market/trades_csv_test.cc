// C3: the training data file of a trade filter.
#include "market/trades_csv.h"

#include <gtest/gtest.h>

#include "support/test_files.h"

namespace pawl::market {
namespace {

const std::string kHeader = "rsi,macd,macd_signal,adx,atr,ema_fast,ema_slow,volume,profitable,signal_type\n";
const std::string kFirst = "55.2,0.00012,0.0001,24.8,0.0011,1.0834,1.0829,1250,1,BUY\n";

TradeRow row_of(double rsi, bool profitable, Side side) {
  return {.indicators = {rsi, 0.00012, 0.0001, 24.8, 0.0011, 1.0834, 1.0829, 1250},
          .profitable = profitable,
          .side = side};
}

Result<TradeRows> read(const std::string& text) {
  return read_trades_csv(text, "training_data.csv");
}

std::string message(const std::string& text) {
  const auto rows = read(text);
  if (rows) return "no error";
  EXPECT_EQ(rows.error().code, ErrorCode::bad_data);
  return rows.error().message;
}

TEST(TradesCsv, C3ReadsTheOriginalsFileInItsOrder) {
  const auto read_back = read(kHeader + kFirst + "70,1e-4,0,30,0.002,1,2,0,0,SELL\n");
  ASSERT_TRUE(read_back) << read_back.error().message;
  ASSERT_EQ(read_back->rows.size(), 2u);
  EXPECT_EQ(read_back->rows[0], row_of(55.2, true, Side::buy));
  EXPECT_EQ(read_back->rows[1].indicators[1], 1e-4);
  EXPECT_FALSE(read_back->rows[1].profitable);
  EXPECT_EQ(read_back->rows[1].side, Side::sell);
  EXPECT_EQ(read_back->lines, (std::vector<std::int64_t>{2, 3}));
  EXPECT_FALSE(read_back->half_line);
}

TEST(TradesCsv, C3SidesAndResultsMayBeWrittenInSeveralWays) {
  for (const auto& [words, profitable, side] : {std::tuple{"1,BUY", true, Side::buy},
                                                {"0,SELL", false, Side::sell},
                                                {"true,1", true, Side::buy},
                                                {"False,-1", false, Side::sell},
                                                {" True , buy", true, Side::buy},
                                                {"\"1\",\"SELL\"", true, Side::sell}}) {
    const auto one = read(kHeader + "1,2,3,4,5,6,7,8," + words + "\r\n");
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_EQ(one->rows.at(0).profitable, profitable) << words;
    EXPECT_EQ(one->rows.at(0).side, side) << words;
  }
}

TEST(TradesCsv, C3ColumnsMayStandInAnyOrderAmongOthers) {
  const auto one = read(
      "signal_type,profitable,ticket,volume,ema_slow,ema_fast,atr,adx,macd_signal,macd,RSI\n"
      "SELL,1,77,8,7,6,5,4,3,2,1\n");
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->rows.at(0).indicators, (std::array<double, 8>{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(TradesCsv, C3ErrorsNameFileLineAndField) {
  EXPECT_EQ(message(kHeader + kFirst + "x,2,3,4,5,6,7,8,1,BUY\n"),
            "training_data.csv:3: field `rsi`: \"x\" is not a number");
  EXPECT_EQ(message(kHeader + "1,2,3,nan,5,6,7,8,1,BUY\n"),
            "training_data.csv:2: field `adx`: \"nan\" is not a number");
  EXPECT_EQ(message(kHeader + "1,2,3,4,5,6,7,8,2,BUY\n"),
            "training_data.csv:2: field `profitable`: \"2\" is neither 1 nor 0, true nor false");
  EXPECT_EQ(message(kHeader + "1,2,3,4,5,6,7,8,1,HOLD\n"),
            "training_data.csv:2: field `signal_type`: \"HOLD\" is neither BUY nor SELL, 1 nor -1");
  EXPECT_EQ(message(kHeader + "1,2,3\n" + kFirst),
            "training_data.csv:2: the line has 3 fields and the header 10");
  EXPECT_NE(message("rsi,macd\n").find("training_data.csv:1: column `macd_signal` is missing"),
            std::string::npos);
  EXPECT_NE(message("").find("the file is empty"), std::string::npos);
}

TEST(TradesCsv, C3AHalfLastLineIsNotARowAndAWholeOneIs) {
  const auto half = read(kHeader + kFirst + "55.2,0.00012,0.00");
  ASSERT_TRUE(half) << half.error().message;
  EXPECT_EQ(half->rows.size(), 1u);
  EXPECT_TRUE(half->half_line);
  const auto whole = read(kHeader + kFirst + "1,2,3,4,5,6,7,8,1,BUY");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->rows.size(), 2u);
  EXPECT_FALSE(whole->half_line);
}

TEST(TradesCsv, C3AppendedRowsReadBackBitForBit) {
  test::TempFolder folder;
  RealFileSystem files;
  TradesCsvFile file(files, folder / "data" / "training_data.csv");
  std::vector<TradeRow> rows = {row_of(0.1 + 0.2, true, Side::buy), row_of(1e-300, false, Side::sell),
                                row_of(-123456789.125, true, Side::sell)};
  for (const TradeRow& row : rows) {
    const Status appended = file.append(row);
    ASSERT_TRUE(appended) << appended.error().message;
  }
  const std::string text = test::read_file(folder / "data" / "training_data.csv");
  EXPECT_TRUE(text.starts_with(kHeader));
  EXPECT_EQ(read(text)->rows, rows);
}

// A process that dies in a write leaves any number of its bytes: whatever they are, the next line makes the
// file whole again, and no finished line is lost.
TEST(TradesCsv, C3AKillAtAnyByteLeavesWholeLinesAfterTheNextAppend) {
  const std::string whole = kHeader + kFirst + trades_csv_line(row_of(60, false, Side::sell)) + "\n";
  const TradeRow next = row_of(61, true, Side::buy);
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    test::TempFolder folder;
    test::write_file(folder / "t.csv", whole.substr(0, bytes));
    RealFileSystem files;
    TradesCsvFile file(files, folder / "t.csv");
    const Status appended = file.append(next);
    ASSERT_TRUE(appended) << bytes << ": " << appended.error().message;
    // The lines that were finished, an end of line apart, and the new one.
    std::size_t finished = 0;
    if (bytes + 1 >= kHeader.size() + kFirst.size())
      finished = kHeader.size() + kFirst.size();
    else if (bytes + 1 >= kHeader.size())
      finished = kHeader.size();
    if (bytes + 1 >= whole.size()) finished = whole.size();
    std::string expected = finished == 0 ? kHeader : whole.substr(0, finished);
    expected += trades_csv_line(next) + "\n";
    EXPECT_EQ(test::read_file(folder / "t.csv"), expected) << "killed after " << bytes << " bytes";
  }
}

TEST(TradesCsv, C3AFileThatWasMovedAwayIsBegunAgain) {
  test::TempFolder folder;
  RealFileSystem files;
  TradesCsvFile file(files, folder / "t.csv");
  ASSERT_TRUE(file.append(row_of(1, true, Side::buy)));
  std::filesystem::remove(folder / "t.csv");
  ASSERT_TRUE(file.append(row_of(2, true, Side::buy)));
  EXPECT_EQ(read(test::read_file(folder / "t.csv"))->rows.size(), 1u);
}

TEST(TradesCsv, C3AFileOfOtherColumnsIsLeftAlone) {
  test::TempFolder folder;
  test::write_file(folder / "t.csv", "a,b\n1,2\n");
  RealFileSystem files;
  TradesCsvFile file(files, folder / "t.csv");
  const Status refused = file.append(row_of(1, true, Side::buy));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_data);
  EXPECT_EQ(test::read_file(folder / "t.csv"), "a,b\n1,2\n");
}

}  // namespace
}  // namespace pawl::market
