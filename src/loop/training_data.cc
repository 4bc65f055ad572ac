#include "loop/training_data.h"

#include <algorithm>

#include "base/json.h"

namespace pawl::loop {

namespace {
constexpr std::string_view kCursorKey = "training_data";
constexpr std::size_t kPage = 10'000;
}  // namespace

TrainingDataFile::TrainingDataFile(const recipe::Recipe& recipe, store::Store& store, FileSystem& files,
                                   const Path& folder)
    : recipe_(recipe),
      store_(store),
      files_(files),
      path_(folder / recipe.trades.training_data_path),
      file_(files, path_) {}

Status TrainingDataFile::catch_up() {
  if (!recipe_.trades.present || recipe_.trades.training_data_path.empty()) return {};
  const bool first = !begun_;
  if (Status ready = begun_ ? Status() : begin(); !ready) return ready;
  std::int64_t seq = seq_;
  auto rows = pending(seq);
  if (!rows) return propagate(rows);
  if (seq == seq_) return {};
  std::size_t next = 0;
  if (first && !rows->empty()) {
    auto written = written_already(*rows);
    if (!written) return propagate(written);
    next = *written;
  }
  for (; next < rows->size(); ++next) {
    if (Status appended = file_.append((*rows)[next]); !appended) return appended;
  }
  if (Status kept = store_.set_meta(kCursorKey, std::to_string(seq)); !kept) return kept;
  seq_ = seq;
  return {};
}

Status TrainingDataFile::begin() {
  auto cursor = store_.meta(kCursorKey);
  if (!cursor) return propagate(cursor);
  if (*cursor) {
    const auto seq = parse_json(**cursor);
    if (!seq || !seq->is_number_integer()) {
      return fail(ErrorCode::corrupt, "the store's cursor of {} is no number", path_.string());
    }
    seq_ = seq->get<std::int64_t>();
  } else {
    auto kind = store_.meta("kind");
    if (!kind) return propagate(kind);
    if (*kind == "replay" && files_.exists(path_)) {
      Path former = path_;
      former += ".old";
      if (Status moved = files_.rename(path_, former); !moved) return moved;
    }
  }
  begun_ = true;
  return {};
}

Result<std::vector<market::TradeRow>> TrainingDataFile::pending(std::int64_t& seq) const {
  std::vector<market::TradeRow> rows;
  for (;;) {
    auto events = store_.events().read_after(seq, kPage, "trade_close");
    if (!events) return propagate(events);
    if (events->empty()) return rows;
    seq = events->back().ingest_seq;
    for (const Event& event : *events) {
      const auto payload = parse_json(event.payload);
      if (!payload) return within("a trade_close event", payload.error());
      const auto collected = json_bool(*payload, "collected");
      const auto id = json_string(*payload, "id");
      if (!collected || !id) return fail(ErrorCode::corrupt, "a trade_close event without its fields");
      if (!*collected) continue;
      auto trade = store_.trades().find(event.line, *id);
      if (!trade) return propagate(trade);
      if (!*trade || !(*trade)->close) return fail(ErrorCode::corrupt, "trade `{}` has no close", *id);
      rows.push_back({(*trade)->signal.indicators, (*trade)->close->profitable, (*trade)->signal.side});
    }
  }
}

Result<std::size_t> TrainingDataFile::written_already(const std::vector<market::TradeRow>& rows) const {
  if (!files_.exists(path_)) return 0;
  auto text = files_.read(path_);
  if (!text) return propagate(text);
  if (text->empty()) return 0;
  auto there = market::read_trades_csv(*text, path_.string());
  if (!there) return propagate(there);
  std::size_t count = std::min(rows.size(), there->rows.size());
  while (count > 0 && !std::equal(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count),
                                  there->rows.end() - static_cast<std::ptrdiff_t>(count))) {
    --count;
  }
  return count;
}

}  // namespace pawl::loop
