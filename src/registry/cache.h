// What a registry keeps in memory: the versions used last, and all bytes where there is no folder.
#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "registry/registry.h"

namespace pawl::registry {

struct Registry::Cache {
  // Enough for champion, challenger and baseline of several lines.
  static constexpr std::size_t kMost = 32;

  Loaded find(const store::VersionRow& row) {
    const auto found = std::ranges::find_if(
        recent, [&](const Loaded& version) { return version->content_hash == row.content_hash; });
    if (found == recent.end()) return nullptr;
    std::rotate(recent.begin(), found, found + 1);  // the one used last stands first
    return recent.front();
  }
  void put(Loaded version) {
    drop(version->content_hash);
    recent.insert(recent.begin(), std::move(version));
    if (recent.size() > kMost) recent.pop_back();
  }
  void drop(const std::string& content_hash) {
    std::erase_if(recent, [&](const Loaded& version) { return version->content_hash == content_hash; });
  }

  std::vector<Loaded> recent;
  std::map<std::string, VersionFiles> files;  // by content hash; only where there is no folder
};

}  // namespace pawl::registry
