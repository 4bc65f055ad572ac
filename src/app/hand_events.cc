#include "app/hand_events.h"

#include "base/json.h"

namespace pawl::app {

Status record_hand_move(store::Store& store, const LineId& line, std::string_view action,
                        std::optional<VersionNumber> from, VersionNumber to, std::string_view reason,
                        TimeMs at) {
  const Json payload = {{"action", action},
                        {"actor", "hand"},
                        {"from", from ? Json(from->text()) : Json()},
                        {"to", to.text()},
                        {"reason", reason}};
  auto appended = store.events().append(
      {.ingest_seq = 0, .known_at = at, .kind = "swap", .line = line, .payload = payload.dump()});
  return appended ? Status() : propagate(appended);
}

}  // namespace pawl::app
