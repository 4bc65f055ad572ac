// Names from outside, looked up among those there are: nothing that a client says becomes a path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.h"
#include "http/message.h"
#include "recipe/recipe.h"

namespace pawl::http {

// Index of the recipe's symbol that a client calls so; not_found names those there are, invalid_argument
// where it is no symbol at all.
Result<std::size_t> find_symbol(const recipe::Recipe& recipe, std::string_view given);

// Index among the recipe's lines: by "recipe/symbol", or by the symbol alone, in any of its forms; "pool" is
// a pooled line, and so is each of its symbols. not_found names the lines.
Result<std::size_t> find_line(const recipe::Recipe& recipe, std::string_view given);

// The line of a path with {recipe} and {symbol}.
Result<std::size_t> line_of_path(const recipe::Recipe& recipe, const Request& request);
// The line that ?line= names; empty: all.
Result<LineId> line_of_query(const recipe::Recipe& recipe, const Request& request);

// A pattern of the recipe's `files` for a line: {symbol} and {line} filled in.
std::string file_of_line(std::string_view pattern, const LineId& line);

}  // namespace pawl::http
