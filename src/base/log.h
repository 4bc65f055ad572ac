// Log lines, to stderr and optionally a file, in UTC. The one place that includes spdlog.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace pawl {

enum class LogLevel { debug, info, warn, error, off };

// A logger that is handed down, never global. Safe from any thread.
class Log {
 public:
  // Writes to stderr at `level` and above, and to `file` too where it is not empty.
  static Result<Log> open(LogLevel level, const Path& file = {});
  // Swallows everything: the default of tests and of replay.
  static Log silent();

  void debug(std::string_view line) const;
  void info(std::string_view line) const;
  void warn(std::string_view line) const;
  void error(std::string_view line) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace pawl
