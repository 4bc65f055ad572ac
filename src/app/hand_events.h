// The event stream tells of moves by hand as it tells of those by runs.
#pragma once

#include <optional>
#include <string_view>

#include "domain/ids.h"
#include "domain/version.h"
#include "store/store.h"

namespace pawl::app {

// Appends the `swap` event of a move that was made already. `action` is "promote", "force" or "rollback", as
// in the promotion log; the payload is {action, actor: "hand", from, to, reason}.
Status record_hand_move(store::Store& store, const LineId& line, std::string_view action,
                        std::optional<VersionNumber> from, VersionNumber to, std::string_view reason,
                        TimeMs at);

}  // namespace pawl::app
