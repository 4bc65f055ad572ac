// What the routes stand on. All of it outlives the server; any of its threads may use all of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "loop/live/live.h"
#include "loop/live/status.h"
#include "recipe/recipe.h"
#include "serving/board.h"
#include "store/store.h"

namespace pawl::http {

struct Context {
  const recipe::Recipe& recipe;
  // Work that changes anything is posted to the loop, and answered once it is durable.
  loop::Live& live;
  // What answers requests, without asking the loop.
  const serving::Board& board;
  loop::EventHub& hub;
  const loop::StatusBoard& status;
  const Clock& clock;
  const Log& log;
  // A connection of one's own for reading what is durable; it costs about a millisecond, and the caller keeps
  // it to one thread.
  std::function<Result<std::unique_ptr<store::Store>>()> open_store;
  // The data folder, for what is looked up below it by identifiers, never by paths from outside.
  std::string data_folder;
  std::string program_version;
  bool live_market = true;  // false where recorded or simulated bars are played: everything says "paper"
};

}  // namespace pawl::http
