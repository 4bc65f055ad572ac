#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <vector>

namespace pawl {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info ";
    case LogLevel::warn:
      return "warn ";
    case LogLevel::error:
      return "error";
    case LogLevel::off:
      break;
  }
  return "";
}

// Whatever a message carries from outside, it stays one line and cannot pose as another.
std::string on_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\r') {
      line += "\\r";
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace

struct Log::Impl {
  spdlog::logger logger;

  void write(LogLevel level, std::string_view line) {
    if (!logger.should_log(spdlog_level(level))) return;
    logger.log(spdlog_level(level), "{} {}", level_name(level), on_one_line(line));
  }
};

Result<Log> Log::open(LogLevel level, const Path& file) {
  try {
    std::vector<spdlog::sink_ptr> sinks = {std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    if (!file.empty()) sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
    spdlog::logger logger("pawl", sinks.begin(), sinks.end());
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %v",
                                                                     spdlog::pattern_time_type::utc));
    logger.set_level(spdlog_level(level));
    // A line that is still in a buffer when the process dies is the one that was needed.
    logger.flush_on(spdlog::level::debug);
    Log log;
    log.impl_ = std::make_shared<Impl>(Impl{std::move(logger)});
    return log;
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, "cannot log to {}: {}; choose a file in a folder that can be written to",
                file.string(), error.what());
  }
}

Log Log::silent() {
  return Log();
}

void Log::debug(std::string_view line) const {
  if (impl_) impl_->write(LogLevel::debug, line);
}
void Log::info(std::string_view line) const {
  if (impl_) impl_->write(LogLevel::info, line);
}
void Log::warn(std::string_view line) const {
  if (impl_) impl_->write(LogLevel::warn, line);
}
void Log::error(std::string_view line) const {
  if (impl_) impl_->write(LogLevel::error, line);
}

}  // namespace pawl
