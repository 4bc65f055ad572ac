#include "domain/version.h"

namespace pawl {

Json to_json(const RowRange& range) {
  return {{"from", format_time(range.from)}, {"to", format_time(range.to)}, {"rows", range.rows}};
}

Result<RowRange> row_range_from_json(const Json& json) {
  const auto read_time = [&json](std::string_view field) -> Result<TimeMs> {
    const Result<std::string> text = json_string(json, field);
    if (!text) return propagate(text);
    const Result<TimeMs> time = parse_time(*text);
    if (!time) return within(field, time.error());
    return *time;
  };
  const Result<TimeMs> from = read_time("from");
  if (!from) return propagate(from);
  const Result<TimeMs> to = read_time("to");
  if (!to) return propagate(to);
  const Result<std::int64_t> rows = json_int(json, "rows");
  if (!rows) return propagate(rows);
  if (*rows < 0) return fail(ErrorCode::bad_data, "rows: {} is negative", *rows);
  return RowRange{*from, *to, *rows};
}

}  // namespace pawl
