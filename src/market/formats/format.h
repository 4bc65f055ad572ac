// Bar files of any format: what a file turns out to be, how that was found, and what it leaves open.
//
//   Result<Detection> found = detect(bytes, "EURUSD_M5.csv", {.zone = "New York+7h"});
//   if (found->questions.empty()) read_bars(bytes, "EURUSD_M5.csv", found->format, request, BadRows::error);
//
// Everything is found from the content; a file's name only helps with its symbol, and with its date where the
// rows have none. What the content cannot tell is a question that names the option which answers it: nothing
// is guessed. All functions here are pure and may be called from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "market/data_source.h"
#include "market/formats/clock.h"
#include "market/formats/columns.h"
#include "market/formats/quality.h"
#include "market/formats/stamps.h"
#include "market/sources/csv.h"

namespace pawl::market::formats {

enum class Container { plain, gzip, zip };
enum class TextKind { delimited, json };
// Whether a bar's stamp is its opening or its closing time; `session` where it is a date.
enum class TimeIs { open, close, session };
enum class RowOrder { ascending, descending };

struct BarFormat {
  Container container = Container::plain;
  std::string member;  // the file in a zip that holds the bars
  TextKind kind = TextKind::delimited;
  char separator = ',';
  bool decimal_comma = false;
  std::int64_t first_row = 1;  // the line, or the JSON element, of the first bar; from 1
  Columns columns;
  StampForm stamp;
  // The clock of stamps that carry no offset from UTC; none where they all do, or are dates.
  std::optional<Clock> clock;
  TimeIs time_is = TimeIs::open;
  Timeframe timeframe = kM1;
  double scale = 1;       // prices in the file are divided by this
  bool adjusted = false;  // open, high, low, close are multiplied by adjusted close / close
  RowOrder order = RowOrder::ascending;
  std::string symbol;  // as the file says it; empty where it does not
};

// What the caller says instead of leaving it to be found. Empty: to be found.
struct Named {
  std::string symbol;
  std::string timeframe;   // "M5"
  std::string zone;        // "UTC", "America/New_York", "New York+7h", "UTC+2"
  std::string time_is;     // "open", "close"
  std::string scale;       // "100000": prices in the file are divided by this
  std::string columns;     // "time,open,close,high,low,volume", "-" for one to leave out
  std::string date;        // "2013-10-07": of rows that carry a time of day only
  std::string date_order;  // "dmy", "mdy"
  std::string member;      // of a zip with several files
  bool adjusted = false;   // use the adjusted close
};

enum class How { detected, named, asked };

// One line of what was found: "zone", "New York+7h", detected, "both weekends begin and end at 17:00 …".
struct Finding {
  std::string field, value;
  How how = How::detected;
  std::string why;
};

// Something that the content cannot tell.
struct Question {
  std::string field;  // that of a finding whose `how` is asked
  std::string text;   // what is open, and what the evidence suggests
  std::string flag;   // what answers it: "--zone America/New_York"
};

struct Detection {
  BarFormat format;
  std::vector<Finding> findings;
  std::vector<Question> questions;
};

// What a file is. Questions are no failure: the format is then what the evidence suggests, good for a look at
// the bars and not for storing them. bad_data where the bytes hold no bars at all, with the reason;
// invalid_argument where a `named` value does not parse.
Result<Detection> detect(std::string_view bytes, std::string_view file_name, const Named& named = {});

// The failure that a detection with questions is: bad_data that lists them with their options.
Error unanswered(const Detection& detection, std::string_view file_name);

struct Imported {
  Delivery delivery;
  std::vector<QualityFlag> quality;
  std::int64_t null_rows = 0;  // had no prices at all
  std::int64_t merged = 0;     // said the same as another row
  bool unfinished = false;     // the newest bar was still being made and was left out
};

// The bars of a file that is of this format. `request` says what they are to be: its timeframe is the
// format's, its calendar gives each bar's close. A row that is no bar makes the file bad_data, or is left
// out and counted; two different bars at one time are bad_data always. The message names the file and line.
Result<Imported> read_bars(std::string_view bytes, std::string_view file_name, const BarFormat& format,
                           const Request& request, BadRows bad_rows);

// Bars of a file for a market that is known: in pawl's own form (see market/sources/csv.h), or in any other
// that leaves no question open once symbol and timeframe are said.
Result<Delivery> read_bar_file(std::string_view bytes, std::string_view file_name, const Request& request,
                               BadRows bad_rows);
// Whether a file is in pawl's own form, packed or not: its first line is the header, to the letter.
bool is_own_form(std::string_view bytes);

// A calendar whose grid the file's bars fit, where the caller has none: UTC days, or those of the file's own
// clock ("America/New_York 17:00" for a server at New York+7h) where an intraday bar would not fit into
// those.
MarketCalendar own_calendar(const BarFormat& format);

std::string_view how_name(How how);  // "detected", "named", "asked"

}  // namespace pawl::market::formats
