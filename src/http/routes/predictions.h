// What the routes of predict.cc stand on: a request's windows to the bytes of an answer.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/per_thread.h"
#include "http/context.h"
#include "http/message.h"
#include "http/predict_body.h"
#include "loop/live/intake.h"

namespace pawl::http {

// Any thread may call anything here; each has parsers and readers of its own, and takes no lock for them.
class Predictions {
 public:
  // `intake` may be null.
  Predictions(const Context& context, loop::Intake* intake);
  ~Predictions();

  // The answer to the windows of a body; bad_data and insufficient_data are the client's doing, not_found
  // names the markets that there are.
  Result<std::string> answer(const Request& request);
  // The answer to a batch: of its own failure, or one text with an answer or an error for each.
  Result<std::string> answer_batch(const Request& request);

  // What answers for a market.
  struct Serving {
    std::size_t line = 0;                // in the board
    serving::LiveModel::Handle version;  // never null
  };
  Result<Serving> serving(const Symbol& symbol);
  // The same for each of the recipe's symbols, in its order; nothing where a line has no version yet.
  std::vector<std::optional<Serving>> all_serving();

  // Lets the calling thread go of versions that were replaced.
  void refresh();

  const Context& context() const { return context_; }

 private:
  struct Desk;  // what one thread works with
  Result<std::string> answer(Desk& desk, const serving::PostedWindows& posted);
  Result<Serving> serving(Desk& desk, const Symbol& symbol);

  const Context& context_;
  loop::Intake* intake_;
  std::map<std::string, std::size_t, std::less<>> line_of_;  // by canonical symbol
  PerThread<Desk> desks_;
};

}  // namespace pawl::http
