#include "http/routes/answered_once.h"

namespace pawl::http {

namespace {
constexpr std::size_t kMost = 256;
}  // namespace

std::optional<Response> AnsweredOnce::begin(const std::string& key, const std::string& request) {
  const std::scoped_lock lock(mutex_);
  const auto [entry, fresh] = entries_.try_emplace(key, Entry{request, std::nullopt});
  if (fresh) return std::nullopt;
  if (entry->second.request != request) {
    return problem(422, "idempotency_key",
                   "this Idempotency-Key came with another request; each has its own");
  }
  if (!entry->second.response) {
    return problem(409, "idempotency_key", "a request with this Idempotency-Key is under way");
  }
  return entry->second.response;
}

void AnsweredOnce::end(const std::string& key, const Response& response) {
  const std::scoped_lock lock(mutex_);
  if (response.status >= 400) {
    entries_.erase(key);
    return;
  }
  entries_[key].response = response;
  order_.push_back(key);
  if (order_.size() <= kMost) return;
  entries_.erase(order_.front());
  order_.pop_front();
}

}  // namespace pawl::http
