// Standard output of a process that must go on whether anybody reads it or not: a full pipe would stop the
// loop behind it, and its end.
#pragma once

#include <memory>
#include <string>

namespace pawl::app {

class OutputPipe {
 public:
  OutputPipe();
  // Gives the reader a second to take what waits; what it has not taken then is lost.
  ~OutputPipe();
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;

  // Never waits; whole lines, in order, from any thread. Where nobody has read for 64 MB, lines are left out,
  // and how many is said once somebody does.
  void write(std::string lines);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pawl::app
