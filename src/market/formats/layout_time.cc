#include <algorithm>
#include <map>

#include "market/formats/layout.h"

namespace pawl::market::formats {

namespace {

// What the cells of one column can be read as.
struct Reading {
  std::size_t column = 0;
  std::size_t cells = 0, moments = 0, dates = 0, clocks = 0, epochs = 0, of_day = 0;
  bool varies = false;
  std::map<std::string_view, std::size_t> units;  // of epochs
  bool day_first = false, month_first = false, year_last = false, dots = false;

  bool mostly(std::size_t count) const { return cells > 0 && count * 50 >= cells * 49; }
  bool is_moment() const { return mostly(moments + dates) && moments > 0; }
  bool is_date() const { return mostly(dates); }
  bool is_epoch() const { return mostly(epochs) && !is_date(); }
  bool is_clock() const { return mostly(clocks); }
};

Reading read_column(const Sample& sample, std::size_t column) {
  Reading reading{.column = column};
  std::string_view before;
  for (const SampleRow& row : sample) {
    const std::string_view cell = column < row.size() ? row[column] : std::string_view();
    if (is_null(cell)) continue;
    ++reading.cells;
    reading.varies = reading.varies || (!before.empty() && cell != before);
    before = cell;
    auto civil = read_civil(cell, DateOrder::dmy);
    if (!civil) civil = read_civil(cell, DateOrder::mdy);
    if (civil) {
      (civil->has_clock ? reading.moments : reading.dates) += 1;
      if (civil->year_last) {
        reading.year_last = true;
        reading.day_first = reading.day_first || civil->first > 12;
        reading.month_first = reading.month_first || civil->second > 12;
        reading.dots = reading.dots || cell.find('.') < 3;
      }
    }
    if (read_clock(cell)) ++reading.clocks;
    if (const auto epoch = read_epoch(cell)) {
      ++reading.epochs;
      ++reading.units[epoch->unit];
    }
    const auto number = read_number(cell, false);
    if (number && *number >= 0 && *number < static_cast<double>(kDayMs)) ++reading.of_day;
  }
  return reading;
}

Status find_date_order(Draft& draft, const Reading& reading) {
  DateOrder& order = draft.format().stamp.date_order;
  if (!draft.named.date_order.empty()) {
    if (draft.named.date_order != "dmy" && draft.named.date_order != "mdy") {
      return fail(ErrorCode::invalid_argument, "--date-order: \"{}\" is neither dmy nor mdy",
                  draft.named.date_order);
    }
    order = draft.named.date_order == "dmy" ? DateOrder::dmy : DateOrder::mdy;
    draft.note("date order", draft.named.date_order, "", How::named);
    return {};
  }
  if (!reading.year_last) return {};
  if (reading.day_first != reading.month_first || reading.dots) {
    order = reading.month_first && !reading.day_first ? DateOrder::mdy : DateOrder::dmy;
    draft.note("date order", order == DateOrder::dmy ? "day, month, year" : "month, day, year",
               reading.day_first != reading.month_first ? "a number over 12 is no month" : "dates with dots");
    return {};
  }
  draft.ask("date order", "day, month, year", "no number of the dates is over 12, so 01/02 may be either",
            "--date-order dmy or --date-order mdy");
  return {};
}

std::vector<Reading> candidates_for(Draft& draft, const Sample& sample, const SampleRow& header) {
  const Columns& columns = draft.format().columns;
  std::vector<std::size_t> places = columns.of(Role::time);
  for (const std::size_t clock : columns.of(Role::clock)) places.push_back(clock);
  if (draft.named.columns.empty() && !header.empty() &&
      (header.front().empty() || header.front() == "index")) {
    places.insert(places.begin(), 0);
  }
  std::size_t width = 0;
  for (const SampleRow& row : sample) width = std::max(width, row.size());
  if (header.empty() && places.empty()) {
    for (std::size_t i = 0; i < std::min<std::size_t>(width, 16); ++i) places.push_back(i);
  }
  std::vector<Reading> readings;
  for (const std::size_t place : places) readings.push_back(read_column(sample, place));
  const auto says_when = [](const Reading& one) {
    return one.is_moment() || one.is_date() || one.is_epoch();
  };
  if (!header.empty() && draft.named.columns.empty() &&
      std::none_of(readings.begin(), readings.end(), says_when)) {
    // No name stands for it: a column whose cells are times and that is nothing else.
    for (std::size_t i = 0; i < width; ++i) {
      const Reading reading = read_column(sample, i);
      if (reading.is_moment() || reading.is_date()) readings.push_back(reading);
    }
  }
  return readings;
}

Status use_milliseconds_of_day(Draft& draft) {
  StampForm& stamp = draft.format().stamp;
  stamp.kind = StampKind::ms_of_day;
  draft.note("time", "milliseconds since midnight", "every number is within a day");
  if (!draft.named.date.empty()) {
    const auto date = read_civil(draft.named.date, DateOrder::dmy);
    if (!date || date->has_clock) {
      return fail(ErrorCode::invalid_argument, "--date: {} is no date; write it like 2013-10-07",
                  shown(draft.named.date));
    }
    stamp.date = date->local;
    draft.note("date", format_time(*stamp.date).substr(0, 10), "", How::named);
    return {};
  }
  stamp.date = date_in_name(draft.format().member);
  if (!stamp.date) stamp.date = date_in_name(draft.file_name);
  if (stamp.date) {
    draft.note("date", format_time(*stamp.date).substr(0, 10), "from the file's name; the rows have none");
    return {};
  }
  stamp.date = 0;
  draft.ask("date", "?", "rows carry milliseconds since midnight, and no date stands in the file's name",
            "--date 2013-10-07");
  return {};
}

}  // namespace

Status find_time_columns(Draft& draft, const Sample& sample, const SampleRow& header) {
  BarFormat& format = draft.format();
  const std::vector<Reading> readings = candidates_for(draft, sample, header);
  const auto first_that = [&](auto holds) -> const Reading* {
    const auto found = std::find_if(readings.begin(), readings.end(), holds);
    return found == readings.end() ? nullptr : &*found;
  };
  const auto choose = [&](const Reading& time, const Reading* clock) {
    format.columns.set(Role::time, {time.column});
    format.columns.set(
        Role::clock, clock == nullptr ? std::vector<std::size_t>{} : std::vector<std::size_t>{clock->column});
  };
  const auto is_close = [&](const Reading& one) {
    return one.column < header.size() && (header[one.column].find("lose") != std::string_view::npos);
  };
  const bool single = sample.size() == 1;
  const Reading* whole = first_that([&](const Reading& one) {
    return (one.is_moment() || one.is_epoch()) && (one.varies || single) && !is_close(one);
  });
  if (whole == nullptr) {
    whole = first_that([&](const Reading& one) { return one.is_moment() || one.is_epoch(); });
  }
  if (whole != nullptr) {
    choose(*whole, nullptr);
    if (whole->is_epoch() && !whole->is_moment()) {
      format.stamp.kind = StampKind::epoch;
      std::string units;
      for (const auto& [unit, count] : whole->units)
        units += fmt::format("{}{}", units.empty() ? "" : " and ", unit);
      draft.note("time", "epoch " + units, "by the numbers' magnitude");
      return {};
    }
    draft.note("time", "date and time", fmt::format("column {}", whole->column + 1));
    return find_date_order(draft, *whole);
  }
  const Reading* date =
      first_that([&](const Reading& one) { return one.is_date() && (one.varies || single); });
  if (date == nullptr) date = first_that([](const Reading& one) { return one.is_date(); });
  if (date != nullptr) {
    const Reading* clock = first_that([&](const Reading& one) {
      return one.column != date->column && one.is_clock() && one.varies &&
             (!header.empty() || one.column == date->column + 1);
    });
    choose(*date, clock);
    const bool constant =
        first_that([&](const Reading& one) {
          return one.column != date->column && one.is_clock() && !one.varies && !header.empty();
        }) != nullptr;
    format.stamp.kind = clock == nullptr ? StampKind::date : StampKind::civil;
    draft.note("time",
               clock == nullptr
                   ? "date"
                   : fmt::format("date in column {}, time in column {}", date->column + 1, clock->column + 1),
               constant ? "a column that says the same time in every row is left out" : "");
    return find_date_order(draft, *date);
  }
  const Reading* of_day = first_that([](const Reading& one) { return one.mostly(one.of_day) && one.varies; });
  if (of_day != nullptr && (!header.empty() || of_day->column == 0)) {
    choose(*of_day, nullptr);
    return use_milliseconds_of_day(draft);
  }
  return fail(
      ErrorCode::bad_data,
      "no column holds times; the first row is {}. Name the columns with --columns time,open,high,low,"
      "close,volume",
      shown(fmt::format("{}", fmt::join(sample.front(), std::string(1, format.separator)))));
}

}  // namespace pawl::market::formats
