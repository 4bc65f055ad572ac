#include "base/signals.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/clock.h"

namespace pawl {

namespace {

constexpr double kSameWishS = 0.5;

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR2}) sigaddset(&set, number);
  return set;
}

}  // namespace

struct SignalWatch::Impl {
  std::function<void()> tell;
  sigset_t former{};
  std::atomic<bool> stop = false, reload = false;
  std::thread thread;

  void watch() {
    double stop_asked_s = 0;
    const sigset_t set = watched();
    for (;;) {
      int number = 0;
      if (sigwait(&set, &number) != 0) continue;
      if (number == SIGUSR2) return;  // the watch itself ends
      if (number == SIGHUP) {
        reload = true;
      } else if (!stop.exchange(true)) {
        stop_asked_s = monotonic_seconds();
      } else if (monotonic_seconds() - stop_asked_s >= kSameWishS) {
        _exit(128 + number);
      }
      tell();
    }
  }
};

SignalWatch::SignalWatch(std::function<void()> tell) : impl_(std::make_unique<Impl>()) {
  impl_->tell = std::move(tell);
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, &impl_->former);
  // A client that hangs up while it is written to must not end the process.
  signal(SIGPIPE, SIG_IGN);
  impl_->thread = std::thread([impl = impl_.get()] { impl->watch(); });
}

SignalWatch::~SignalWatch() {
  pthread_kill(impl_->thread.native_handle(), SIGUSR2);
  impl_->thread.join();
  pthread_sigmask(SIG_SETMASK, &impl_->former, nullptr);
}

bool SignalWatch::stop_asked() const {
  return impl_->stop;
}

bool SignalWatch::take_reload() {
  return impl_->reload.exchange(false);
}

}  // namespace pawl
