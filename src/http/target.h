// What stands in a request line after the method: decoding, pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace pawl::http {

// Turns %41 into A. An escape that is none ("%", "%zz") stays as it is.
std::string percent_decode(std::string_view text);

// "a=1&b=x%20y+z&flag" → a: "1", b: "x y z", flag: "". Parts without a name are left out.
NamedValues parse_query(std::string_view query);

// Sets path and query of a request from "/path?query" or "http://host/path?query"; a fragment is dropped.
// bad_data where it is neither, or holds a control character, plain or encoded. "*" is a path of its own.
Status parse_target(std::string_view target, Request& request);

}  // namespace pawl::http
