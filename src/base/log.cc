#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "base/json.h"

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
      return "info";
    case LogLevel::warn:
      return "warn";
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

std::string value_text(const LogField& field, bool json) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) return json_double_text(*number);
  const std::string_view text = std::get<std::string_view>(field.value);
  // As text, only what would be read as two words or as another field is quoted.
  const bool plain = !text.empty() && text.find_first_of(" =\"\n\r\t") == std::string_view::npos;
  return json || !plain ? json_quote(text) : std::string(text);
}

std::string text_line(LogLevel level, std::string_view line, LogFields fields) {
  std::string text = fmt::format("{:<5} {}", level_name(level), on_one_line(line));
  for (const LogField& field : fields) text += fmt::format(" {}={}", field.name, value_text(field, false));
  return text;
}

// What follows the time.
std::string json_line(LogLevel level, const std::string& logger, std::string_view line, LogFields fields) {
  std::string text = fmt::format(R"("level":"{}","logger":{},"msg":{})", level_name(level),
                                 json_quote(logger), json_quote(line));
  for (const LogField& field : fields) text += fmt::format(",\"{}\":{}", field.name, value_text(field, true));
  return text;
}

// What syslog calls the level, as sd-daemon(3) wants it before a line.
class PriorityFlag final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& line) override {
    std::string_view priority = "<6>";
    if (message.level >= spdlog::level::err) {
      priority = "<3>";
    } else if (message.level == spdlog::level::warn) {
      priority = "<4>";
    } else if (message.level == spdlog::level::debug) {
      priority = "<7>";
    }
    line.append(priority.data(), priority.data() + priority.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<PriorityFlag>();
  }
};

std::unique_ptr<spdlog::formatter> make_formatter(bool json, bool priority) {
  constexpr const char* kText = "%Y-%m-%dT%H:%M:%S.%eZ %v";
  constexpr const char* kJson = R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";
  std::string pattern = priority ? "%*" : "";
  pattern += json ? kJson : kText;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<PriorityFlag>('*').set_pattern(pattern);
  return formatter;
}

}  // namespace

struct Log::Impl {
  spdlog::logger logger;
  bool json;
};

bool stderr_is_journal(std::string_view journal_stream) {
  struct stat status{};
  if (journal_stream.empty() || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return journal_stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Result<Log> Log::open(const LogOptions& options) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  const bool journal = stream != nullptr && stderr_is_journal(stream);
  const bool json = options.format == LogFormat::json ||
                    (options.format == LogFormat::automatic && !journal && ::isatty(STDERR_FILENO) == 0);
  try {
    std::vector<spdlog::sink_ptr> sinks = {std::make_shared<spdlog::sinks::stderr_sink_mt>()};
    sinks.front()->set_formatter(make_formatter(json, journal));
    if (!options.file.empty()) {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file.string()));
      sinks.back()->set_formatter(make_formatter(json, false));
    }
    spdlog::logger logger(options.logger, sinks.begin(), sinks.end());
    logger.set_level(spdlog_level(options.level));
    // A line that is still in a buffer when the process dies is the one that was needed.
    logger.flush_on(spdlog::level::debug);
    Log log;
    log.impl_ = std::make_shared<Impl>(Impl{std::move(logger), json});
    return log;
  } catch (const std::exception& error) {
    return fail(ErrorCode::io, "cannot log to {}: {}; choose a file in a folder that can be written to",
                options.file.string(), error.what());
  }
}

Result<Log> Log::open(LogLevel level, const Path& file) {
  return open(LogOptions{.level = level, .file = file});
}

Log Log::silent() {
  return Log();
}

void Log::write(LogLevel level, std::string_view line, LogFields fields) const {
  if (!impl_ || !impl_->logger.should_log(spdlog_level(level))) return;
  const std::string text =
      impl_->json ? json_line(level, impl_->logger.name(), line, fields) : text_line(level, line, fields);
  impl_->logger.log(spdlog_level(level), "{}", text);
}

void Log::debug(std::string_view line, LogFields fields) const {
  write(LogLevel::debug, line, fields);
}
void Log::info(std::string_view line, LogFields fields) const {
  write(LogLevel::info, line, fields);
}
void Log::warn(std::string_view line, LogFields fields) const {
  write(LogLevel::warn, line, fields);
}
void Log::error(std::string_view line, LogFields fields) const {
  write(LogLevel::error, line, fields);
}

}  // namespace pawl
