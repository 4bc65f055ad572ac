// One thread that works through a queue: what must not hold up whoever asks for it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace pawl {

// All calls are safe from any thread; stop() and the destructor not from the worker's own.
class BackgroundWorker {
 public:
  BackgroundWorker();
  ~BackgroundWorker();  // stop()
  BackgroundWorker(const BackgroundWorker&) = delete;
  BackgroundWorker& operator=(const BackgroundWorker&) = delete;

  // Work of a higher priority goes first, of the same in the order it came; what runs is not interrupted.
  // The work must not throw. False after stop(): it will not run.
  bool post(int priority, std::function<void()> work);
  // Pieces that wait or run.
  std::size_t size() const;
  // Returns when the piece that runs has ended, which whoever asks for this makes it do soon; what waits is
  // dropped. A second call changes nothing.
  void stop();

 private:
  void work_through();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // By priority, highest first, then by number.
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> waiting_;
  std::uint64_t posted_ = 0;
  bool running_ = false, stopped_ = false;
  std::mutex join_;  // of several that stop at once one joins and the others wait for it
  std::thread thread_;
};

}  // namespace pawl
