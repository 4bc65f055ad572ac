// What a client posts to /predict, and a version that answers it, of the size of the Flask program's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "registry/registry.h"

namespace pawl::bench {

// 28 indicators on each of M5, H1 and H4.
std::vector<std::string> wide_window_specs();
// A body of 500 + 300 + 250 candles on a random walk.
std::string window_body();
// Three classes, so many trees for each; its numbers mean nothing.
Result<std::shared_ptr<registry::LoadedVersion>> window_version(const std::vector<std::string>& specs,
                                                                int trees, int depth);

}  // namespace pawl::bench
