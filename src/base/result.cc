#include "base/result.h"

namespace pawl {

std::unexpected<Error> within(std::string_view place, const Error& error) {
  return std::unexpected(Error{error.code, fmt::format("{}: {}", place, error.message)});
}

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::bad_config:
      return "bad_config";
    case ErrorCode::bad_data:
      return "bad_data";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::insufficient_data:
      return "insufficient_data";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::io:
      return "io";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return 2;
    case ErrorCode::bad_config:
      return 78;
    case ErrorCode::bad_data:
    case ErrorCode::corrupt:
      return 65;
    default:
      return 1;
  }
}

}  // namespace pawl
