// Every backend of the store, for tests of what all of them promise.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "store/store.h"
#include "support/test_files.h"

namespace pawl::store {

struct Backend {
  std::string name;
  std::function<Result<std::unique_ptr<Store>>(const Path& folder)> open;
};

inline const std::array kBackends = {
    Backend{"sqlite_file",
            [](const Path& folder) {
              return open_sqlite({.file = folder / "pawl.db", .vfs = "", .read_only = false});
            }},
    Backend{"sqlite_file_each_row_by_itself",
            [](const Path& folder) {
              return open_sqlite(
                  {.file = folder / "pawl.db", .vfs = "", .read_only = false, .group_rows = 1});
            }},
    Backend{"sqlite_file_of_a_replay",
            [](const Path& folder) {
              return open_sqlite({.file = folder / "pawl.db",
                                  .vfs = "",
                                  .read_only = false,
                                  .group_rows = 10'000,
                                  .power_safe = false});
            }},
    Backend{"sqlite_memory", [](const Path&) { return open_sqlite({}); }},
};

// A fresh store of the backend under test.
class OneStore : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    auto opened = GetParam().open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  test::TempFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace pawl::store
