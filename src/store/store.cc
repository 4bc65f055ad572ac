#include "store/store.h"

namespace pawl::store {

std::string_view run_state_name(RunState state) {
  switch (state) {
    case RunState::running:
      return "running";
    case RunState::completed:
      return "completed";
    case RunState::failed:
      return "failed";
    case RunState::interrupted:
      break;
  }
  return "interrupted";
}

}  // namespace pawl::store
