// expr[MARKET]: how it is written, what it is called, and what is refused.
#include "features/expr.h"

#include "features/bars_for_features.h"

namespace pawl::features {
namespace {

const std::vector<std::string> kJoined = {"vix"};

std::vector<Symbol> markets() {
  return {*Symbol::parse("SPY"), *Symbol::parse("EURUSD.m"), *Symbol::parse("BRK.B")};
}

// "name = expression on MARKET" of each, or the mistake.
std::vector<std::string> found_in(const std::vector<std::string>& specs) {
  const auto found = find_other_markets(specs, kH1, kJoined, markets());
  if (!found) return {found.error().message};
  std::vector<std::string> lines;
  for (const OtherMarket& other : *found) {
    lines.push_back(fmt::format("{} = {} on {}", other.name, other.expression, other.market));
  }
  return lines;
}

TEST(OtherMarket, IsFoundUnderOneName) {
  const std::pair<const char*, const char*> table[] = {
      {"ret(1)[SPY]", "ret(1)[SPY] = ret(1) on SPY"},
      {" ret ( 1 ) [ spy ] ", "ret(1)[SPY] = ret(1) on SPY"},
      {"close / close[EUR/USD]", "close[EUR_USD] = close on EUR_USD"},
      {"close[EURUSD] - close[eur_usd]", "close[EUR_USD] = close on EUR_USD"},
      {"rsi[BRK.B]", "rsi(14)[BRK.B] = rsi(14) on BRK.B"},
      {"rsi(14)@H4[SPY]", "rsi(14)@H4[SPY] = rsi(14)@H4 on SPY"},
      {"(close / sma(50))[SPY] - 1", "(close/sma(50))[SPY] = close/sma(50) on SPY"},
      {"(-close)[SPY]", "(-close)[SPY] = -close on SPY"},
      {"((rsi(5)))[SPY]", "rsi(5)[SPY] = rsi(5) on SPY"},
      {"ema(lag(ret(1),2)[SPY], 10) * vix", "lag(ret(1),2)[SPY] = lag(ret(1),2) on SPY"},
  };
  for (const auto& [text, wanted] : table)
    EXPECT_EQ(found_in({text}), std::vector<std::string>{wanted}) << text;
}

TEST(OtherMarket, IsNamedOnceInAList) {
  EXPECT_EQ(found_in({"ret(1)[SPY] - ret(1)", "ret(1)", "close[BRK.B] + ret(1)[SPY]"}),
            (std::vector<std::string>{"ret(1)[SPY] = ret(1) on SPY", "close[BRK.B] = close on BRK.B"}));
  EXPECT_EQ(found_in({"ret(1)", "vix"}), std::vector<std::string>{});
}

TEST(OtherMarket, ReadsItsJoinedColumnAndIsWrittenInOneForm) {
  const std::vector<std::string> joined = {"vix", "ret(1)[SPY]", "(close/sma(50))[SPY]"};
  for (const auto& [text, wanted] :
       {std::pair<std::string, std::string>{"ret(1)[ spy ]-ret(1)", "ret(1)[SPY]-ret(1)"},
        {"ema(ret(1)[SPY], 12)", "ema(ret(1)[SPY],12)"},
        {"lag( (close / sma(50))[SPY], 3)", "lag((close/sma(50))[SPY],3)"}}) {
    const auto expr = parse_expression(text, kH1, joined);
    ASSERT_TRUE(expr) << expr.error().message;
    EXPECT_EQ(canonical_text(*expr), wanted);
    const auto again = parse_expression(wanted, kH1, joined);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(canonical_text(*again), wanted);
  }
  const auto expr = parse_expression("(close/sma(50))[SPY]", kH1, joined);
  ASSERT_TRUE(expr);
  EXPECT_EQ(expr->type, Expr::Type::joined);
  EXPECT_EQ(expr->joined, 2U);
}

TEST(OtherMarket, HasTheValuesOfItsColumnInARow) {
  BarSeries bars(1);
  const BarSeries plain = random_bars(3, 50);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const double value = 0.001 * static_cast<double>(i);
    bars.append(plain[i], std::span(&value, 1));
  }
  const auto list = FeatureList::parse(std::vector<std::string>{"ret(1) - ret(1)[SPY]", "ret(1)"}, kH1,
                                       MarketCalendar::utc_always(), {"ret(1)[SPY]"});
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->specs().front(), "ret(1)-ret(1)[SPY]");
  const FeatureFrame frame = rows_of(*list, bars);
  for (std::size_t i = 1; i < bars.size(); ++i) {
    EXPECT_EQ(frame.row(i)[0], frame.row(i)[1] - 0.001 * static_cast<double>(i));
  }
}

TEST(OtherMarket, AMistakeIsNamedWithItsPlaceAndAWayOut) {
  struct Mistake {
    const char* text;
    std::size_t column;
    const char* words;
  };
  const Mistake table[] = {
      {"ret(1)[QQQ]", 8,
       "there are no bars of QQQ here; known markets: SPY EUR_USD BRK.B; a market from "
       "outside is made known by outside: [name = bars(QQQ)]"},
      {"close[SPY", 7, "the end where the bracket is open"},
      {"close[]", 7, "write the name of a market"},
      {"close[SPY ; DROP]", 7, "write the name of a market"},
      {"ema(close[SPY], 3)[BRK.B]", 19, "a market within a market"},
      {"close[SPY][BRK.B]", 11, "a market within a market"},
      {"rsi(14)[SPY]@H4", 13, "@ stands before the bracket: rsi(14)@H4[SPY]"},
      {"ema(ret(1)[SPY], 3)@H4", 20, "it can stand before the bracket"},
      {"vix[SPY]", 4, "vix cannot stand within [ ]"},
      {"(close - vix)[SPY]", 14, "vix cannot stand within [ ]"},
      {"close * (3)[SPY]", 12, "a number is the same on every market"},
      {"rsy(14)[SPY]", 1, "did you mean \"rsi\"?"},
  };
  for (const Mistake& mistake : table) {
    const std::vector<std::string> found = found_in({mistake.text});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0].find(fmt::format("column {}: ", mistake.column)), std::string::npos) << found[0];
    EXPECT_NE(found[0].find(mistake.words), std::string::npos) << found[0];
  }
  const auto alone = parse_expression("close[SPY]/close", kH1);
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().message.find("close[SPY] is not among what is joined to these bars"),
            std::string::npos)
      << alone.error().message;
}

}  // namespace
}  // namespace pawl::features
