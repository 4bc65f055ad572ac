// pawl run, pawl stop.
#include "app/commands/run.h"

#include <signal.h>

#include <charconv>
#include <mutex>

namespace pawl::app {

namespace {

// What the signal watch calls: a process that may not be there yet, or no more.
struct Waker {
  std::mutex mutex;
  std::function<void()> wake;
};

Result<int> run(const CommonOptions& common, const RunOptions& options) {
  auto waker = std::make_shared<Waker>();
  SignalWatch signals([waker] {
    const std::scoped_lock lock(waker->mutex);
    if (waker->wake) waker->wake();
  });
  for (;;) {
    std::function<void()> wake;
    auto process = LiveProcess::start(common, options, signals, wake);
    if (!process) return propagate(process);
    {
      const std::scoped_lock lock(waker->mutex);
      waker->wake = std::move(wake);
    }
    const auto ended = (*process)->run();
    {
      const std::scoped_lock lock(waker->mutex);
      waker->wake = nullptr;
    }
    if (Status stopped = (*process)->stop(); !stopped) return propagate(stopped);
    if (!ended) return propagate(ended);
    if (*ended == LiveProcess::End::reload) continue;
    (*process)->tell_stopped(*ended == LiveProcess::End::reached);
    return 0;
  }
}

Status stop(const CommonOptions& common) {
  const Path lock = Path(common.data) / "lock";
  const auto holder = FolderLock::holder(lock);
  if (!holder) return propagate(holder);
  if (!*holder) {
    return fail(ErrorCode::not_found, "{}: no pawl runs there", common.data);
  }
  int process = 0;
  const std::string& text = **holder;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), process);
  if (wrong != std::errc() || end != text.data() + text.size() || ::kill(process, SIGTERM) != 0) {
    return fail(ErrorCode::io, "process {} cannot be told to stop; is it another user's?", text);
  }
  constexpr double kPatienceS = 10;
  const double began = monotonic_seconds();
  while (monotonic_seconds() - began < kPatienceS) {
    const auto now = FolderLock::holder(lock);
    if (!now) return propagate(now);
    if (!*now) {
      if (!common.quiet) print(fmt::format("pawl in {} has stopped\n", common.data));
      return {};
    }
    rest_seconds(0.02);
  }
  return fail(ErrorCode::conflict, "process {} was told to stop {} s ago and still runs", **holder,
              kPatienceS);
}

}  // namespace

int run_command(const CommonOptions& common, const RunOptions& options) {
  const Result<int> done = run(common, options);
  return done ? *done : report(done.error(), common);
}

int stop_command(const CommonOptions& common) {
  const Status done = stop(common);
  return done ? 0 : report(done.error(), common);
}

}  // namespace pawl::app
