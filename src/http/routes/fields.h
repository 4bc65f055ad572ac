// What stands in a request's body and query, with a reason where it is off: every failure is bad_data and
// names the place by pointer ("bars[3].close: …").
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace pawl::http {

inline constexpr int kJsonDepthMax = 32;

// The whole body as JSON, nested no deeper than kJsonDepthMax. An empty one is an empty object.
Result<Json> read_json(const Request& request);

// One object of a body. `place` is what messages call it ("bars[3]"); empty: the body itself. Borrows the
// JSON.
class Fields {
 public:
  // Where the value is no object, or has a field that is not among the known ones (the nearest is named).
  static Result<Fields> of(const Json& json, std::string place,
                           std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const;
  // Of a field that must be there.
  Result<std::string> text(std::string_view name) const;
  Result<double> number(std::string_view name) const;  // finite
  Result<TimeMs> time(std::string_view name) const;    // RFC 3339, or seconds or milliseconds since 1970
  // Of one that may be left out, or be null.
  Result<std::string> text_or(std::string_view name, std::string_view otherwise) const;
  Result<bool> flag_or(std::string_view name, bool otherwise) const;
  Result<std::optional<std::int64_t>> integer_if(std::string_view name) const;
  Result<std::optional<TimeMs>> time_if(std::string_view name) const;
  Result<std::vector<std::string>> texts_or_none(std::string_view name) const;

  const Json& json() const { return *json_; }
  // "bars[3].close"
  std::string place_of(std::string_view name) const;

 private:
  Fields(const Json& json, std::string place) : json_(&json), place_(std::move(place)) {}
  const Json* find(std::string_view name) const;  // null where it is missing or null
  Result<const Json*> need(std::string_view name) const;

  const Json* json_;
  std::string place_;
};

// A page of a list: ?limit=, 1 to `most`, and ?cursor=, as a former page's next_cursor gave it.
struct PageQuery {
  std::size_t limit = 0;
  std::string cursor;  // empty: the first page
};
Result<PageQuery> page_query(const Request& request, std::size_t usual, std::size_t most);
// A cursor that is a number; 0 for the first page.
Result<std::int64_t> cursor_number(const PageQuery& page);
Json page_json(Json items, const std::optional<std::string>& next_cursor);

Result<std::optional<TimeMs>> query_time(const Request& request, std::string_view name);
Result<bool> query_flag(const Request& request, std::string_view name);

}  // namespace pawl::http
