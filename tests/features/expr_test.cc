#include "features/expr.h"

#include "features/bars_for_features.h"

namespace pawl::features {
namespace {

std::string canonical(const std::string& text, Timeframe base = kH1) {
  const auto expr = parse_expression(text, base);
  return expr ? canonical_text(*expr) : expr.error().message;
}

TEST(Expression, IsWrittenInOneForm) {
  const std::pair<const char*, const char*> table[] = {
      {"rsi(14)", "rsi(14)"},
      {" rsi ( 14 ) ", "rsi(14)"},
      {"rsi", "rsi(14)"},
      {"rsi()", "rsi(14)"},
      {"rsi(close,14)", "rsi(14)"},
      {"rsi(volume, 14)", "rsi(volume,14)"},
      {"ema(12)@H4", "ema(12)@H4"},
      {"ema(12) @ 4h", "ema(12)@H4"},
      {"ema(12)@60m", "ema(12)"},
      {"close@D1", "close@D1"},
      {"ema(close@H4, 3)", "ema(close@H4,3)"},
      {"atr(14)/close", "atr(14)/close"},
      {"atr(14)@H4 / close", "atr(14)@H4/close"},
      {"lag(ret(1), 3)", "lag(ret(1),3)"},
      {"ema(12)/ema(26) - 1", "ema(12)/ema(26)-1"},
      {"(close - ema(50)) / atr(14)", "(close-ema(50))/atr(14)"},
      {"zscore(volume,96)", "zscore(volume,96)"},
      {"macd", "macd(12,26,9)"},
      {"macd(5)", "macd(5,26,9)"},
      {"bb_pctb(20, 2.0)", "bb_pctb(20,2)"},
      {"bb_pctb(20, 2.5)", "bb_pctb(20,2.5)"},
      {"obv", "obv"},
      {"hour_sin()", "hour_sin"},
      {"clip(ret(1), -0.5, 1/2)", "clip(ret(1),-0.5,0.5)"},
      {"sma(2*10)", "sma(20)"},
      {"((close))", "close"},
      {"open-(high-low)", "open-(high-low)"},
      {"(open-high)-low", "open-high-low"},
      {"open+(high+low)", "open+(high+low)"},
      {"open*(high/low)", "open*(high/low)"},
      {"open/high/low", "open/high/low"},
      {"(open+high)*low", "(open+high)*low"},
      {"open+(high*low)", "open+high*low"},
      {"-close", "-close"},
      {"-(close*open)", "-(close*open)"},
      {"-close*open", "-close*open"},
      {"--close", "-(-close)"},
      {"close - -1", "close-(-1)"},
      {"close*-open", "close*(-open)"},
      {"close*1e-8", "close*1e-08"},
      {"close*.5", "close*0.5"},
      {"close+1e20", "close+1e+20"},
  };
  for (const auto& [text, wanted] : table) {
    EXPECT_EQ(canonical(text), wanted) << text;
    EXPECT_EQ(canonical(wanted), wanted) << "a canonical text must be a fixed point";
  }
}

struct Mistake {
  const char* text;
  std::size_t column;
  const char* words;  // what the message must say
};

TEST(Expression, AMistakeIsNamedWithItsPlaceAndAWayOut) {
  const Mistake table[] = {
      {"", 1, "empty"},
      {"   ", 4, "empty"},
      {"rsy(14)", 1, "did you mean \"rsi\"?"},
      {"RSI(14)", 1, "did you mean \"rsi\"?"},
      {"close/clse", 7, "did you mean \"close\"?"},
      {"ema(vwopq,3)", 5, "possible: open high low close volume "},
      {"rsi(14", 7, "the end within the arguments of rsi([x=close], [n=14]); possible: + - * / , or )"},
      {"rsi(14))", 8, "\")\" cannot stand here; possible: + - * / or the end"},
      {"rsi 14", 5, "\"1\" cannot stand here"},
      {"(close", 7, "the end where the parenthesis is open"},
      {"close+", 7, "the end cannot stand here; possible: open high low close volume"},
      {"close**2", 7, "\"*\" cannot stand here"},
      {"close ^ 2", 7, "\"^\" cannot stand here"},
      {"rsi(1.5)", 5, "n of rsi must be a whole number from 2 to 10000, not 1.5"},
      {"rsi(1)", 5, "from 2 to 10000, not 1"},
      {"rsi(-14)", 5, "not -14"},
      {"sma(100000)", 5, "from 1 to 10000"},
      {"cci(501)", 5, "from 2 to 500"},
      {"ema(12,26)", 8, "ema takes no number here: it is ema([x=close], [n=20])"},
      {"ema(12,close)", 8, "takes expressions before numbers"},
      {"ema(close,open,12)", 11, "ema takes a number here"},
      {"atr(close,14)", 5, "atr takes a number here: it is atr([n=14])"},
      {"obv(close)", 5, "obv takes nothing here"},
      {"obv(3)", 5, "obv takes no number here"},
      {"lag(3)", 1, "lag needs an expression to work on; it is lag(x, [n=1])"},
      {"std", 1, "needs an expression"},
      {"macd(26,12)", 1, "fast must be less than slow"},
      {"clip(close,2,1)", 1, "low must be less than high"},
      {"close(3)", 6, "close is a column of the bars and takes no arguments"},
      {"14", 1, "a feature must read the bars and this is only a number"},
      {"2*3-1", 1, "only a number"},
      {"close/0", 6, "divides by zero"},
      {"close/(1-1)", 6, "divides by zero"},
      {"1e999*close", 1, "too large"},
      {".*close", 1, "is not a number"},
      {"1e308*10*close", 6, "too large"},
      {"rsi(14)@", 9, "is not a timeframe; use one of M1 M5"},
      {"rsi(14)@X9", 9, "\"X9\" is not a timeframe"},
      {"rsi(14)@M5", 9, "M5 cannot be made of H1 bars"},
      {"(close)@H4", 8, "not behind parentheses"},
      {"close+14@H4", 9, "\"@\" cannot stand here"},
      {"ema(rsi(14)@D1,3)@H4", 18, "a timeframe within a timeframe"},
  };
  for (const auto& [text, column, words] : table) {
    const auto expr = parse_expression(text, kH1);
    ASSERT_FALSE(expr.has_value()) << text;
    EXPECT_EQ(expr.error().code, ErrorCode::bad_config);
    const std::string& message = expr.error().message;
    EXPECT_TRUE(message.starts_with(fmt::format("feature \"{}\", column {}: ", text, column))) << message;
    EXPECT_NE(message.find(words), std::string::npos) << message;
  }
}

TEST(Expression, ATimeframeThatIsNoMultipleOfTheBaseIsRefused) {
  const auto expr = parse_expression("rsi(14)@H6", kH4);
  ASSERT_FALSE(expr.has_value());
  EXPECT_NE(expr.error().message.find("H6 cannot be made of H4 bars"), std::string::npos);
}

TEST(Expression, WhatIsFarTooLongOrDeepIsRefusedAndNotARisk) {
  EXPECT_FALSE(parse_expression(std::string(100000, '('), kH1).has_value());
  EXPECT_FALSE(parse_expression(std::string(900, '('), kH1).has_value());
  EXPECT_FALSE(parse_expression(std::string(900, '-') + "close", kH1).has_value());
  std::string nested = "close";
  for (int i = 0; i < 100; ++i) nested = "abs(" + nested + ")";
  EXPECT_FALSE(parse_expression(nested, kH1).has_value());
  std::string chain = "close";
  for (int i = 0; i < 160; ++i) chain += "+close";
  EXPECT_EQ(canonical(chain), chain);
}

TEST(Expression, AnyTextIsEitherReadOrRefused) {
  const std::string alphabet = "rsiemacloshgd()@,+-*/.0123456789 H4_e";
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::uint64_t n = random.below(20); n > 0; --n) text += alphabet[random.below(alphabet.size())];
    const auto expr = parse_expression(text, kH1);
    if (!expr) continue;
    const std::string once = canonical_text(*expr);
    EXPECT_EQ(canonical(once), once) << text;
  }
}

TEST(FeatureListOf, RefusesNothingAndTheSameTwice) {
  const auto utc = MarketCalendar::utc_always();
  EXPECT_FALSE(FeatureList::parse({}, kH1, utc).has_value());
  const std::vector<std::string> twice = {"rsi(14)", "ema(9)", "rsi( close, 14 )"};
  const auto list = FeatureList::parse(twice, kH1, utc);
  ASSERT_FALSE(list.has_value());
  EXPECT_NE(list.error().message.find("the list has rsi(14) already"), std::string::npos);
}

}  // namespace
}  // namespace pawl::features
