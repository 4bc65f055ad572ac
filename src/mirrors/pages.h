// Rows by their id, read some at a time: they are asked for in nearly the order in which they lie.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"

namespace pawl::mirrors {

// `Id` is the member that rows are ordered by.
template <class Row, std::int64_t Row::* Id>
class Pages {
 public:
  using Read = std::function<Result<std::vector<Row>>(std::int64_t cursor, std::size_t limit)>;
  explicit Pages(Read read) : read_(std::move(read)) {}

  // Null where there is no such row; valid until the next call.
  Result<const Row*> find(std::int64_t id) {
    if (const Row* row = in_page(id)) return row;
    auto page = read_(id - 1, kRows);
    if (!page) return propagate(page);
    page_ = std::move(*page);
    return in_page(id);
  }

 private:
  static constexpr std::size_t kRows = 128;
  const Row* in_page(std::int64_t id) const {
    const auto row = std::ranges::lower_bound(page_, id, {}, Id);
    return row != page_.end() && (*row).*Id == id ? &*row : nullptr;
  }
  Read read_;
  std::vector<Row> page_;
};

}  // namespace pawl::mirrors
