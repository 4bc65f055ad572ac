// Which handler answers which method and path.
//
//   Router router;
//   router.add({.method = "GET", .pattern = "/model_info/{pair}", .scope = Scope::read, .legacy_errors =
//   true,
//               .handler = [&](const Request& request) { return info(request.path_value("pair")); },
//               .operation_id = "modelInfo", .summary = "The version that answers for a pair"});
//
// Filled before the server starts; from then on it is shared and only read.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/message.h"
#include "http/scope.h"

namespace pawl::http {

// Hands over the answer of a request that was taken asynchronously, from any thread, also after the client
// has left or the server has stopped. The first call counts, later ones do nothing. Where every copy of it is
// gone and none was called, the server answers 500.
using Reply = std::function<void(Response)>;

// Server-sent events for one client. Called by one server thread at a time, at least four times a second and
// after Server::wake(); it must not block.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // What became ready since the last call: whole events as sse_event() writes them. Long histories in pieces
  // of some 100 kB: as long as the client keeps up, it is called again at once after each.
  virtual std::vector<std::string> poll() = 0;
  // True once there is nothing more to come; the connection ends when what was polled has been sent.
  virtual bool ended() const { return false; }
};

// One event of the wire: "id: …\nevent: …\ndata: …\n\n", a data line for each line of `data`; an empty id or
// name is left out. Line ends inside id and name are dropped.
std::string sse_event(std::string_view id, std::string_view name, std::string_view data);

// Runs on the connection's own thread; must not block for long, because other connections wait.
using SyncHandler = std::function<Response(const Request&)>;
// Returns at once and replies later. The request stays as it is for as long as it is held.
using AsyncHandler = std::function<void(std::shared_ptr<const Request>, Reply)>;
// Opens a stream; a client that comes back says where it was: header("Last-Event-ID").
using StreamHandler = std::function<Result<std::unique_ptr<EventStream>>(const Request&)>;
using Handler = std::variant<SyncHandler, AsyncHandler, StreamHandler>;

struct Route {
  std::string method;          // "GET" answers HEAD as well
  std::string pattern;         // "/health", "/api/v1/lines/{recipe}/{symbol}": a {name} is one whole segment
  Scope scope = Scope::admin;  // the safe side
  bool legacy_errors = false;  // {"error": …} instead of problem+json
  Handler handler;
  std::string operation_id;  // unique; for /openapi.json, as is all that follows
  std::string summary;
  Json request_example;  // null where there is none
  Json response_example;
};

// What a method and a path lead to.
struct Match {
  const Route* route = nullptr;  // null: no such path, or not with this method
  NamedValues path_values;
  std::string allow;  // where route is null: the methods that the path has, "GET, HEAD"; empty: no such path
  bool legacy_errors = false;  // how the routes of that path speak
};

class Router {
 public:
  // A second route of the same method and pattern is a bug of the caller's, as is a pattern without "/"
  // first.
  void add(Route route);
  // A route with a plain segment goes before one with a {name} in its place. A path matches as a whole; an
  // encoded slash (%2F) never separates segments; an empty segment is no value.
  Match match(std::string_view method, std::string_view path) const;
  const std::deque<Route>& routes() const { return routes_; }

 private:
  struct Pattern {
    const Route* route = nullptr;
    std::vector<std::string> segments;  // a name in braces stays in them
  };
  std::deque<Route> routes_;  // whose elements stay where they are
  std::map<std::string, std::vector<const Route*>, std::less<>> plain_;
  std::vector<Pattern> patterns_;  // the more specific first
};

// The route a guard is shown where none matched: open, with an empty pattern.
const Route& no_route();

}  // namespace pawl::http
