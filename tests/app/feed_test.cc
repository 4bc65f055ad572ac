// D10 from files to bars: real bars, rates and counts of tweets, and filings that are written here; each row
// as it was known at the bar's close, looked up by hand.
#include "app/feed.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/gzip.h"
#include "features/engine.h"
#include "support/test_files.h"

namespace pawl::app {
namespace {

using test::shared_data;

constexpr const char* kFilings =
    "symbol,known_at,eps_ttm,dividends_ttm,insider_net,news_score\n"
    "AAPL,2016-01-26T21:30:00Z,9.40,2.03,,\n"
    "AAPL,2016-02-03,,,-1000,\n"
    "AAPL,2016-02-10T20:59:59Z,,,400,0.5\n"
    "AAPL,2016-02-10T21:00:00Z,,,,-0.2\n"
    "AAPL,2016-02-10T21:00:01Z,,,,0.9\n"
    "MSFT,2016-01-28T21:05:00Z,2.60,1.34,,\n"
    "AAPL,2016-04-26T20:30:00Z,9.00,2.08,,\n";

class Feeds : public testing::Test {
 protected:
  void SetUp() override {
    if (!shared_data()) GTEST_SKIP() << test::kNoSharedData;
    test::write_file(folder_ / "filings.csv", kFilings);
    const std::string data = shared_data()->string();
    const std::string yaml = fmt::format(
        R"yaml(schema: 1
recipe: known
symbols: [AAPL, MSFT]
pool: true
bars: {{base: D1, day_anchor: "America/New_York 16:00", session: weekdays, bad_rows: skip}}
source: {{kind: csv, files: ["{0}/stocks/AAPL_1d.csv.gz", "{0}/stocks/MSFT_1d.csv.gz", "{0}/stocks/SPY_1d.csv.gz",
         "{0}/stocks/VIX_1d.csv.gz"]}}
outside: ["spy = bars(SPY)", "vix = bars(VIX, 15)", "dgs10 = series(DGS10, 1)", "dgs2 = series(DGS2, 1)",
          "dgs10_later = series(DGS10, 3)", "tweets = filing(tweets)", "eps = filing(eps_ttm)",
          "filed = filing_age(eps_ttm)", "dividends = filing(dividends_ttm)",
          "insiders = window_sum(insider_net, 90)", "news = decayed_sum(news_score, 24)"]
outside_files: ["{0}/macro/DGS10.csv.gz", "{0}/macro/DGS2.csv.gz", "{0}/sentiment/tweets_per_day.csv.gz", "{1}"]
features: ["ret(1) - ret(1)[SPY]", "close[VIX] - vix", "dgs10 - dgs2", "close/eps", "dividends/close",
           "zscore(tweets, 30)", "ret(20)[MSFT] - ret(20)[SPY]", filed, insiders, news]
label: {{kind: horizon_return}}
model: {{kind: xgboost}}
signal: {{kind: edge}}
gate: {{policy: better}}
)yaml",
        data, (folder_ / "filings.csv").string());
    auto recipe = recipe::load_recipe(yaml, "known.yaml", {});
    ASSERT_TRUE(recipe) << recipe.error().message;
    recipe_ = std::move(*recipe);
    const FeedSpan span = {.from = *parse_time("2015-06-01T00:00:00Z"),
                           .to = *parse_time("2016-06-01T00:00:00Z")};
    auto feed = fetch_feed(recipe_, span, {});
    ASSERT_TRUE(feed) << feed.error().message;
    auto joined = join_feed(recipe_, *feed);
    ASSERT_TRUE(joined) << joined.error().message;
    apple_ = std::move(joined->front());
    auto list = features::FeatureList::parse(recipe_.features, recipe_.base, recipe_.calendar,
                                             recipe_.outside_names());
    ASSERT_TRUE(list) << list.error().message;
    rows_.resize(apple_.size() * list->size());
    std::vector<std::uint8_t> ready(apple_.size());
    features::Engine engine(*list);
    engine.update(apple_.all(), rows_, ready);
  }

  std::size_t bar_of(const std::string& close) const {
    const std::size_t known = apple_.count_known_at(*parse_time(close));
    EXPECT_EQ(format_time(apple_.close_time(known - 1)), close);
    return known - 1;
  }
  double joined(const std::string& name, const std::string& close) const {
    const std::vector<std::string> names = recipe_.outside_names();
    const auto found = std::find(names.begin(), names.end(), name);
    EXPECT_NE(found, names.end()) << name;
    return apple_.joined(static_cast<std::size_t>(found - names.begin()), bar_of(close));
  }
  double feature(std::size_t column, const std::string& close) const {
    return rows_[bar_of(close) * recipe_.features.size() + column];
  }

  // One field of a line that begins so, in a file of shared data.
  static double in_file(const std::string& file, const std::string& begins, std::size_t column) {
    const auto text = gunzip(test::read_file(*shared_data() / file));
    EXPECT_TRUE(text);
    std::size_t at = text->find("\n" + begins);
    EXPECT_NE(at, std::string::npos) << file << " " << begins;
    std::string line = text->substr(at + 1, text->find('\n', at + 1) - at - 1);
    for (; column > 0; --column) line = line.substr(line.find(',') + 1);
    return std::stod(line.substr(0, line.find(',')));
  }

  test::TempFolder folder_;
  recipe::Recipe recipe_;
  BarSeries apple_;
  std::vector<double> rows_;
};

// 2016-02-10 was a Wednesday; New York closes at 21:00 UTC.
TEST_F(Feeds, JoinMarketsOfTheSameCloseAndTheIndexADayLater) {
  const auto close = [](const std::string& symbol, const std::string& date) {
    return in_file("stocks/" + symbol + "_1d.csv.gz", date, 4);
  };
  const std::string at = "2016-02-10T21:00:00Z";
  EXPECT_EQ(joined("spy", at), close("SPY", "2016-02-10"));
  EXPECT_NEAR(joined("ret(1)[SPY]", at), close("SPY", "2016-02-10") / close("SPY", "2016-02-09") - 1, 1e-12);
  EXPECT_NEAR(feature(0, at),
              close("AAPL", "2016-02-10") / close("AAPL", "2016-02-09") -
                  close("SPY", "2016-02-10") / close("SPY", "2016-02-09"),
              1e-12);
  EXPECT_EQ(joined("vix", at), close("VIX", "2016-02-09"));
  EXPECT_EQ(feature(1, at), 0) << "delayed as its bars are";
  EXPECT_NEAR(joined("ret(20)[MSFT]", at), close("MSFT", "2016-02-10") / close("MSFT", "2016-01-12") - 1,
              1e-12);
}

TEST_F(Feeds, JoinRatesAfterTheirRelease) {
  const auto rate = [](const std::string& name, const std::string& date) {
    return in_file("macro/" + name + ".csv.gz", date, 1);
  };
  // Monday's is published on Tuesday and known when Tuesday has ended: on Wednesday.
  const std::string at = "2016-02-10T21:00:00Z";
  EXPECT_EQ(joined("dgs10", at), rate("DGS10", "2016-02-08"));
  EXPECT_NEAR(feature(2, at), rate("DGS10", "2016-02-08") - rate("DGS2", "2016-02-08"), 1e-12);
  EXPECT_EQ(joined("dgs10_later", at), rate("DGS10", "2016-02-04")) << "two series of one file";
}

TEST_F(Feeds, JoinADaysCountWhenTheDayHasEnded) {
  // On a Monday: the Sunday's, at 21:00 UTC the newest day that is over.
  const std::string at = "2015-12-07T21:00:00Z";
  EXPECT_EQ(joined("tweets", at), in_file("sentiment/tweets_per_day.csv.gz", "2015-12-06,AAPL", 2));
  EXPECT_FALSE(std::isnan(feature(5, at)));
}

TEST_F(Feeds, JoinFilingsFromTheirInstantOn) {
  // Half an hour after the close of the 26th.
  EXPECT_TRUE(std::isnan(joined("eps", "2016-01-26T21:00:00Z")));
  EXPECT_TRUE(std::isnan(joined("filed", "2016-01-26T21:00:00Z")));
  EXPECT_EQ(joined("eps", "2016-01-27T21:00:00Z"), 9.40);
  EXPECT_NEAR(joined("filed", "2016-01-27T21:00:00Z"), 23.5 / 24, 1e-12);
  EXPECT_NEAR(joined("filed", "2016-02-10T21:00:00Z"), 15 - 0.5 / 24, 1e-12);
  const double price = apple_.close(bar_of("2016-02-10T21:00:00Z"));
  EXPECT_EQ(feature(3, "2016-02-10T21:00:00Z"), price / 9.40) << "P/E with the bar's own close";
  EXPECT_EQ(feature(4, "2016-02-10T21:00:00Z"), 2.03 / price);
  EXPECT_EQ(joined("eps", "2016-04-26T20:00:00Z"), 9.40) << "the next one comes after this close";
  EXPECT_EQ(joined("eps", "2016-04-27T20:00:00Z"), 9.00);
}

TEST_F(Feeds, JoinNewsAndInsidersByTheirInstant) {
  // A date alone: from the end of that day on.
  EXPECT_TRUE(std::isnan(joined("insiders", "2016-02-03T21:00:00Z")));
  EXPECT_EQ(joined("insiders", "2016-02-04T21:00:00Z"), -1000);
  EXPECT_EQ(joined("insiders", "2016-02-10T21:00:00Z"), -600);
  EXPECT_EQ(joined("insiders", "2016-05-09T20:00:00Z"), 400) << "ninety days later the first is gone";
  // Two items by the close, the second at the very instant; a third a second later.
  EXPECT_NEAR(joined("news", "2016-02-10T21:00:00Z"), 0.5 * std::exp2(-1 / 86400.0) - 0.2, 1e-12);
  EXPECT_NEAR(joined("news", "2016-02-11T21:00:00Z"),
              0.5 * std::exp2(-86401 / 86400.0) - 0.2 / 2 + 0.9 * std::exp2(-86399 / 86400.0), 1e-12);
}

}  // namespace
}  // namespace pawl::app
