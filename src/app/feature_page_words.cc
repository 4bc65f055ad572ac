#include "app/feature_page_words.h"

namespace pawl::app {

// A test parses every expression in backquotes of its tables, so that none of them is only words.
std::string_view features_page_words() {
  return R"md(# Features

Every feature that a recipe can have is an expression over bars. This page is made by
`pawl features --markdown > docs/features.md` from the declarations that also check and compute them, and a test holds
it to the program. `pawl features NAME` shows one kind in full, `pawl features 'EXPRESSION'` what an expression needs
and what it is computed from, both with `--json` for programs.

## How expressions are written

```
sum     := product (('+' | '-') product)*
product := unary (('*' | '/') unary)*
unary   := '-' unary | primary
primary := number | outside | operand ['[' MARKET ']']
operand := column ['@' TF] | kind ['(' sum (',' sum)* ')'] ['@' TF] | '(' sum ')'
column  := open | high | low | close | volume
```

**Arguments.** A kind takes the expressions that it works on first, then its numbers, in the order of the tables
below. What stands in brackets there may be left out: `rsi` is `rsi(14)`, `ema(12)` is `ema(close,12)`. A feature is
known by its canonical text, with all numbers and without blanks; two that have the same one are the same.

**`@TF`** behind a kind or a column computes it, with all that is within it, on bars of that timeframe, a multiple of
the recipe's own, made of its bars: `rsi(14)@H4`. A row gets the value of the newest such bar that has closed. One
that is still forming is never read.

**As known at the close.** A row is what was known when its bar closed: of that bar and older ones, and of [outside
series](outside-series.md) what had come out by then. One is read by the name that the recipe's `outside` gives it,
and `[MARKET]` behind an expression computes it on another market's bars; that page says how both are joined.

**First value.** Every kind needs some bars before it has one; the tables count from 1, on hourly bars round the
clock. A row is ready, and predicted or trained on, once all of its features have theirs. With `@TF` it is an upper
bound, for nobody knows in advance where in a higher bar a series begins; so it is for what follows the market's day.

**Missing values.** What has no finite value is missing: a division by zero, a logarithm of nothing. In a ready row
that is an empty cell, which trees do without. A missing input is stepped over: averages and windows go on as if the
bar were not there. Kinds that look back a number of bars (`lag`, `ret`, `logret`, `roc`) count it, so that it shows
at both ends. Where bars carry no volume it is zero, and what divides by it is missing. A kind with *no gaps* is never
missing again after its first value, unless an input is.

**Memory** in the tables is after how many bars older ones count for less than 10⁻⁹, relatively. A recipe that answers
from windows that a client posts must fit them ([predict.md](predict.md)). Where it says *for ever*, the level depends
on where the series begins: `obv_slope` forgets what `obv` does not.

**Shared parts** are computed once. A kind that "is" an expression of others is nothing but that expression:
`plus_di(14)` and `adx(14)` share their true range with `atr(14)`, and `macd_hist` beside `macd` costs one average
more. Kinds that are "computed at once" have one computation between them: `cov` beside `corr` costs nothing. What is
shared is marked in the answer of `pawl features 'adx(14)' 'atr(14)'`.

**Units** say what 1 means: price (of the bars), percent (0 to 100), ratio (no dimension), volume (of the bars), or
what the input has. A model that is pooled over markets, or is to outlive a year, is better given what has no price in
it.

## What the originals computed

The lists of the five systems that pawl replaces ([coming-from.md](coming-from.md)), as expressions. The last column is
the same without the price's level.

| theirs | expression | free of the level |
| --- | --- | --- |
| 50- and 200-day average | `sma(50)`, `sma(200)` | `close/sma(50) - 1`, `close/sma(200) - 1` |
| fast and slow exponential average | `ema(12)`, `ema(26)` | `ema(12)/ema(26) - 1` |
| RSI | `rsi(14)` | as it is |
| MACD, its signal, the difference | `macd(12, 26, 9)`, `macd_signal(12, 26, 9)`, `macd_hist(12, 26, 9)` | `macd(12, 26, 9)/close` |
| Bollinger %b, bandwidth | `bb_pctb(20, 2)`, `bb_width(20, 2)` | as they are |
| 5-day momentum | `ret(5)` on daily bars; `momentum(5)` in price | `ret(5)/realised_vol(20)` |
| 20-day volatility | `realised_vol(20)` | as it is |
| volume ratio | `volume_ratio(20)` | as it is |
| average true range | `atr(14)` | `atr(14)/close` |
| ADX, with its directions | `adx(14)`, `plus_di(14)`, `minus_di(14)` | as they are |
| stochastic | `stoch_k(14, 3)`, `stoch_d(14, 3, 3)` | as it is |
| stochastic RSI | `stoch_rsi_k(14, 14)`, `stoch_rsi_d(14, 14, 3)` | as it is |
| on-balance volume | `obv` | `obv_slope(20)` |
| VWAP of the day, of n bars | `vwap`, `rolling_vwap(20)` | `vwap_distance(14)`, `close/rolling_vwap(20) - 1` |
| Williams %R | `willr(14)` | as it is |
| CCI | `cci(20)` | as it is |
| Parabolic SAR | `sar(0.02, 0.2)` | `(close - sar(0.02, 0.2))/atr(14)` |
| Ichimoku: conversion, base, spans A and B as they stand at this bar | `ichimoku_tenkan(9)`, `ichimoku_kijun(26)`, `ichimoku_span_a(9, 26, 26)`, `ichimoku_span_b(52, 26)` | `ichimoku_cloud(9, 26, 52, 26)` |
| Ichimoku: lagging span, without its look ahead | `ichimoku_chikou(26)` | `ret(26)` |
| Keltner channel | `keltner_upper(20, 10, 2)`, `keltner_mid(20)`, `keltner_lower(20, 10, 2)` | `keltner_place(20, 10, 2)` |
| rate of change | `roc(12)` | as it is |
| volume at the entry of a trade | `volume` | `volume/sma(volume, 20)` |
| M5 bars with H1 and H4 alongside | `rsi(14)@H1`, `ema(12)@H4`, `close@H4` | `ema(12)@H4/close - 1` |
| nearest price level: how far in ATR, how strong, of which side and source | `level_distance`, `level_strength`, `level_type`, `level_source` | as they are |
| swings, and what they make together | `swing_high`, `swing_low`, `swing_structure`, `bos`, `choch` | `(close - swing_low)/atr(14)` |
| volatility from highs and lows | `parkinson(20)`, `garman_klass(20)` | as they are |
| time of day and week | `hour_sin`, `hour_cos`, `day_sin`, `day_cos` | as they are |
| sessions | `tokyo_session`, `london_session`, `new_york_session`, `day_part` | as they are |
| fundamentals, by the date of the filing | `pe_ratio`, `peg_ratio`, `roe`, `debt_to_equity`, `profit_margin`, `operating_margin`, `eps_growth`, `revenue_growth`, `free_cash_flow`, `dividend_yield` | as they are |
| sentiment, from its own time on | `news_score`, `reddit_mentions`, `analyst_rating`, `institutional_ownership`, `insider_trading` | as they are |
| VIX, 10-year yield, dollar index | `vix`, `dgs10`, `dollar` | `vix/lag(vix, 5) - 1`, `dgs10 - lag(dgs10, 20)`, `dollar/lag(dollar, 20) - 1` |
| sector performance, breadth | `sector_move`, `breadth` | as they are |

The last four rows are outside series by the names that `config/stocks-daily.yaml` gives them.

## Useful compositions

| expression | what it says |
| --- | --- |
| `(close - ema(50))/atr(14)` | how far the price is from its average, in ranges: alike in calm and wild markets |
| `zscore(volume, 96)` | how unusual this bar's volume is within a day of quarter hours |
| `lag(ema(12)/atr(14), 3)` | any expression, as it was three bars ago |
| `rsi(14)@H4 - rsi(14)` | whether the higher timeframe agrees |
| `rank(ret(1), 100)` | where this return stands among the last hundred: no outlier moves it |
| `corr(ret(1), volume/lag(volume, 1) - 1, 60)` | whether moves come with volume |
| `corr(ret(1), ret(1)[SPY], 60)` | how closely this market follows another, lately |
| `realised_vol(12)/realised_vol(96)` | volatility that rises (above 1) or dies down |
| `(close - min(low, 48))/(max(high, 48) - min(low, 48))` | the place within the range of 48 bars: `donchian(48)` written out |
| `clip(ret(1)/realised_vol(96), -4, 4)` | a return in deviations, with its tail cut |
| `sign(ret(1)) * parkinson(20)` | direction and width in one number |
| `sum(sign(ret(1)), 20)/20` | the share of bars that rose, less that of those that fell |

## Kinds

Per bar, O(1) is amortised where a window's maximum is kept. Versions are part of the hash that models carry
(`pawl features NAME` shows them): a model is never given numbers that its kind has come to compute differently.
)md";
}

}  // namespace pawl::app
