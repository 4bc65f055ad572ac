// Idempotency-Key: a client that did not hear the answer asks again with the same key, and is answered as it
// was, without the work being done twice.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "http/message.h"

namespace pawl::http {

// The newest answers of one route, in memory: a restart forgets them. Safe from any thread.
class AnsweredOnce {
 public:
  // Nothing where the work is to be done, and its end told; else what to answer: the former answer, or 409
  // where that work is still under way, or 422 where the key came with another request.
  std::optional<Response> begin(const std::string& key, const std::string& request);
  // A refusal is forgotten, so that the same key may try again.
  void end(const std::string& key, const Response& response);

 private:
  struct Entry {
    std::string request;  // path and body
    std::optional<Response> response;
  };
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // keys of those answered, oldest first
};

}  // namespace pawl::http
