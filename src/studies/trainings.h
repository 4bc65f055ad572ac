// Trainings that policies share: two that ask for the same rows, settings and seed get the same model, and it
// is trained once.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "studies/asked_model.h"

namespace pawl::studies {

// One training that somebody asked for, done or not. What it holds is read only once it is done.
struct Training {
  // The market and the recipe outlive it.
  struct Order {
    const Market* market = nullptr;
    const recipe::Recipe* recipe = nullptr;
    loop::Windows windows;
    training::JobKind kind = training::JobKind::fit;
    std::optional<int> rounds;  // of the fit that a refit repeats
  };
  // Everything of the order that the result depends on: equal keys, equal models.
  static std::string key_of(const Order& order);

  Order order;
  std::string key;
  std::atomic<bool> done = false;
  Result<ModelHandle> model;  // an error where the training failed
  int rounds = 0;
  double seconds = 0;  // of one processor
};
using TrainingHandle = std::shared_ptr<const Training>;

// Safe from any thread.
class Trainings {
 public:
  struct Counts {
    std::int64_t asked = 0, done = 0;
    double seconds = 0;  // of one processor, in the trainings that were done
  };

  // The training of an order. A new one waits in line for whoever takes it.
  TrainingHandle ask(const Training::Order& order);
  // Trains the next that waits, in this thread; nothing where none does.
  TrainingHandle train_next();
  bool any_waits() const;
  Counts counts() const;

 private:
  static void train(Training& training);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Training>> by_key_;
  std::vector<std::shared_ptr<Training>> waiting_;  // first asked, first trained
  Counts counts_;
};

}  // namespace pawl::studies
