// What files and people call things.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "recipe/recipe.h"

namespace pawl::mirrors {

// {symbol}, {line} and {time} of a pattern filled in: the line's last part ("EUR_USD", "pool"), its whole
// name with _ for / and the time as YYYYMMDD_HHMMSS, UTC.
std::string file_name(std::string_view pattern, const LineId& line, TimeMs time = 0);
// Whether a pattern gives each line a name of its own.
bool tells_lines_apart(std::string_view pattern);

// "EUR_USD" of "forex-weekly/EUR_USD"
std::string_view last_part(const LineId& line);
// A line as the recipe's user calls it: its symbol as given, or "pool".
std::string given_name(const recipe::Recipe& recipe, const LineId& line);
// A canonical symbol as the recipe has it; itself where it has none such.
std::string given_symbol(const recipe::Recipe& recipe, std::string_view canonical);

// "43,256.50"
std::string grouped(double value, int digits);
// A price with as many digits as people read: two, or five below 10.
int price_digits(double price);

}  // namespace pawl::mirrors
