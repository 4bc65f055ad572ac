// The signals that end or reload a process, as values that a loop looks at instead of handlers that interrupt
// it.
#pragma once

#include <functional>
#include <memory>

namespace pawl {

// Made before any other thread is started, because it keeps the signals from all of them; one a process.
// SIGTERM and SIGINT ask to stop, SIGHUP to reload. Another SIGINT or SIGTERM, half a second later or more,
// ends the process at once (exit 128 + its number): whoever asks twice does not want to wait. One that comes
// sooner is the same wish told twice, as `timeout` does.
class SignalWatch {
 public:
  // `tell` is called from a thread of the watch's own after each signal.
  explicit SignalWatch(std::function<void()> tell);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  bool stop_asked() const;
  // True once for each time that a reload was asked for.
  bool take_reload();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
