// JSON values for the whole house; the one place that includes nlohmann's library. Keys keep no order of
// their own: objects are sorted by key, so that dump() is canonical.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"

namespace pawl {

using Json = nlohmann::json;

// Parses a whole text; a failure (bad_data) says where in the text.
Result<Json> parse_json(std::string_view text);

// A number, or null where it is not finite: JSON has no NaN.
Json json_number(double value);

// Reading with a reason instead of an exception: the field of that name and type, or bad_data that names it.
Result<double> json_double(const Json& object, std::string_view field);  // null reads as NaN
Result<std::int64_t> json_int(const Json& object, std::string_view field);
Result<std::string> json_string(const Json& object, std::string_view field);
Result<bool> json_bool(const Json& object, std::string_view field);

// A JSON string literal with quotes, escaped: for hand-written lines on hot paths.
std::string json_quote(std::string_view text);
// The shortest decimal that reads back as the same double; "null" where it is not finite.
std::string json_double_text(double value);

}  // namespace pawl
