// What a route asks of whoever calls it.
#pragma once

#include <string_view>

namespace pawl::http {

// open: nothing (/livez, /readyz). admin keys may everything; the others only what they are named after.
enum class Scope { open, predict, read, admin };
std::string_view scope_name(Scope scope);

}  // namespace pawl::http
