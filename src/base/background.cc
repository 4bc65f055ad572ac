#include "base/background.h"

#include <cassert>

namespace pawl {

BackgroundWorker::BackgroundWorker() : thread_([this] { work_through(); }) {}

BackgroundWorker::~BackgroundWorker() {
  stop();
}

bool BackgroundWorker::post(int priority, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  waiting_.emplace(std::pair{-std::int64_t{priority}, posted_++}, std::move(work));
  changed_.notify_all();
  return true;
}

std::size_t BackgroundWorker::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + (running_ ? 1 : 0);
}

void BackgroundWorker::stop() {
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    dropped.swap(waiting_);  // their destructors run outside the lock
    changed_.notify_all();
  }
  const std::lock_guard lock(join_);
  assert(std::this_thread::get_id() != thread_.get_id());
  if (thread_.joinable()) thread_.join();
}

void BackgroundWorker::work_through() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    std::function<void()> work = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    running_ = true;
    lock.unlock();
    work();
    work = nullptr;  // what it holds is let go before it counts as done
    lock.lock();
    running_ = false;
  }
}

}  // namespace pawl
