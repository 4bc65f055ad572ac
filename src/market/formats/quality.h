// What looks wrong with bars that are well-formed: for a person to judge, never a reason to refuse.
#pragma once

#include <string>
#include <vector>

#include "market/data_source.h"

namespace pawl::market::formats {

struct QualityFlag {
  std::string check;       // stable: "closed_days", "copied_bars", "generated", …
  std::int64_t count = 0;  // bars that it is about
  std::string text;        // what, where first, and what to do
};

// All checks over one series. Pure.
std::vector<QualityFlag> check_quality(const BarSeries& bars, const Symbol& symbol, Timeframe timeframe);

// The parts, each over a whole series; nothing where all is well.
// Bars on days on which the New York Stock Exchange was closed, where the series otherwise keeps its
// calendar.
std::optional<QualityFlag> closed_days(const BarSeries& bars, const Symbol& symbol, Timeframe timeframe);
// Days that repeat the day before to the last digit; intraday bars likewise that have a range.
std::optional<QualityFlag> copied_bars(const BarSeries& bars, Timeframe timeframe);
// Ten and more bars on end without a trade, in a series that has volume.
std::optional<QualityFlag> frozen_bars(const BarSeries& bars);
// One bar in five or more whose high is its low.
std::optional<QualityFlag> flat_bars(const BarSeries& bars);
// Closes far beyond what the series moves in a bar.
std::optional<QualityFlag> price_jumps(const BarSeries& bars, Timeframe timeframe);
// Numbers drawn at random instead of traded. In every market the volume of a bar tells something about that
// of the next and about its range (measured on real bars of shares, currencies and crypto: rank correlations
// of 0.3 to 0.9 and 0.3 to 0.9); where volumes and ranges know nothing of each other, nor of their
// neighbours, nobody traded.
std::optional<QualityFlag> generated_bars(const BarSeries& bars);

}  // namespace pawl::market::formats
