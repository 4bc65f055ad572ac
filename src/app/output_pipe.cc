#include "app/output_pipe.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "base/format.h"

namespace pawl::app {

namespace {

constexpr std::size_t kWaitingMost = 64 << 20;
constexpr auto kPatience = std::chrono::seconds(1);

// False where the reader has gone.
bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

// Shared with the writing thread, which may outlive the pipe: nothing can end a write that nobody reads.
struct OutputPipe::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> waiting;
  std::size_t bytes = 0;
  std::uint64_t left_out = 0;
  bool writing = false, ended = false;

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return ended || !waiting.empty(); });
      if (waiting.empty()) return;
      std::string text = std::move(waiting.front());
      waiting.pop_front();
      bytes -= text.size();
      if (const std::uint64_t lost = std::exchange(left_out, 0); lost > 0) {
        text += fmt::format("{{\"kind\":\"output_lost\",\"pieces\":{}}}\n", lost);
      }
      writing = true;
      lock.unlock();
      const bool read = write_all(text);
      lock.lock();
      writing = false;
      if (!read) waiting.clear();
      changed.notify_all();
    }
  }
};

OutputPipe::OutputPipe() : state_(std::make_shared<State>()) {
  // What others have printed before stands first.
  std::fflush(stdout);
  std::thread([state = state_] { state->work(); }).detach();
}

OutputPipe::~OutputPipe() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, kPatience, [this] { return state_->waiting.empty() && !state_->writing; });
  state_->ended = true;
  state_->waiting.clear();
  state_->changed.notify_all();
}

void OutputPipe::write(std::string lines) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->bytes + lines.size() > kWaitingMost) {
    ++state_->left_out;
    return;
  }
  state_->bytes += lines.size();
  state_->waiting.push_back(std::move(lines));
  state_->changed.notify_all();
}

}  // namespace pawl::app
