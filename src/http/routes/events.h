// The event stream for one client: from where it left off in the store, then the newest as they come, without
// a hole or a double on the way from one to the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/router.h"
#include "http/routes/readers.h"

namespace pawl::http {

class EventFeed final : public EventStream {
 public:
  // Events with a number above `after`; of these kinds, or of all where there are none.
  EventFeed(const loop::EventHub& hub, std::shared_ptr<Readers> readers, std::int64_t after,
            std::vector<std::string> kinds);

  std::vector<std::string> poll() override;
  bool ended() const override { return ended_; }

 private:
  bool from_ring(std::vector<std::string>& out);
  void from_store(std::vector<std::string>& out);
  void tell(const Event& event, std::vector<std::string>& out) const;

  const loop::EventHub& hub_;
  std::shared_ptr<Readers> readers_;
  std::int64_t seen_;  // number of the newest event that was told, or passed over
  std::vector<std::string> kinds_;
  std::optional<std::uint64_t> place_;          // in the ring; nothing while the store is read
  std::optional<std::uint64_t> nothing_until_;  // the store had no more when the ring ended there
  bool ended_ = false;
};

}  // namespace pawl::http
