#include "studies/trainings.h"

#include <utility>

#include "base/json.h"
#include "loop/run.h"
#include "studies/thread_time.h"

namespace pawl::studies {

// Everything that Market::make_job() takes from the policy and from its windows. Bars follow from the line
// and the windows; costs, label, signal and calendar are the same for all policies of a comparison.
std::string Training::key_of(const Order& order) {
  const recipe::Recipe& recipe = *order.recipe;
  const bool fit = order.kind == training::JobKind::fit;
  const Json key = {{"kind", training::job_kind_name(order.kind)},
                    {"line", order.market->line()},
                    {"cut", fit ? order.windows.fit_cut : order.windows.refit_cut},
                    {"rows_from", order.windows.rows_from},
                    {"features", recipe.features},
                    {"model", recipe.model.kind},
                    {"settings", recipe.model.settings.to_json()},
                    {"calibration", models::calibration_method_name(recipe.calibration.method)},
                    {"calibration_share", recipe.calibration.share},
                    {"embargo", order.windows.embargo_ms},  // before the rows of a calibration
                    {"seed", loop::training_seed(recipe, order.windows.now)},
                    {"rounds", order.rounds.value_or(-1)}};
  return key.dump();
}

void Trainings::train(Training& training) {
  const double begun = thread_cpu_seconds();
  training.model = [&]() -> Result<ModelHandle> {
    const Training::Order& order = training.order;
    const Market::Rows& rows = order.market->rows(order.recipe->features);
    auto job = order.market->make_job(*order.recipe, order.windows, order.kind, rows.specs);
    if (!job) return propagate(job);
    job->frozen_rounds = order.rounds;
    auto result = training::run_job(*job, 1, {});
    if (!result) return propagate(result);
    training.rounds = result->rounds;
    return AskedModel::load(*order.market, rows, result->artifact, training.key);
  }();
  training.seconds = thread_cpu_seconds() - begun;
}

TrainingHandle Trainings::ask(const Training::Order& order) {
  std::string key = Training::key_of(order);
  const std::scoped_lock lock(mutex_);
  ++counts_.asked;
  std::shared_ptr<Training>& slot = by_key_[key];
  if (slot == nullptr) {
    slot = std::make_shared<Training>();
    slot->order = order;
    slot->key = std::move(key);
    waiting_.push_back(slot);
  }
  return slot;
}

bool Trainings::any_waits() const {
  const std::scoped_lock lock(mutex_);
  return !waiting_.empty();
}

TrainingHandle Trainings::train_next() {
  std::shared_ptr<Training> next;
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) return nullptr;
    next = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
  }
  train(*next);
  const std::scoped_lock lock(mutex_);
  ++counts_.done;
  counts_.seconds += next->seconds;
  next->done.store(true, std::memory_order_release);
  return next;
}

Trainings::Counts Trainings::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

}  // namespace pawl::studies
