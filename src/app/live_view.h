// What a replay looks like at a terminal while it runs: a line for each thing that matters, in plain words.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/progress.h"
#include "domain/event.h"

namespace pawl::app {

class LiveView {
 public:
  // Prints to stdout; `meter` is paused around each line.
  LiveView(ProgressMeter& meter, bool colour) : meter_(meter), colour_(colour) {}
  void show(const Event& event);

 private:
  void line(TimeMs at, const char* tint, std::string_view text);
  ProgressMeter& meter_;
  bool colour_;
  std::int64_t deferred_ = 0;  // said once until something else happens: a line waits for bars for weeks
};

}  // namespace pawl::app
