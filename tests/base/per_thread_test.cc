#include "base/per_thread.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace pawl {
namespace {

std::unique_ptr<int> zero() {
  return std::make_unique<int>(0);
}

TEST(PerThread, GivesAThreadTheSameValueEveryTime) {
  PerThread<int> numbers(zero);
  numbers.get() = 7;
  EXPECT_EQ(numbers.get(), 7);
  EXPECT_EQ(&numbers.get(), &numbers.get());
}

TEST(PerThread, NeverSharesAValueBetweenThreads) {
  PerThread<int> numbers(zero);
  std::mutex mutex;
  std::set<const int*> seen;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&] {
        // Without a lock: a shared one would be a race, and lose counts.
        for (int i = 0; i < 10'000; ++i) ++numbers.get();
        EXPECT_EQ(numbers.get(), 10'000);
        const std::scoped_lock lock(mutex);
        seen.insert(&numbers.get());
      });
    }
  }
  EXPECT_EQ(seen.size(), 8u);
}

TEST(PerThread, AnObjectInThePlaceOfAnotherHasValuesOfItsOwn) {
  for (int i = 0; i < 100; ++i) {
    PerThread<int> numbers(zero);
    EXPECT_EQ(numbers.get()++, 0);
  }
}

TEST(PerThread, ManyAtOnceKeepTheirValues) {
  std::vector<std::unique_ptr<PerThread<int>>> many;
  for (int i = 0; i < 40; ++i) {
    many.push_back(std::make_unique<PerThread<int>>(zero));
    many.back()->get() = i;
  }
  for (int i = 0; i < 40; ++i) EXPECT_EQ(many[static_cast<std::size_t>(i)]->get(), i);
}

TEST(PerThread, EndsItsValuesWithItself) {
  const auto counted = std::make_shared<int>(0);
  {
    PerThread<std::shared_ptr<int>> copies([&] { return std::make_unique<std::shared_ptr<int>>(counted); });
    std::jthread([&] { copies.get(); }).join();
    copies.get();
    EXPECT_EQ(counted.use_count(), 3) << "the value of a thread that has ended stays";
  }
  EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
}  // namespace pawl
