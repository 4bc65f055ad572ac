// Counts the changes on their way to the disk, of files and of SQLite alike, and lets something happen to
// the Nth: the process is killed, the power goes, or the call fails. Shared by every fake that wraps a seam.
#pragma once

#include <unistd.h>
#include <csignal>
#include <cstdint>

namespace pawl::test {

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
    fault_ = fault;
    at_step_ = at_step;
    steps_ = 0;
    struck_ = false;
  }
  void disarm() { fault_ = Fault::none; }

  // To be called before every change; false: it must not be made and reports a failure.
  bool allow() {
    ++steps_;
    if (fault_ == Fault::none || steps_ < at_step_) return true;
    if (steps_ > at_step_ && fault_ == Fault::fail_once) return true;
    if (fault_ == Fault::kill) ::kill(::getpid(), SIGKILL);
    struck_ = true;
    return false;
  }
  std::int64_t steps() const { return steps_; }  // since arm()
  bool struck() const { return struck_; }

 private:
  Fault fault_ = Fault::none;
  std::int64_t at_step_ = 0, steps_ = 0;
  bool struck_ = false;
};

}  // namespace pawl::test
