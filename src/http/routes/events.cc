#include "http/routes/events.h"

#include <algorithm>
#include <charconv>

#include "http/routes/api.h"
#include "http/routes/fields.h"

namespace pawl::http {

namespace {

// A page of some 100 kB.
constexpr std::size_t kPage = 200;
constexpr std::size_t kUsual = 200, kMost = 2000;

Result<std::optional<std::int64_t>> number(std::string_view name, std::optional<std::string_view> text) {
  if (!text || text->empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) {
    return fail(ErrorCode::bad_data, "{}: \"{}\" is no number of an event", name, *text);
  }
  return value;
}

std::vector<std::string> kinds_of(const Request& request) {
  std::vector<std::string> kinds;
  for (const auto& [name, value] : request.query) {
    if (name != "kind") continue;
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t comma = std::min(value.find(',', at), value.size());
      if (comma > at) kinds.push_back(value.substr(at, comma - at));
      at = comma + 1;
    }
  }
  return kinds;
}

bool wanted(const std::vector<std::string>& kinds, const std::string& kind) {
  return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Result<std::unique_ptr<EventStream>> open_feed(const Context& context, const SharedReaders& readers,
                                               const Request& request) {
  // A client that comes back says where it was; the address it opened first still says where that began.
  const std::string_view header = request.header("Last-Event-ID");
  const auto after =
      header.empty() ? number("after", request.query_value("after")) : number("Last-Event-ID", header);
  if (!after) return propagate(after);
  auto reader = readers->take();
  if (!reader) return propagate(reader);
  const auto last = reader->store().events().last_seq();
  if (!last) return propagate(last);
  // A number that is still to come is another data folder's: it begins with what is next here.
  const std::int64_t from = std::min(after->value_or(*last), *last);
  return std::make_unique<EventFeed>(context.hub, readers, from, kinds_of(request));
}

// {"seq":…,"known_at":…,"kind":…,"line":…,"data":{…}}, oldest first.
Result<Response> list_events(Readers& readers, const Request& request) {
  const auto page = page_query(request, kUsual, kMost);
  if (!page) return propagate(page);
  const auto after =
      page->cursor.empty() ? number("after", request.query_value("after")) : number("cursor", page->cursor);
  if (!after) return propagate(after);
  const std::vector<std::string> kinds = kinds_of(request);
  if (kinds.size() > 1) return fail(ErrorCode::bad_data, "kind: one at a time; the stream takes several");
  auto reader = readers.take();
  if (!reader) return propagate(reader);
  const auto events = reader->store().events().read_after(after->value_or(0), page->limit,
                                                          kinds.empty() ? std::string_view() : kinds.front());
  if (!events) return propagate(events);
  Response response;
  response.body = R"({"items":[)";
  for (const Event& event : *events) {
    if (&event != &events->front()) response.body += ',';
    response.body += to_ndjson(event);
  }
  const bool more = events->size() == page->limit;
  response.body += fmt::format(R"(],"next_cursor":{}}})",
                               more ? fmt::format("\"{}\"", events->back().ingest_seq) : std::string("null"));
  return response;
}

}  // namespace

EventFeed::EventFeed(const loop::EventHub& hub, std::shared_ptr<Readers> readers, std::int64_t after,
                     std::vector<std::string> kinds)
    : hub_(hub), readers_(std::move(readers)), seen_(after), kinds_(std::move(kinds)) {}

void EventFeed::tell(const Event& event, std::vector<std::string>& out) const {
  if (!wanted(kinds_, event.kind)) return;
  const std::string id = event.ingest_seq == 0 ? std::string() : std::to_string(event.ingest_seq);
  out.push_back(sse_event(id, event.kind, to_ndjson(event)));
}

std::vector<std::string> EventFeed::poll() {
  std::vector<std::string> out;
  if (!place_) place_ = hub_.place_after(seen_);
  if (place_ && from_ring(out)) return out;
  place_.reset();
  from_store(out);
  return out;
}

// False where the ring has a hole behind what was seen: it has moved on, or a step that failed left events in
// the store that were never shown.
bool EventFeed::from_ring(std::vector<std::string>& out) {
  const loop::EventHub::Page page = hub_.read(*place_, kPage);
  if (page.missed) return false;
  for (const loop::EventHub::Entry& entry : page.entries) {
    const std::int64_t seq = entry.event.ingest_seq;
    if (seq > seen_ + 1) {
      // What was put into `out` before the hole is told; the rest comes from the store.
      return false;
    }
    place_ = entry.place + 1;
    if (seq != 0 && seq <= seen_) continue;
    if (seq != 0) seen_ = seq;
    tell(entry.event, out);
  }
  return true;
}

void EventFeed::from_store(std::vector<std::string>& out) {
  // What is not in the store yet will be shown by the ring, which then ends further on.
  const std::uint64_t end = hub_.end();
  if (nothing_until_ == end) return;
  auto reader = readers_->take();
  if (!reader) {
    ended_ = true;  // the client comes back, with the number it saw last
    return;
  }
  const auto events = reader->store().events().read_after(seen_, kPage);
  if (!events) {
    ended_ = true;
    return;
  }
  nothing_until_.reset();
  if (events->empty()) nothing_until_ = end;
  for (const Event& event : *events) {
    seen_ = event.ingest_seq;
    tell(event, out);
  }
}

void add_event_routes(Router& router, const Context& context, const SharedReaders& readers) {
  router.add(
      {.method = "GET",
       .pattern = "/api/v1/events",
       .scope = Scope::read,
       .handler = [&context,
                   readers](const Request& request) { return open_feed(context, readers, request); },
       .operation_id = "streamEvents",
       .summary = "Server-sent events as they happen, from ?after= or Last-Event-ID on; ?kind=verdict,swap"});
  router.add({.method = "GET",
              .pattern = "/api/v1/events.json",
              .scope = Scope::read,
              .handler =
                  [readers](const Request& request) {
                    auto response = list_events(*readers, request);
                    return response ? std::move(*response) : error_response(response.error(), false);
                  },
              .operation_id = "listEvents",
              .summary = "The same events as pages, oldest first; ?after=&kind=&limit=&cursor="});
}

}  // namespace pawl::http
