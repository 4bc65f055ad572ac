// What answers requests beside the loop: the serving version of every line, for threads that never touch the
// loop itself. It outlives a loop that is rebuilt, so requests are answered meanwhile.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "serving/live_model.h"

namespace pawl::serving {

// The lines are fixed; what serves in them changes. Any thread may call anything here.
class Board {
 public:
  explicit Board(const std::vector<LineId>& lines) {
    for (const LineId& line : lines) slots_.push_back({line, std::make_unique<LiveModel>()});
  }

  std::size_t size() const { return slots_.size(); }
  const LineId& line(std::size_t index) const { return slots_[index].line; }
  const LiveModel& model(std::size_t index) const { return *slots_[index].model; }
  // True where it was another version than before.
  bool publish(std::size_t index, const LiveModel::Handle& version) {
    if (slots_[index].model->get() == version) return false;
    slots_[index].model->publish(version);
    return true;
  }

 private:
  struct Slot {
    LineId line;
    std::unique_ptr<LiveModel> model;
  };
  std::vector<Slot> slots_;
};

// One thread's readers of a board.
class BoardReader {
 public:
  explicit BoardReader(const Board& board) {
    for (std::size_t i = 0; i < board.size(); ++i) readers_.emplace_back(board.model(i));
  }
  const LiveModel::Handle& get(std::size_t line) { return readers_[line].get(); }
  // Lets go of versions that have been replaced, also where no request comes.
  void refresh() {
    for (LiveModel::Reader& reader : readers_) reader.get();
  }

 private:
  std::vector<LiveModel::Reader> readers_;
};

}  // namespace pawl::serving
