// What a function that can fail in an expected way returns. Nothing throws across a room (DESIGN rule 7):
// a third party's exception is caught in the file that calls it and becomes an Error here.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/format.h"

namespace pawl {

// The kinds of failure a caller may want to tell apart. Each has a stable code string (code_name) that
// stands in JSON, and an exit code of the command line (exit_code).
enum class ErrorCode {
  invalid_argument,  // the caller's words are off: a flag, an id, a range
  bad_config,        // a recipe or an override is wrong
  bad_data,          // bars, a job folder, a file of the user's is malformed
  corrupt,           // something pawl wrote itself no longer verifies
  not_found,
  conflict,           // somebody else moved first, or the state forbids it
  insufficient_data,  // right in form, too little of it
  cancelled,          // somebody asked for it to stop
  io,                 // the operating system said no
  internal,           // a third party's library failed in a way it should not
};

// A failure with what a person needs: what was wrong, where, and what to do next, in one message.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

// fail(ErrorCode::bad_data, "{}:{}: ...", file, line) makes the unexpected side of a Result.
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(text, std::forward<Args>(args)...)});
}

// Passes a failure on unchanged: if (!x) return propagate(x);
template <class T>
[[nodiscard]] std::unexpected<Error> propagate(const std::expected<T, Error>& failed) {
  return std::unexpected(failed.error());
}

// The same failure with the place it happened in put before it: "config/a.yaml: ...".
[[nodiscard]] std::unexpected<Error> within(std::string_view place, const Error& error);

std::string_view code_name(ErrorCode code);
// 1 failure, 2 usage, 65 bad data, 78 bad config.
int exit_code(ErrorCode code);

}  // namespace pawl
