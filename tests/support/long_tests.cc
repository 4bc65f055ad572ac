#include "support/long_tests.h"

#include <cstdlib>
#include <string_view>

namespace pawl::test {

bool long_tests_asked() {
  const char* value = std::getenv("PAWL_LONG");
  return value != nullptr && std::string_view(value) != "" && std::string_view(value) != "0";
}

void skip_unless_long() {
  if (!long_tests_asked()) GTEST_SKIP() << "takes minutes; PAWL_LONG=1 (or ./test --full) runs it";
}

}  // namespace pawl::test
