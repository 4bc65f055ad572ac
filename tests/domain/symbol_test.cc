#include "domain/symbol.h"

#include <gtest/gtest.h>

#include "domain/timeframe.h"

namespace pawl {
namespace {

std::string canonical(std::string_view given) {
  const Result<Symbol> symbol = Symbol::parse(given);
  return symbol ? symbol->canonical() : "error: " + symbol.error().message;
}

TEST(SymbolTest, OneMarketHasOneCanonicalFormHoweverItIsWritten) {
  for (const char* given : {"EUR_USD", "EURUSD", "eurusd", "EURUSD.m", "EUR/USD", "EUR-USD", "EUR.USD",
                            "EURUSD-ecn", "EURUSD_pro", "EURUSDpro", "EURUSDm", "EURUSD=X"}) {
    EXPECT_EQ(canonical(given), "EUR_USD") << given;
  }
  for (const char* given : {"BTC/USDT", "BTCUSDT", "btc_usdt", "BTC-USDT"}) {
    EXPECT_EQ(canonical(given), "BTC_USDT") << given;
  }
}

TEST(SymbolTest, OtherMarketsStayOther) {
  EXPECT_EQ(canonical("BTC/USDC"), "BTC_USDC");
  EXPECT_EQ(canonical("BTCUSD"), "BTC_USD");
  EXPECT_EQ(canonical("EURUSDT"), "EUR_USDT");
  EXPECT_EQ(canonical("EURUSDC"), "EUR_USDC");
  EXPECT_EQ(canonical("EURUSDc"), "EUR_USD");  // a broker's cent account
  EXPECT_EQ(canonical("BRK.B"), "BRK.B");
  EXPECT_EQ(canonical("BTC/USDT:USDT"), "BTC_USDT:USDT");  // a perpetual
  EXPECT_EQ(canonical("BTCUSDT_PERP"), "BTCUSDT_PERP");
}

TEST(SymbolTest, AQuoteThatFitsTwiceIsSplitWhereTheBaseIsKnown) {
  EXPECT_EQ(canonical("DOTUSD"), "DOT_USD");  // not DO_TUSD
  EXPECT_EQ(canonical("BNBUSD"), "BNB_USD");  // not BN_BUSD
  EXPECT_EQ(canonical("BTCTUSD"), "BTC_TUSD");
  EXPECT_EQ(canonical("SHIBUSDT"), "SHIB_USDT");
  EXPECT_EQ(canonical("XAUUSD"), "XAU_USD");
}

TEST(SymbolTest, StocksAndIndicesKeepTheirNames) {
  for (const char* given : {"AAPL", "GBTC", "BUSD", "QQQ", "^GSPC", "ES=F", "T"})
    EXPECT_EQ(canonical(given), given);
  EXPECT_EQ(canonical("aapl"), "AAPL");
}

TEST(SymbolTest, TheGivenFormIsKeptAndComparisonIsCanonical) {
  const Result<Symbol> slash = Symbol::parse("btc/usdt"), glued = Symbol::parse("BTCUSDT");
  ASSERT_TRUE(slash && glued);
  EXPECT_EQ(slash->given(), "btc/usdt");
  EXPECT_EQ(*slash, *glued);
}

TEST(SymbolTest, WhatIsNoSymbolIsRefusedWithTheReason) {
  const auto message = [](std::string_view given) {
    const Result<Symbol> symbol = Symbol::parse(given);
    return symbol ? std::string() : symbol.error().message;
  };
  EXPECT_NE(message("").find("empty"), std::string::npos);
  EXPECT_NE(message("BTC USDT").find("byte 0x20"), std::string::npos);
  EXPECT_NE(message("BTC;USDT").find("character ;"), std::string::npos);
  EXPECT_NE(message(std::string(33, 'A')).find("33 characters"), std::string::npos);
  EXPECT_NE(message("../etc").find("begin"), std::string::npos);
  EXPECT_NE(message("A/../B").find(".."), std::string::npos);
  EXPECT_EQ(Symbol::parse("a b").error().code, ErrorCode::invalid_argument);
}

TEST(TimeframeTest, ReadsTheUsualSpellings) {
  const auto name = [](std::string_view text) {
    const Result<Timeframe> timeframe = Timeframe::parse(text);
    return timeframe ? timeframe->name() : "none";
  };
  for (const char* text : {"H1", "h1", "1h", "1H", "60m", "60min", "M60"})
    EXPECT_EQ(name(text), "H1") << text;
  for (const char* text : {"M5", "m5", "5m", "5min"}) EXPECT_EQ(name(text), "M5") << text;
  for (const char* text : {"D1", "1d", "1D", "24h", "1440m"}) EXPECT_EQ(name(text), "D1") << text;
  for (const char* text : {"M1", "M5", "M15", "M30", "H1", "H2", "H4", "H6", "H8", "H12", "D1", "W1"}) {
    EXPECT_EQ(name(text), text);
  }
  EXPECT_EQ(name("7d"), "W1");
  // A capital M behind the number is a month where people write it.
  for (const char* text :
       {"", "M", "5", "H", "1M", "M7", "0h", "-1h", "H-1", "h3", "1x", "99999999999999999999h", "H1 "}) {
    EXPECT_EQ(name(text), "none") << text;
  }
}

TEST(TimeframeTest, FillsOnlyWhereNoBarCrossesAnEdge) {
  EXPECT_TRUE(kM5.fills(kH1));
  EXPECT_TRUE(kH1.fills(kH1));
  EXPECT_FALSE(kH4.fills(Timeframe::minutes(360)));
  EXPECT_FALSE(kH1.fills(kM5));
}

}  // namespace
}  // namespace pawl
