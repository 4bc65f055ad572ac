// Text formatting for the whole house: fmt, because GCC 12 has no <format>. Never locale dependent.
#pragma once

#include <fmt/format.h>
