#include "base/background.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace pawl {
namespace {

// Work that holds the worker until it is let go.
class Gate {
 public:
  void pass() {
    entered_.set_value();
    opened_.get_future().wait();
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_, opened_;
};

TEST(BackgroundWorker, TakesTheHighestPriorityFirstAndKeepsTheOrderWithinIt) {
  BackgroundWorker worker;
  Gate gate;
  std::promise<void> finished;
  std::vector<int> order;
  worker.post(0, [&] { gate.pass(); });
  gate.wait_until_entered();
  for (const int piece : {10, 20, 11, 30, 21, 12})
    worker.post(piece / 10, [&, piece] { order.push_back(piece); });
  worker.post(-1, [&] { finished.set_value(); });
  EXPECT_EQ(worker.size(), 8U) << "with the one that runs";
  gate.open();
  finished.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{30, 20, 21, 10, 11, 12}));
}

TEST(BackgroundWorker, StopsAfterTheCurrentPieceAndDropsTheRest) {
  BackgroundWorker worker;
  Gate gate;
  std::atomic<bool> first_ended = false, second_ran = false;
  const auto held = std::make_shared<int>(1);
  worker.post(0, [&] {
    gate.pass();
    first_ended = true;
  });
  gate.wait_until_entered();
  worker.post(0, [&, held] { second_ran = true; });
  std::jthread opener([&] {
    while (worker.post(0, [] {})) std::this_thread::yield();  // until it has been told to stop
    gate.open();
  });
  worker.stop();
  EXPECT_TRUE(first_ended);
  EXPECT_FALSE(second_ran);
  EXPECT_EQ(held.use_count(), 1) << "what a dropped piece held is let go";
  EXPECT_FALSE(worker.post(0, [] {}));
  EXPECT_EQ(worker.size(), 0U);
  worker.stop();
}

TEST(BackgroundWorker, MayPostFromAPieceAndFromManyThreads) {
  std::atomic<int> ran = 0;
  constexpr int kThreads = 4, kEach = 500;
  std::promise<void> finished;
  BackgroundWorker worker;
  {
    std::vector<std::jthread> posting;
    for (int thread = 0; thread < kThreads; ++thread) {
      posting.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          worker.post(thread, [&] {
            worker.post(100, [&] {
              if (++ran == kThreads * kEach) finished.set_value();
            });
          });
        }
      });
    }
  }
  finished.get_future().wait();
  EXPECT_EQ(ran, kThreads * kEach);
}

TEST(BackgroundWorker, MayBeStoppedBySeveralAtOnce) {
  BackgroundWorker worker;
  std::vector<std::jthread> stopping;
  for (int i = 0; i < 4; ++i) stopping.emplace_back([&] { worker.stop(); });
}

}  // namespace
}  // namespace pawl
