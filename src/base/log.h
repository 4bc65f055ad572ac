// Log lines, to stderr and optionally a file, in UTC. The one place that includes spdlog.
//
//   log.info("Promoted v000004", {{"symbol", "EUR_USD"}, {"duration_ms", 12.5}});
//
//   text   2026-01-05T02:00:00.000Z info  Promoted v000004 symbol=EUR_USD duration_ms=12.5
//   json   {"ts":"2026-01-05T02:00:00.000Z","level":"info","logger":"pawl","msg":"Promoted v000004",
//           "symbol":"EUR_USD","duration_ms":12.5}                                            (one line)
//
// A secret has no business in a line or a field: nothing here could take it out again.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/files.h"
#include "base/result.h"

namespace pawl {

enum class LogLevel { debug, info, warn, error, off };
// automatic: text where a person or systemd's journal reads stderr, JSON lines elsewhere, as in a container.
enum class LogFormat { automatic, text, json };

struct LogOptions {
  LogLevel level = LogLevel::info;  // and above
  Path file;                        // written to beside stderr; empty: stderr alone
  LogFormat format = LogFormat::text;
  std::string logger = "pawl";  // which part of the program speaks, in JSON lines
};

// What a line is about, beside its words: symbol, model_version, duration_ms, err, request_id. The name is a
// plain word. Borrows its texts until the line is written.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double> value;

  LogField(std::string_view field, std::string_view text) : name(field), value(text) {}
  LogField(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, const std::string& text) : name(field), value(std::string_view(text)) {}
  LogField(std::string_view field, std::int64_t number) : name(field), value(number) {}
  LogField(std::string_view field, int number) : name(field), value(std::int64_t{number}) {}
  LogField(std::string_view field, double number) : name(field), value(number) {}
};
using LogFields = std::initializer_list<LogField>;

// A logger that is handed down, never global. Safe from any thread.
class Log {
 public:
  // Where stderr is systemd's journal (JOURNAL_STREAM), a line there begins with its priority, "<6>".
  static Result<Log> open(const LogOptions& options);
  // Text.
  static Result<Log> open(LogLevel level, const Path& file = {});
  // Swallows everything: the default of tests and of replay.
  static Log silent();

  void debug(std::string_view line, LogFields fields = {}) const;
  void info(std::string_view line, LogFields fields = {}) const;
  void warn(std::string_view line, LogFields fields = {}) const;
  void error(std::string_view line, LogFields fields = {}) const;

 private:
  void write(LogLevel level, std::string_view line, LogFields fields) const;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Whether stderr is the stream that systemd's journal reads: `journal_stream` is "DEVICE:INODE", as in
// JOURNAL_STREAM. A child whose stderr goes elsewhere inherits the variable, hence the comparison.
bool stderr_is_journal(std::string_view journal_stream);

}  // namespace pawl
