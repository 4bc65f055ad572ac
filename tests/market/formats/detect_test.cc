// What is found in made-up files: other orders of columns, separators, units and clocks than the real ones
// have.
#include <gtest/gtest.h>

#include "market/formats/format.h"
#include "market/formats/made_up_bars.h"
#include "support/zip_files.h"

namespace pawl::market::formats {
namespace {

using test::lines;
using test::walk;

const TimeMs kMonday = parse_time("2023-06-05T00:00:00Z").value();

Detection found(const std::string& text, const Named& named = {.symbol = "X"}) {
  const Result<Detection> detection = detect(text, "f.csv", named);
  EXPECT_TRUE(detection) << detection.error().message;
  return detection ? *detection : Detection{};
}

std::string value(const Detection& detection, std::string_view field) {
  for (const Finding& finding : detection.findings) {
    if (finding.field == field) return fmt::format("{} {}", how_name(finding.how), finding.value);
  }
  return "";
}

std::string asked(const Detection& detection) {
  std::string fields;
  for (const Question& question : detection.questions)
    fields += (fields.empty() ? "" : ", ") + question.field;
  return fields;
}

std::string refusal(const std::string& text, const Named& named = {}) {
  const Result<Detection> detection = detect(text, "f.csv", named);
  return detection ? "none" : detection.error().message;
}

// "2023-06-05 00:00:00" on a clock that is `shift` ahead of UTC.
std::string shown(TimeMs time, DurationMs shift = 0) {
  std::string text = format_time(time + shift);
  text[10] = ' ';
  text.pop_back();
  return text;
}

// Bars of the currency market: from Sunday 17:00 to Friday 17:00 in New York.
bool forex_trades(TimeMs time) {
  static const TimeZone kNewYork = TimeZone::find("America/New_York").value();
  const CivilTime local = kNewYork.to_local(time);
  const int minutes = local.hour * 60 + local.minute;
  return !(local.weekday == 6 || (local.weekday == 5 && minutes >= 17 * 60) ||
           (local.weekday == 0 && minutes < 17 * 60));
}
// Shares, from 09:30 to 16:00.
bool shares_trade(TimeMs time) {
  static const TimeZone kNewYork = TimeZone::find("America/New_York").value();
  const CivilTime local = kNewYork.to_local(time);
  const int minutes = local.hour * 60 + local.minute;
  return local.weekday != 0 && local.weekday != 6 && minutes >= 570 && minutes < 960;
}

TEST(DetectTest, PricesWithoutAHeaderAreToldApartByWhatTheyDo) {
  const auto bars = walk(kMonday, kMinuteMs, 200, 7000);
  struct Order {
    const char* columns;
    std::function<std::string(const Bar&)> line;
  };
  const Order orders[] = {
      {"time 1, open 2, high 3, low 4, close 5, volume 6",
       [](const Bar& b) {
         return fmt::format("{},{},{},{},{},{}", b.open_time, b.open, b.high, b.low, b.close, b.volume);
       }},
      {"time 1, open 2, close 3, high 4, low 5, volume 6",
       [](const Bar& b) {
         return fmt::format("{},{},{},{},{},{}", b.open_time, b.open, b.close, b.high, b.low, b.volume);
       }},
      {"time 1, close 2, high 3, low 4, open 5, volume 6",
       [](const Bar& b) {
         return fmt::format("{},{},{},{},{},{}", b.open_time, b.close, b.high, b.low, b.open, b.volume);
       }},
      {"time 1, low 2, high 3, open 4, close 5",
       [](const Bar& b) {
         return fmt::format("{},{},{},{},{}", b.open_time, b.low, b.high, b.open, b.close);
       }},
      {"symbol 1, time 2, open 3, high 4, low 5, close 6, volume 7",
       [](const Bar& b) {
         return fmt::format("ABC,{},{},{},{},{},{}", b.open_time, b.open, b.high, b.low, b.close, b.volume);
       }},
  };
  for (const Order& order : orders) {
    EXPECT_EQ(value(found(lines(bars, order.line)), "columns"), std::string("detected ") + order.columns);
  }
  // The same, newest first.
  auto reversed = bars;
  std::reverse(reversed.begin(), reversed.end());
  const Detection down = found(lines(reversed, orders[1].line));
  EXPECT_EQ(value(down, "columns"), "detected time 1, open 2, close 3, high 4, low 5, volume 6");
  EXPECT_EQ(value(down, "order"), "detected newest first");
}

TEST(DetectTest, PricesThatDoNotDifferAreAskedAbout) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += fmt::format("{},5.5,5.5,5.5,5.5,1\n", kMonday + i * kMinuteMs);
  EXPECT_EQ(asked(found(text)), "columns");
  const Detection named = found(text, {.symbol = "X", .columns = "time,open,high,low,close,volume"});
  EXPECT_EQ(asked(named), "");
  EXPECT_EQ(value(named, "columns"), "named time 1, open 2, high 3, low 4, close 5, volume 6");
}

TEST(DetectTest, SeparatorsAndDecimalCommas) {
  const auto bars = walk(kMonday, kHourMs, 100, 1.2);
  const auto with = [&](char separator, bool commas) {
    return fmt::format("Date{0}Open{0}High{0}Low{0}Close{0}Volume\n", separator) +
           lines(bars, [&](const Bar& b) {
             std::string line = fmt::format("{1}{0}{2:.5f}{0}{3:.5f}{0}{4:.5f}{0}{5:.5f}{0}{6}", separator,
                                            shown(b.open_time), b.open, b.high, b.low, b.close, b.volume);
             if (commas) std::replace(line.begin(), line.end(), '.', ',');
             return line;
           });
  };
  EXPECT_EQ(value(found(with(',', false)), "text"), "detected comma-separated");
  EXPECT_EQ(value(found(with('\t', false)), "text"), "detected tab-separated");
  EXPECT_EQ(value(found(with('|', false)), "text"), "detected |-separated");
  const Detection commas = found(with(';', true), {.symbol = "X", .zone = "UTC", .time_is = "open"});
  EXPECT_EQ(value(commas, "text"), "detected semicolon-separated, decimal comma");
  const Request request{Symbol::parse("X").value(), kH1, MarketCalendar::utc_always()};
  const auto imported = read_bars(with(';', true), "f.csv", commas.format, request, BadRows::error);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_NEAR(imported->delivery.bars.close(99), bars[99].close, 1e-9);
}

TEST(DetectTest, UnitsOfEpochsMayChangeInAFile) {
  // Binance went over to microseconds with 2025.
  const TimeMs turn = parse_time("2025-01-01T00:00:00Z").value();
  const auto bars = walk(turn - 100 * kHourMs, kHourMs, 200, 90'000);
  const std::string text = lines(bars, [&](const Bar& b) {
    const std::int64_t unit = b.open_time >= turn ? 1000 : 1;
    return fmt::format("{},{},{},{},{},{},{},0,1,0,0,0", b.open_time * unit, b.open, b.high, b.low, b.close,
                       b.volume, b.close_time * unit - 1);
  });
  const Detection detection = found(text, {.symbol = "BTCUSDT"});
  EXPECT_EQ(value(detection, "time"), "detected epoch ms and µs");
  EXPECT_EQ(value(detection, "timeframe"), "detected H1");
  EXPECT_EQ(value(detection, "time is"), "detected a bar's open");
  EXPECT_EQ(asked(detection), "");
}

TEST(DetectTest, AFuturesFileWithAHeaderIsTheSame) {
  const std::string header =
      "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
      "taker_buy_quote_volume,ignore\n";
  const Detection detection =
      found(header + lines(walk(kMonday, kMinuteMs, 50, 20'000),
                           [](const Bar& b) {
                             return fmt::format("{},{},{},{},{},{},{},0,1,0,0,0", b.open_time, b.open, b.high,
                                                b.low, b.close, b.volume, b.close_time - 1);
                           }),
            {.symbol = "BTCUSDT"});
  EXPECT_EQ(value(detection, "columns"), "detected time 1, open 2, high 3, low 4, close 5, volume 6");
  EXPECT_EQ(asked(detection), "");
}

std::string forex_file(const char* clock, int days, Timeframe timeframe = kM5,
                       const char* from = "2023-02-20", bool drop_sunday_hour = false) {
  const Clock server = Clock::parse(clock).value();
  const int count = days * 1440 / timeframe.minutes() * 5 / 7;
  const auto trades = [&](TimeMs time) {
    // Some servers begin their week at Monday's midnight, and leave out an hour on Sunday where it is later.
    const bool sunday = civil_from_time(server.show(time)).weekday == 0;
    return forex_trades(time) && !(drop_sunday_hour && sunday);
  };
  return lines(walk(parse_time(from).value(), timeframe.duration_ms(), count, 1.1, trades),
               [&](const Bar& b) {
                 std::string time = shown(server.show(b.open_time));
                 std::replace(time.begin(), time.begin() + 10, '-', '.');
                 time[10] = ',';
                 return fmt::format("{},{:.5f},{:.5f},{:.5f},{:.5f},{}", time.substr(0, 16), b.open, b.high,
                                    b.low, b.close, b.volume);
               });
}

TEST(DetectTest, TheWeekendTellsAServersClock) {
  // Five weeks around March 2023, in which New York's and Europe's clocks turn two weeks apart.
  for (const char* clock : {"New York+7h", "Europe/Athens", "Europe/London", "UTC", "UTC-5",
                            "America/New_York", "London-5h", "UTC+8"}) {
    const Detection detection = found(forex_file(clock, 35), {.symbol = "EURUSD"});
    EXPECT_EQ(value(detection, "zone"), std::string("detected ") + clock);
    EXPECT_EQ(asked(detection), "") << clock;
  }
}

TEST(DetectTest, WhereTwoClocksFitAWeekendBothAreNamed) {
  // Athens without Sunday's hour before midnight looks like New York+7h without Friday's last.
  const Detection detection =
      found(forex_file("Europe/Athens", 35, kM5, "2023-02-20", true), {.symbol = "EURUSD"});
  ASSERT_EQ(asked(detection), "zone");
  const std::string text = detection.questions[0].text;
  EXPECT_NE(text.find("New York+7h"), std::string::npos) << text;
  EXPECT_NE(text.find("Europe/Athens"), std::string::npos) << text;
}

TEST(DetectTest, BarsOfFourHoursHideAnHourAndAreAskedAbout) {
  EXPECT_EQ(asked(found(forex_file("New York+7h", 200, kH4), {.symbol = "EURUSD"})), "zone");
}

TEST(DetectTest, ANamedClockThatTheWeekendsContradictIsDoubted) {
  const Detection detection = found(forex_file("New York+7h", 35), {.symbol = "EURUSD", .zone = "UTC"});
  EXPECT_EQ(value(detection, "zone"), "named UTC");
  for (const Finding& finding : detection.findings) {
    if (finding.field != "zone") continue;
    EXPECT_NE(finding.why.find("as they do on New York+7h"), std::string::npos) << finding.why;
  }
}

std::string share_file(DurationMs stamp_shift,
                       const char* header = "timestamp,open,high,low,close,volume\n") {
  const Clock new_york = Clock::parse("America/New_York").value();
  return header + lines(walk(parse_time("2023-03-06").value(), kMinuteMs, 390 * 10, 150, shares_trade),
                        [&](const Bar& b) {
                          return fmt::format("{},{:.2f},{:.2f},{:.2f},{:.2f},{}",
                                             shown(new_york.show(b.open_time) + stamp_shift), b.open, b.high,
                                             b.low, b.close, b.volume);
                        });
}

TEST(DetectTest, ASessionTellsOpensFromClosesAndSuggestsNewYork) {
  const Detection opens = found(share_file(0));
  EXPECT_EQ(asked(opens), "zone");
  EXPECT_EQ(opens.questions[0].flag, "--zone \"America/New_York\"");
  EXPECT_EQ(value(opens, "time is"), "detected a bar's open");
  EXPECT_EQ(value(found(share_file(kMinuteMs)), "time is"), "detected a bar's close");
  // The clock changed on the second Sunday of the file; on both sides the first bar is at 09:30.
  const std::string text = share_file(kMinuteMs);
  const Detection named = found(text, {.symbol = "X", .zone = "America/New_York"});
  const Request request{Symbol::parse("X").value(), kM1, MarketCalendar::utc_always()};
  const auto imported = read_bars(text, "f.csv", named.format, request, BadRows::error);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(format_time(imported->delivery.bars.open_time(0)), "2023-03-06T14:30:00Z");
  EXPECT_EQ(format_time(imported->delivery.bars.back().open_time), "2023-03-17T19:59:00Z");
}

TEST(DetectTest, WithoutAnyEvidenceClockAndStampAreAsked) {
  const std::string text =
      "Time,Open,High,Low,Close,Volume\n" + lines(walk(kMonday, kHourMs, 400), [](const Bar& b) {
        return fmt::format("{},{:.5f},{:.5f},{:.5f},{:.5f},{}", shown(b.open_time), b.open, b.high, b.low,
                           b.close, b.volume);
      });
  const Detection detection = found(text, {.symbol = "ADAUSDT"});
  EXPECT_EQ(asked(detection), "zone, time is");
  EXPECT_EQ(asked(found(text, {.symbol = "ADAUSDT", .zone = "UTC", .time_is = "close"})), "");
}

TEST(DetectTest, AColumnsNameMaySayTheZoneAndTheStamp) {
  const auto file = [](const char* name) {
    return fmt::format("{},Open,High,Low,Close,Volume\n", name) +
           lines(walk(kMonday, kHourMs, 400), [](const Bar& b) {
             return fmt::format("{},{:.5f},{:.5f},{:.5f},{:.5f},{}", shown(b.open_time), b.open, b.high,
                                b.low, b.close, b.volume);
           });
  };
  EXPECT_EQ(asked(found(file("Gmt time"))), "");
  EXPECT_EQ(asked(found(file("timestamp_utc"))), "time is");
  EXPECT_EQ(asked(found(file("open_time"))), "zone");
}

TEST(DetectTest, ALongFileIsReadInStretches) {
  // Neighbours must stay neighbours in what is looked at, or nothing tells an open from a close.
  const Detection detection = found(lines(walk(kMonday, kMinuteMs, 60'000, 1.1), [](const Bar& b) {
    return fmt::format("{},{:.5f},{:.5f},{:.5f},{:.5f}", b.open_time, b.close, b.low, b.high, b.open);
  }));
  EXPECT_EQ(value(detection, "columns"), "detected time 1, close 2, low 3, high 4, open 5");
}

TEST(DetectTest, ADayIsADateWhicheverHourItIsStampedWith) {
  for (const char* hour : {"00:00:00", "00:00:00-05:00", "05:00:00+00:00", "16:00:00"}) {
    std::string text = "Datum,Open,High,Low,Close,Volume\n";
    for (int day = 2; day < 20; ++day)
      text += fmt::format("2023-01-{:02} {},10,12,9,{},5\n", day, hour, 10 + day % 2);
    const Detection detection = found(text);
    EXPECT_EQ(asked(detection), "") << hour;
    EXPECT_EQ(value(detection, "time is"), "detected a session's date");
  }
}

TEST(DetectTest, DatesOfWhichDayAndMonthMayBeEither) {
  const auto file = [](int from_day, const char* form) {
    std::string text = "Date,Open,High,Low,Close,Volume\n";
    for (int day = from_day; day < from_day + 9; ++day) {
      text += fmt::format(fmt::runtime(form), day, 3) + fmt::format(",10,12,9,{},5\n", 10 + day % 2);
    }
    return text;
  };
  EXPECT_EQ(asked(found(file(1, "{0:02}/{1:02}/2023"))), "date order");
  EXPECT_EQ(value(found(file(8, "{0:02}/{1:02}/2023")), "date order"), "detected day, month, year");
  EXPECT_EQ(value(found(file(8, "{1:02}/{0:02}/2023")), "date order"), "detected month, day, year");
  EXPECT_EQ(value(found(file(1, "{0:02}.{1:02}.2023")), "date order"), "detected day, month, year");
  EXPECT_EQ(asked(found(file(1, "{0:02}/{1:02}/2023"), {.symbol = "X", .date_order = "mdy"})), "timeframe");
}

TEST(DetectTest, WholePricesAreAskedAboutAndCoinsAreNot) {
  const auto file = [](double price) {
    return "Date,open,high,low,close,tick_volume\n" +
           lines(walk(kMonday, kDayMs, 40, price), [](const Bar& b) {
             return fmt::format("{},{:.0f},{:.0f},{:.0f},{:.0f},{}", shown(b.open_time), b.open, b.high,
                                b.low, b.close, b.volume);
           });
  };
  const Detection cad = found(file(99'000), {.symbol = "USDCAD"});
  ASSERT_EQ(asked(cad), "scale");
  EXPECT_EQ(cad.questions[0].flag, "--scale 100000 (or 1)");
  EXPECT_EQ(found(file(109'000), {.symbol = "USDJPY"}).questions[0].flag, "--scale 1000 (or 1)");
  EXPECT_EQ(asked(found(file(43'000), {.symbol = "BTCUSDT"})), "");
  EXPECT_EQ(asked(found(file(99'000), {.symbol = "USDCAD", .scale = "100000"})), "");
}

TEST(DetectTest, YahoosThreeLinesOfHeaderGiveTheSymbol) {
  const std::string text =
      "Price,Close,High,Low,Open,Volume\nTicker,AMD,AMD,AMD,AMD,AMD\nDatetime,,,,,\n" +
      lines(walk(parse_time("2023-03-06").value(), kMinuteMs, 60, 80, shares_trade), [](const Bar& b) {
        return fmt::format("{}+00:00,{},{},{},{},{}", shown(b.open_time), b.close, b.high, b.low, b.open,
                           b.volume);
      });
  const Detection detection = found(text, {});
  EXPECT_EQ(value(detection, "symbol"), "detected AMD");
  EXPECT_EQ(value(detection, "time is"), "detected a bar's open");
  EXPECT_EQ(asked(detection), "");
}

TEST(DetectTest, SymbolsComeFromRowsOrNamesOrAreAsked) {
  const std::string text = lines(walk(kMonday, kMinuteMs, 60, 7000), [](const Bar& b) {
    return fmt::format("{},{},{},{},{},{}", b.open_time, b.open, b.high, b.low, b.close, b.volume);
  });
  const auto symbol = [&](const char* name) { return detect(text, name).value().format.symbol; };
  EXPECT_EQ(symbol("EURUSD_M5.csv"), "EURUSD");
  EXPECT_EQ(symbol("data/EUR_USD-2019.csv.gz"), "EUR_USD");
  EXPECT_EQ(symbol("HISTDATA_COM_ASCII_EURUSD_M12019.csv"), "EURUSD");
  EXPECT_EQ(symbol("EURUSD5.csv"), "EURUSD");
  EXPECT_EQ(symbol("USDCADh4.csv"), "USDCAD");
  EXPECT_EQ(symbol("download.csv"), "");
  EXPECT_EQ(symbol("my_best_XEL_1d.csv"), "XEL");
  EXPECT_EQ(symbol("BRK.B_1d.csv"), "BRK.B");
  EXPECT_EQ(symbol("EURUSD_GBPUSD.csv"), "");
  EXPECT_EQ(asked(detect(text, "some other bars.csv").value()), "symbol");
}

TEST(DetectTest, WhatHoldsNoBarsIsRefusedWithAReason) {
  EXPECT_EQ(refusal(""), "f.csv: is empty; give a file with bars");
  EXPECT_NE(refusal("<!DOCTYPE html><html>").find("is a web page, not bars"), std::string::npos);
  EXPECT_NE(refusal("No data\n").find("holds no rows of at least five cells"), std::string::npos);
  EXPECT_NE(refusal("time,open,high,low,close\n").find("no rows"), std::string::npos);
  EXPECT_NE(refusal("name,age,city,x,y\nann,1,b,2,3\n").find("no column holds times"), std::string::npos);
  EXPECT_NE(refusal("{\"error\":\"no\"}").find("no array of bars"), std::string::npos);
  EXPECT_EQ(refusal("Date,Open,High,Low,Close\n2020-01-01,,,,\n2020-01-02,,,,\n")
                .find("f.csv: every price of its 2 rows"),
            0u);
}

TEST(DetectTest, WordsOfTheCallersThatDoNotParseAreNamed) {
  const std::string text = forex_file("UTC", 5);
  const auto code = [&](const Named& named) {
    const auto detection = detect(text, "f.csv", named);
    EXPECT_FALSE(detection);
    return detection ? "none" : code_name(detection.error().code);
  };
  const auto usage = code_name(ErrorCode::invalid_argument);
  EXPECT_EQ(code({.timeframe = "H7"}), usage);
  EXPECT_EQ(code({.zone = "Mars"}), usage);
  EXPECT_EQ(code({.time_is = "noon"}), usage);
  EXPECT_EQ(code({.scale = "-1"}), usage);
  EXPECT_EQ(code({.columns = "time,open"}), usage);
  EXPECT_EQ(code({.columns = "time,open,high,low,close,closer"}), usage);
  // A timeframe that the rows contradict is the file's fault as much as the caller's.
  EXPECT_EQ(code({.timeframe = "H1"}), code_name(ErrorCode::bad_data));
}

}  // namespace
}  // namespace pawl::market::formats
