// Which column of a bar file holds what.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawl::market::formats {

enum class Role {
  time,
  clock,  // the time of day, where `time` is a date
  open,
  high,
  low,
  close,
  adjusted,
  volume,
  ask_open,  // where there are asks, open … close are bids, and the bar is the middle
  ask_high,
  ask_low,
  ask_close,
  symbol,
  complete,  // false while a bar is being made
};
inline constexpr std::size_t kRoleCount = 14;
std::string_view role_name(Role role);

// Column numbers from 0. A role may have several columns, where a file holds one set of columns after
// another: in each row the first cell counts that says something.
class Columns {
 public:
  const std::vector<std::size_t>& of(Role role) const { return columns_[static_cast<std::size_t>(role)]; }
  bool has(Role role) const { return !of(role).empty(); }
  bool has_asks() const { return has(Role::ask_close); }
  void add(Role role, std::size_t column) { columns_[static_cast<std::size_t>(role)].push_back(column); }
  void set(Role role, std::vector<std::size_t> columns) {
    columns_[static_cast<std::size_t>(role)] = std::move(columns);
  }
  // The cell of a role in a row: the first of its columns that is there and says something, else "".
  std::string_view cell(Role role, const std::vector<std::string_view>& row) const;
  // "time 1, open 2, close 3": columns from 1, in the file's order.
  std::string text() const;

 private:
  std::array<std::vector<std::size_t>, kRoleCount> columns_;
};

// The role that a header's name stands for; none for what a bar has no use for (spread, trades, turnover).
std::optional<Role> role_of_header(std::string_view name);
// "time,open,close,high,low,volume", "-" for a column to leave out. invalid_argument names the bad word.
Result<Columns> parse_columns(std::string_view text);

}  // namespace pawl::market::formats
