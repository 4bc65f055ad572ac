// A child process as a value: started, read from, waited for with a deadline, killed; never a zombie, never a
// descriptor left open.
//
//   auto child = ChildProcess::start({.argv = {"/usr/bin/env"}, .idle_priority = true});
//   while (!child->ended()) {
//     child->wait(1000);
//     for (const std::string& line : child->lines()) …
//   }
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

struct pollfd;

namespace pawl {

struct ChildOptions {
  std::vector<std::string> argv;  // argv[0] is the program's file: no search along PATH
  // Put over our own environment.
  std::vector<std::pair<std::string, std::string>> environment;
  // Runs when nobody else wants the processor or the disk, and is the first that the system ends where memory
  // runs out.
  bool idle_priority = false;
  std::uint64_t memory_bytes_max = 0;  // of address space; 0: no limit
  // Killed when the THREAD that started it ends, in whatever way: that thread must outlive it.
  bool die_with_parent = true;
};

// How a process ended.
struct ExitStatus {
  bool by_signal = false;
  int number = 0;  // the signal, or what it exited with
  bool success() const { return !by_signal && number == 0; }
  std::string words() const;  // "exit 70"; "killed by signal 9 (out of memory?)"
};

// Ends a wait from another thread. wake() is safe from any thread and from several; it holds until clear().
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  void wake();
  void clear();
  int descriptor() const { return descriptor_; }  // to poll: readable after wake()

 private:
  int descriptor_;  // -1 where none could be had: then it wakes nobody
};

// One thread at a time; several children may belong to several threads. Starting one is safe while other
// threads run. It has no input, its standard output comes here line by line, of what it writes to standard
// error the end is kept, and it inherits no other descriptor, signal mask or group of ours.
class ChildProcess {
 public:
  // not_found or io where the program cannot be started, with the reason.
  static Result<ChildProcess> start(const ChildOptions& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills it where it still runs

  int pid() const { return pid_; }
  // What it has printed since the last call, whole lines without their ends; the rest of an unfinished line
  // comes when it has ended. Of lines that nobody takes the newest 10,000 are kept, of a line its first 64
  // kB.
  std::vector<std::string> lines();
  // The end of what it wrote to standard error so far, at most 8 kB.
  const std::string& error_text() const { return error_text_; }
  // Nothing while it runs. Once it has ended all that it printed is here.
  std::optional<ExitStatus> ended();
  // Until it has ended; nothing where the time was up before.
  std::optional<ExitStatus> wait(DurationMs ms);
  // Until one of them has printed or ended, `wakeup` (may be null) was woken, or the time is up.
  static void wait_for_any(std::span<ChildProcess* const> children, const Wakeup* wakeup, DurationMs ms);
  // Ends it at once with all that it started, and returns when it is gone.
  ExitStatus kill();

 private:
  ChildProcess() = default;
  void read_available();
  void take_output(std::string_view bytes);
  std::optional<ExitStatus> reap(int flags);
  void watch(std::vector<pollfd>& waiting) const;
  void close_all();

  int pid_ = -1;
  int process_ = -1;                  // a descriptor that becomes readable when the process ends
  std::array<int, 2> pipes_{-1, -1};  // its standard output and error; -1 where they have ended
  std::deque<std::string> lines_;
  std::string unfinished_, error_text_;
  std::optional<ExitStatus> status_;
};

// The file of the program that runs now, even where it was replaced or removed since.
inline constexpr const char* kOwnProgram = "/proc/self/exe";

}  // namespace pawl
