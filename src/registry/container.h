// A version as one file: how it moves between machines. Length-checked data with a checksum over all of it;
// nothing in it is executed.
#pragma once

#include <string>
#include <string_view>

#include "registry/registry.h"

namespace pawl::registry {

struct Container {
  std::string content_hash;
  VersionFiles files;
};

std::string write_container(const Container& container);
// bad_data, with the reason, for anything that write_container did not write.
Result<Container> read_container(std::string_view bytes);

}  // namespace pawl::registry
