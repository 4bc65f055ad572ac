#include "base/gzip.h"
#include "market/formats/format.h"

namespace pawl::market::formats {

namespace {

constexpr std::string_view kOwnHeader = "time,open,high,low,close,volume";

bool begins_with_own_header(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!text.starts_with(kOwnHeader)) return false;
  text.remove_prefix(kOwnHeader.size());
  // The header and a time in UTC: other programs write the same names over other times.
  const std::size_t row = text.find_first_not_of("\r\n");
  if (row == std::string_view::npos) return true;
  const std::string_view first = text.substr(row, text.find_first_of(",\r\n", row) - row);
  const auto civil = read_civil(first, DateOrder::dmy);
  return row > 0 && !read_epoch(first) && (!civil || !civil->has_clock || civil->offset);
}

}  // namespace

bool is_own_form(std::string_view bytes) {
  if (!looks_like_gzip(bytes)) return begins_with_own_header(bytes);
  const auto text = gunzip(bytes);
  // What does not unpack is refused by the same words whichever form it is.
  return !text || begins_with_own_header(*text);
}

Result<Delivery> read_bar_file(std::string_view packed, std::string_view file_name, const Request& request,
                               BadRows bad_rows) {
  std::string unpacked;
  std::string_view bytes = packed;
  if (looks_like_gzip(packed)) {
    auto text = gunzip(packed);
    if (!text) return parse_csv(packed, file_name, request, bad_rows);
    unpacked = std::move(*text);
    bytes = unpacked;
  }
  if (bytes.empty() || begins_with_own_header(bytes)) return parse_csv(bytes, file_name, request, bad_rows);
  const std::size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
  const Named named{.symbol = request.symbol.given(), .timeframe = request.timeframe.name()};
  const auto found = detect(bytes, file_name, named);
  const bool clear = found && found->questions.empty();
  if (clear) {
    auto imported = read_bars(bytes, file_name, found->format, request, bad_rows);
    if (!imported) return propagate(imported);
    return std::move(imported->delivery);
  }
  const Error reason = found ? unanswered(*found, file_name) : found.error();
  return fail(
      ErrorCode::bad_data,
      "{}:1: the header is {}, not pawl's own ({}), and as another form it is not clear: {}\nSee what it is "
      "with pawl import bars --dry-run, answer there, and import it",
      file_name, shown(bytes.substr(0, end)), kOwnHeader, reason.message);
}

}  // namespace pawl::market::formats
