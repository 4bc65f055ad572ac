#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/hash.h"
#include "domain/bar_series.h"
#include "domain/costs.h"
#include "domain/event.h"
#include "domain/evidence.h"
#include "domain/feature_frame.h"
#include "domain/version.h"

namespace pawl {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

Bar good_bar() {
  return {0, 60'000, 10, 12, 9, 11, 5};
}

TEST(BarTest, AFaultNamesTheFieldAndTheReason) {
  const auto fault = [](auto&& change) {
    Bar bar = good_bar();
    change(bar);
    const BarFault found = find_fault(bar);
    return found.any() ? found.field + " " + found.reason : std::string();
  };
  EXPECT_EQ(fault([](Bar&) {}), "");
  EXPECT_EQ(fault([](Bar& b) { b.open = b.high = b.low = b.close = 10; }), "");
  EXPECT_EQ(fault([](Bar& b) { b.volume = 0; }), "");
  EXPECT_EQ(fault([](Bar& b) { b.open = kNan; }), "open is not a finite number");
  EXPECT_EQ(fault([](Bar& b) { b.high = kInf; }), "high is not a finite number");
  EXPECT_EQ(fault([](Bar& b) { b.low = 0; }), "low is not above zero");
  EXPECT_EQ(fault([](Bar& b) { b.close = -1; }), "close is not above zero");
  EXPECT_EQ(fault([](Bar& b) { b.high = 8; }), "high is below the low");
  EXPECT_EQ(fault([](Bar& b) { b.high = 9.5; }), "high is below the open");
  EXPECT_EQ(fault([](Bar& b) { b.high = 10.5; }), "high is below the close");
  EXPECT_EQ(fault([](Bar& b) { b.low = 10.5; }), "low is above the open");
  EXPECT_EQ(fault([](Bar& b) { b.open = 12, b.low = 11.5; }), "low is above the close");
  EXPECT_EQ(fault([](Bar& b) { b.volume = -1; }), "volume is negative");
  EXPECT_EQ(fault([](Bar& b) { b.volume = kNan; }), "volume is not a finite number");
  EXPECT_EQ(fault([](Bar& b) { b.close_time = b.open_time; }), "close_time is not after the open time");
}

TEST(BarSeriesTest, FindsBarsByTime) {
  BarSeries series;
  for (TimeMs t : {0, 60'000, 180'000}) series.append({t, t + 60'000, 1, 1, 1, 1, double(t)});
  EXPECT_EQ(series.count_known_at(59'999), 0u);
  EXPECT_EQ(series.count_known_at(60'000), 1u);  // known from its close on
  EXPECT_EQ(series.count_known_at(200'000), 2u);
  EXPECT_EQ(series.count_opened_before(60'000), 1u);
  EXPECT_EQ(series.count_opened_before(60'001), 2u);
  EXPECT_EQ(series.count_opened_before(1'000'000), 3u);
}

TEST(BarSeriesTest, SlicesBlocksAndConcatenationAreTheSameBars) {
  BarSeries series;
  for (TimeMs t = 0; t < 10; ++t) series.append({t, t + 1, 1, 2, 1, double(t + 1), double(t)});
  const BarSeries middle = series.slice(3, 7);
  ASSERT_EQ(middle.size(), 4u);
  EXPECT_EQ(middle[0], series[3]);
  const BarBlock block = series.block(3, 4);
  ASSERT_EQ(block.size(), 4u);
  EXPECT_EQ(block.close[3], series.close(6));
  BarSeries joined = series.slice(0, 3);
  joined.append(middle);
  joined.append(series.slice(7, 10));
  ASSERT_EQ(joined.size(), series.size());
  for (std::size_t i = 0; i < series.size(); ++i) EXPECT_EQ(joined[i], series[i]);
  EXPECT_EQ(joined.back(), series[9]);
}

TEST(BarSeriesTest, JoinedColumnsGoWithTheirBars) {
  BarSeries series(2);
  for (TimeMs t = 0; t < 10; ++t) {
    const double values[] = {t == 4 ? kNan : double(t), 100.0 + double(t)};
    series.append({t, t + 1, 1, 2, 1, 1, 0}, values);
  }
  ASSERT_EQ(series.joined_columns(), 2u);
  EXPECT_EQ(series.joined(1, 7), 107);
  EXPECT_TRUE(std::isnan(series.joined(0, 4)));
  const BarBlock block = series.block(3, 5);
  ASSERT_EQ(block.joined_columns(), 2u);
  ASSERT_EQ(block.joined(1).size(), 5u);
  EXPECT_EQ(block.joined(1)[0], 103);
  EXPECT_EQ(block.part(2, 2).joined(0)[1], 6);
  EXPECT_EQ(block.part(2, 2).close_time[1], 7);
  BarSeries again = series.slice(0, 6);
  again.append(series.slice(6, 10));
  ASSERT_EQ(again.joined_columns(), 2u);
  for (std::size_t i = 0; i < series.size(); ++i) EXPECT_EQ(again.joined(1, i), series.joined(1, i));
}

TEST(BarSeriesTest, HasNoJoinedColumnsUnlessAskedFor) {
  BarSeries series;
  series.append({0, 1, 1, 1, 1, 1, 0});
  EXPECT_EQ(series.joined_columns(), 0u);
  EXPECT_EQ(series.all().joined_columns(), 0u);
}

TEST(CostsTest, PipsAreTakenOfThePrice) {
  EXPECT_DOUBLE_EQ((Costs{.per_side_bp = 5}).round_trip(100), 0.001);
  EXPECT_DOUBLE_EQ((Costs{.per_side_pips = 0.5}).fraction(1.25), 0.00004);
}

TEST(VersionNumberTest, ReadsItsOwnFormAndTwoShorterOnes) {
  EXPECT_EQ(VersionNumber{123}.text(), "v000123");
  for (const char* text : {"v000123", "v123", "123"})
    EXPECT_EQ(VersionNumber::parse(text)->value, 123) << text;
  for (const char* text : {"", "v", "-1", "v-1", "12x", "v1 ", "99999999999999999999"}) {
    EXPECT_FALSE(VersionNumber::parse(text)) << text;
  }
}

TEST(ScorecardTest, UndefinedScoresGoThroughJsonWithTheirReasons) {
  Scorecard card;
  card.set("accuracy", 0.53);
  card.set_undefined("sharpe", "no trades");
  EXPECT_EQ(card.to_json().dump(), R"({"accuracy":0.53,"sharpe":null,"undefined":{"sharpe":"no trades"}})");
  const Result<Scorecard> back = Scorecard::from_json(card.to_json());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->get("accuracy"), 0.53);
  EXPECT_EQ(back->get("sharpe"), std::nullopt);
  EXPECT_EQ(back->find("sharpe")->why_undefined, "no trades");
  EXPECT_EQ(back->find("f1"), nullptr);
  card.set("sharpe", 1.5);
  EXPECT_EQ(card.to_json().dump(), R"({"accuracy":0.53,"sharpe":1.5})");
}

TEST(ScorecardTest, ANullWithoutAReasonIsBadData) {
  for (const char* text :
       {R"({"f1":null})", R"({"f1":"x"})", R"([1])", R"({"f1":null,"undefined":{"f1":3}})"}) {
    const Result<Scorecard> card = Scorecard::from_json(parse_json(text).value());
    ASSERT_FALSE(card) << text;
    EXPECT_EQ(card.error().code, ErrorCode::bad_data);
  }
}

TEST(RowDigestTest, IsTheHashOfTheBits) {
  const std::vector<double> row = {1.0, -0.0, kNan};
  EXPECT_EQ(row_digest(row).size(), 16u);
  EXPECT_NE(row_digest(row), row_digest(std::vector<double>{1.0, 0.0, kNan}));
  const std::string bits("\0\0\0\0\0\0\xf0\x3f", 8);  // 1.0, little-endian
  EXPECT_EQ(row_digest(std::vector<double>{1.0}), sha256_hex(bits).substr(0, 16));
}

TEST(EventTest, IsOneLineOfJson) {
  const Event event{7, parse_time("2023-03-24T12:00:00Z").value(), "bar", "BTC/USDT \"x\"", R"({"close":1})"};
  const std::string line = to_ndjson(event);
  EXPECT_EQ(
      line,
      R"({"seq":7,"known_at":"2023-03-24T12:00:00Z","kind":"bar","line":"BTC/USDT \"x\"","data":{"close":1}})");
  EXPECT_TRUE(parse_json(line));
}

TEST(EvidenceTest, ChecksAndDecisionsHaveNames) {
  EXPECT_EQ(decision_name(Decision::promote), "promote");
  EXPECT_EQ(decision_name(Decision::keep), "keep");
  EXPECT_EQ(decision_name(Decision::insufficient), "insufficient");
  EXPECT_EQ(to_json(Check{"margin", 0.5, std::nullopt, true, ""}).dump(),
            R"({"limit":null,"name":"margin","pass":true,"value":0.5})");
}

TEST(RowRangeTest, GoesThroughJson) {
  const RowRange range{0, kDayMs, 24};
  const Result<RowRange> back = row_range_from_json(to_json(range));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->to, kDayMs);
  EXPECT_EQ(back->rows, 24);
  EXPECT_FALSE(
      row_range_from_json(parse_json(R"({"from":"x","to":"1970-01-01T00:00:00Z","rows":1})").value()));
}

}  // namespace
}  // namespace pawl
