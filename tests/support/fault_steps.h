// Counts the changes on their way to the disk, of files and of SQLite alike, and lets something happen to
// the Nth: the process is killed, the power goes, or the call fails. Shared by every fake that wraps a seam.
#pragma once

#include <unistd.h>
#include <atomic>
#include <csignal>
#include <cstdint>

namespace pawl::test {

// The calls may come from several threads; whoever arms it does so while none comes, or takes what comes.
class FaultSteps {
 public:
  enum class Fault {
    none,
    kill,         // SIGKILL, instead of step N
    power_cut,    // step N and all later ones fail, as far as a machine without power can
    fail_once,    // step N fails
    fail_from_on  // step N and all later ones fail, until disarm()
  };

  void arm(Fault fault, std::int64_t at_step) {
    at_step_ = at_step;
    steps_ = 0;
    struck_ = false;
    fault_ = fault;
  }
  void disarm() { fault_ = Fault::none; }

  // To be called before every change; false: it must not be made and reports a failure.
  bool allow() {
    const std::int64_t step = ++steps_;
    const Fault fault = fault_;
    if (fault == Fault::none || step < at_step_) return true;
    if (step > at_step_ && fault == Fault::fail_once) return true;
    if (fault == Fault::kill) ::kill(::getpid(), SIGKILL);
    struck_ = true;
    return false;
  }
  std::int64_t steps() const { return steps_; }  // since arm()
  bool struck() const { return struck_; }

 private:
  std::atomic<Fault> fault_ = Fault::none;
  std::atomic<std::int64_t> at_step_ = 0, steps_ = 0;
  std::atomic<bool> struck_ = false;
};

}  // namespace pawl::test
