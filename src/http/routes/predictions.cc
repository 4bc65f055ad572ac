#include "http/routes/predictions.h"

#include "http/predict_answer.h"
#include "serving/windows.h"

namespace pawl::http {

struct Predictions::Desk {
  explicit Desk(const Context& context)
      : versions(context.board),
        bodies(predict_rules_of(context.recipe)),
        predictor(window_rules_of(context.recipe)) {}

  serving::BoardReader versions;
  PredictReader bodies;
  serving::WindowPredictor predictor;
};

Predictions::Predictions(const Context& context, loop::Intake* intake)
    : context_(context), intake_(intake), desks_([&context] { return std::make_unique<Desk>(context); }) {
  for (const Symbol& symbol : context.recipe.symbols) {
    const LineId line = context.recipe.line_of(symbol);
    for (std::size_t i = 0; i < context.board.size(); ++i) {
      if (context.board.line(i) == line) line_of_[symbol.canonical()] = i;
    }
  }
}

Predictions::~Predictions() = default;

Result<Predictions::Serving> Predictions::serving(Desk& desk, const Symbol& symbol) {
  const auto found = line_of_.find(symbol.canonical());
  if (found == line_of_.end()) {
    auto line = line_for(context_.recipe, symbol);
    if (!line) return propagate(line);
    return fail(ErrorCode::not_found, "pair: nothing serves {} here", *line);
  }
  // A copy pins it: a swap in the middle of the request changes nothing about this answer.
  serving::LiveModel::Handle version = desk.versions.get(found->second);
  if (!version) {
    return fail(ErrorCode::io, "pair: no version serves {} yet; try again in a moment", symbol.canonical());
  }
  return Serving{found->second, std::move(version)};
}

Result<Predictions::Serving> Predictions::serving(const Symbol& symbol) {
  return serving(desks_.get(), symbol);
}

std::vector<std::optional<Predictions::Serving>> Predictions::all_serving() {
  std::vector<std::optional<Serving>> all;
  for (const Symbol& symbol : context_.recipe.symbols) {
    auto one = serving(symbol);
    all.push_back(one ? std::optional(*std::move(one)) : std::nullopt);
  }
  return all;
}

Result<std::string> Predictions::answer(Desk& desk, const serving::PostedWindows& posted) {
  auto serving = this->serving(desk, posted.symbol());
  if (!serving) return propagate(serving);
  const registry::LoadedVersion& version = *serving->version;
  auto made = desk.predictor.predict(version, posted);
  if (!made) return propagate(made);
  std::string answer = predict_answer(version, posted, *made);
  if (intake_ != nullptr) {
    // Serving goes on where the disk does not.
    if (!intake_->keep(posted, *made, version.content_hash)) {
      answer.pop_back();
      answer += ",\"logged\":false}";
    }
    if (intake_->drain_due()) {
      context_.live.post({.run =
                              [intake = intake_](loop::Live& live) {
                                const auto drained =
                                    intake->drain(live.store(), live.now(),
                                                  [&live](const Event& event) { live.observe(event); });
                                if (!drained) live.fail_step(drained.error());
                              },
                          // Where the loop is being rebuilt it is tried again with a later request.
                          .settled = [](const Status&) {}});
    }
  }
  return answer;
}

Result<std::string> Predictions::answer(const Request& request) {
  Desk& desk = desks_.get();
  auto posted = desk.bodies.read_in_place(request.body);
  if (!posted) return propagate(posted);
  return answer(desk, **posted);
}

Result<std::string> Predictions::answer_batch(const Request& request) {
  Desk& desk = desks_.get();
  std::vector<std::string> answers;
  const Status read =
      desk.bodies.read_batch_in_place(request.body, [&](const Result<const serving::PostedWindows*>& posted) {
        Result<std::string> one = posted ? answer(desk, **posted) : propagate(posted);
        answers.push_back(one ? *std::move(one) : predict_error(one.error().message));
      });
  if (!read) return propagate(read);
  return batch_answer(answers);
}

void Predictions::refresh() {
  desks_.get().versions.refresh();
}

}  // namespace pawl::http
