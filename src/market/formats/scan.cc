#include "market/formats/scan.h"

#include <algorithm>
#include <map>

#include "market/formats/table.h"

namespace pawl::market::formats {

namespace {

constexpr std::array<Role, 4> kBid = {Role::open, Role::high, Role::low, Role::close};
constexpr std::array<Role, 4> kAsk = {Role::ask_open, Role::ask_high, Role::ask_low, Role::ask_close};

// How many cells rows have, for those numbers that one row in twenty or more has: others are cut short.
std::vector<std::size_t> usual_widths(std::string_view text, const BarFormat& format) {
  std::map<std::size_t, std::size_t> counts;
  std::size_t total = 0;
  for (Rows rows(text, format.separator); rows.next();) {
    if (rows.line() < format.first_row) continue;
    ++counts[rows.cells().size()];
    ++total;
  }
  std::vector<std::size_t> widths;
  for (const auto& [width, count] : counts) {
    if (count * 20 >= total && (count > 1 || total == 1)) widths.push_back(width);
  }
  return widths;
}

class Scanner {
 public:
  Scanner(std::string_view text, const BarFormat& format)
      : text_(text), format_(format), widths_(usual_widths(text, format)) {}

  Scan run() {
    for (Rows rows(text_, format_.separator); rows.next();) {
      if (rows.line() < format_.first_row) continue;
      std::string fault = read(rows);
      if (!fault.empty()) scan_.bad.push_back({rows.line(), std::move(fault)});
    }
    return std::move(scan_);
  }

 private:
  // Adds the row, counts it as null, or says what is wrong with it.
  std::string read(const Rows& rows) {
    const std::vector<std::string_view>& cells = rows.cells();
    if (std::find(widths_.begin(), widths_.end(), cells.size()) == widths_.end()) {
      return fmt::format("{} has {} cells, other rows have {}; it may be cut short", shown(rows.raw()),
                         cells.size(), widths_.empty() ? 0 : widths_.back());
    }
    const Columns& columns = format_.columns;
    if (std::all_of(kBid.begin(), kBid.end(),
                    [&](Role role) { return is_null(columns.cell(role, cells)); })) {
      ++scan_.null_rows;
      return "";
    }
    ScannedRow row{.line = rows.line()};
    const std::string_view time = columns.cell(Role::time, cells);
    if (!read_stamp(time, columns.cell(Role::clock, cells), row.stamp)) {
      return fmt::format("field \"time\": {} is no time in the form of the other rows", shown(time));
    }
    const std::array<double*, 4> prices = {&row.open, &row.high, &row.low, &row.close};
    for (std::size_t i = 0; i < prices.size(); ++i) {
      if (!read_price(kBid[i], cells, *prices[i])) return not_a_number(kBid[i], cells);
      if (!columns.has_asks()) continue;
      double ask = 0;
      if (!read_price(kAsk[i], cells, ask)) return not_a_number(kAsk[i], cells);
      *prices[i] = (*prices[i] + ask) / 2;
    }
    if (columns.has(Role::adjusted) && !read_price(Role::adjusted, cells, row.adjusted)) {
      return not_a_number(Role::adjusted, cells);
    }
    if (columns.has(Role::volume)) {
      if (is_null(columns.cell(Role::volume, cells))) {
        ++scan_.rows_without_volume;
      } else if (!read_price(Role::volume, cells, row.volume)) {
        return not_a_number(Role::volume, cells);
      }
    }
    row.complete = columns.cell(Role::complete, cells) != "false";
    scan_.rows.push_back(row);
    return "";
  }

  bool read_price(Role role, const std::vector<std::string_view>& cells, double& value) const {
    const auto number = read_number(format_.columns.cell(role, cells), format_.decimal_comma);
    value = number.value_or(0);
    return number.has_value();
  }
  std::string not_a_number(Role role, const std::vector<std::string_view>& cells) const {
    return fmt::format("field \"{}\": {} is not a number", role_name(role),
                       shown(format_.columns.cell(role, cells)));
  }

  bool read_stamp(std::string_view time, std::string_view clock, Stamp& stamp) const {
    const StampForm& form = format_.stamp;
    if (form.kind == StampKind::epoch) {
      const auto epoch = read_epoch(time);
      if (epoch) stamp = {.local = epoch->time, .utc = epoch->time};
      return epoch.has_value();
    }
    if (form.kind == StampKind::ms_of_day) {
      const auto number = read_number(time, false);
      if (!number || *number < 0 || *number >= static_cast<double>(kDayMs)) return false;
      stamp.local = form.date.value_or(0) + static_cast<DurationMs>(*number);
      return true;
    }
    const auto civil = read_civil(time, form.date_order);
    if (!civil) return false;
    stamp.local = civil->local;
    if (civil->offset) stamp.utc = civil->local - *civil->offset;
    if (!format_.columns.has(Role::clock)) return true;
    const auto of_day = read_clock(clock);
    if (!of_day || civil->has_clock) return false;
    stamp.local += *of_day;
    return true;
  }

  std::string_view text_;
  const BarFormat& format_;
  std::vector<std::size_t> widths_;
  Scan scan_;
};

}  // namespace

Scan scan_rows(std::string_view text, const BarFormat& format) {
  return Scanner(text, format).run();
}

std::string place(std::string_view file_name, const BarFormat& format, std::int64_t line) {
  if (format.kind == TextKind::json) {
    return fmt::format("{}: bar {}", file_name, line - format.first_row + 1);
  }
  return fmt::format("{}:{}", file_name, line);
}

}  // namespace pawl::market::formats
