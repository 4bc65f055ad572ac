#include "domain/event.h"

#include "base/json.h"

namespace pawl {

std::string to_ndjson(const Event& event) {
  return fmt::format(R"({{"seq":{},"known_at":"{}","kind":{},"line":{},"data":{}}})", event.ingest_seq,
                     format_time(event.known_at), json_quote(event.kind), json_quote(event.line),
                     event.payload);
}

}  // namespace pawl
