#include "loop/live/intake.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <utility>

#include "loop/live/intake_record.h"

namespace pawl::loop {

namespace {

constexpr std::string_view kCursorKey = "intake_drained";
constexpr std::string_view kSuffix = ".log";
// A drain reads the newest file from its beginning, so it is kept short.
constexpr std::uint64_t kFileBytesMost = 256 << 10;
constexpr double kDrainEveryS = 1, kComplainEveryS = 60;
// How many values of one candle are written down: two clients of one market with different feeds would
// otherwise write their whole windows in turn, for ever.
constexpr std::size_t kValuesMost = 4;
constexpr std::size_t kCandlesRemembered = 4096;

// How far files were taken over: all below `file`, and of that one its first `bytes`.
struct Cursor {
  std::uint64_t file = 0, bytes = 0;
};

Result<Cursor> read_cursor(store::Store& store) {
  auto text = store.meta(kCursorKey);
  if (!text) return propagate(text);
  Cursor cursor;
  if (!*text) return cursor;
  const char* const end = (*text)->data() + (*text)->size();
  const auto [middle, error] = std::from_chars((*text)->data(), end, cursor.file);
  if (error == std::errc() && middle != end && *middle == ':') {
    const auto [last, other] = std::from_chars(middle + 1, end, cursor.bytes);
    if (other == std::errc() && last == end) return cursor;
  }
  return fail(ErrorCode::corrupt, "the store's {} is \"{}\", no place in a file", kCursorKey, **text);
}

// Numbers of the files of a folder, from the oldest.
std::vector<std::uint64_t> numbers_in(const FileSystem& files, const Path& folder) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : files.list(folder)) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && std::string_view(end, name.data() + name.size()) == kSuffix) {
      numbers.push_back(number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// A candle by one number. Independent products, so that a thousand of them take microseconds.
std::uint64_t value_of(const serving::PostedWindow& window, std::size_t i) {
  const auto bits = [](double number) { return std::bit_cast<std::uint64_t>(number); };
  const std::uint64_t sum =
      static_cast<std::uint64_t>(window.close_time[i]) * 0x9E3779B97F4A7C15ULL +
      bits(window.open[i]) * 0xC2B2AE3D27D4EB4FULL + bits(window.high[i]) * 0x165667B19E3779F9ULL +
      bits(window.low[i]) * 0xD6E8FEB86659FD93ULL + bits(window.close[i]) * 0xA0761D6478BD642FULL +
      bits(window.volume[i]) * 0xE7037ED1A0B428DBULL;
  return sum ^ (sum >> 29);
}

}  // namespace

std::string client_series(std::string_view symbol) {
  return fmt::format("client:{}", symbol);
}

struct Intake::Feed {
  struct Candle {
    TimeMs open_time = 0;
    std::size_t count = 0;
    std::array<std::uint64_t, kValuesMost> values{};

    bool knows(std::uint64_t value) const {
      return count == kValuesMost ||
             std::find(values.begin(), values.begin() + count, value) != values.begin() + count;
    }
  };
  std::vector<Candle> candles;  // in time order

  std::size_t place_of(TimeMs open_time) const {
    const auto found = std::lower_bound(candles.begin(), candles.end(), open_time,
                                        [](const Candle& one, TimeMs time) { return one.open_time < time; });
    return static_cast<std::size_t>(found - candles.begin());
  }

  // Places of the closed candles that were not written down yet.
  std::vector<std::size_t> fresh(const serving::PostedWindow& window) const {
    std::vector<std::size_t> places;
    const std::size_t closed = window.closed().size();
    if (closed == 0) return places;
    std::size_t at = place_of(window.open_time.front());
    for (std::size_t i = 0; i < closed; ++i) {
      while (at < candles.size() && candles[at].open_time < window.open_time[i]) ++at;
      const bool there = at < candles.size() && candles[at].open_time == window.open_time[i];
      if (!there || !candles[at].knows(value_of(window, i))) places.push_back(i);
    }
    return places;
  }

  void remember(const serving::PostedWindow& window, const std::vector<std::size_t>& places) {
    for (const std::size_t i : places) {
      const std::size_t at = place_of(window.open_time[i]);
      if (at == candles.size() || candles[at].open_time != window.open_time[i]) {
        candles.insert(candles.begin() + static_cast<std::ptrdiff_t>(at),
                       Candle{.open_time = window.open_time[i]});
      }
      Candle& candle = candles[at];
      candle.values[candle.count++] = value_of(window, i);
    }
    // Twice the longest window, so that no window is longer than what is remembered of it.
    const std::size_t most = std::max(kCandlesRemembered, 2 * window.received());
    if (candles.size() > most + most / 4) {
      candles.erase(candles.begin(), candles.end() - static_cast<std::ptrdiff_t>(most));
    }
  }
};

Intake::Intake(FileSystem& files, Path folder, std::uint64_t number, const Clock& clock, Log log)
    : files_(files), folder_(std::move(folder)), clock_(clock), log_(std::move(log)), number_(number) {}

Intake::~Intake() = default;

Result<std::unique_ptr<Intake>> Intake::open(FileSystem& files, Path folder, store::Store& store,
                                             const Clock& clock, Log log) {
  if (Status made = files.make_folders(folder); !made) return propagate(made);
  auto cursor = read_cursor(store);
  if (!cursor) return propagate(cursor);
  // Never a file of a former process: its last record may be half of one.
  const auto numbers = numbers_in(files, folder);
  const std::uint64_t last = std::max(cursor->file, numbers.empty() ? 0 : numbers.back());
  return std::unique_ptr<Intake>(new Intake(files, std::move(folder), last + 1, clock, std::move(log)));
}

Path Intake::file_of(std::uint64_t number) const {
  return folder_ / fmt::format("{:06}{}", number, kSuffix);
}

Status Intake::write(std::string_view record) {
  if (!file_) {
    auto opened = files_.open_append(file_of(number_));
    if (!opened) return propagate(opened);
    file_ = *std::move(opened);
  }
  Status written = file_->append(record);
  if (file_->torn()) {
    file_.reset();
    ++number_;
  }
  return written;
}

void Intake::complain(const Error& error) {
  ++failed_;
  if (const double now = monotonic_seconds(); now >= complain_from_s_) {
    complain_from_s_ = now + kComplainEveryS;
    log_.error(fmt::format("A prediction could not be written down, and was answered all the same: {}",
                           error.message),
               {{"intake_failed", failed_.load()}});
  }
}

bool Intake::keep(const serving::PostedWindows& posted, const serving::WindowPrediction& made,
                  std::string_view content_hash) {
  const auto windows = posted.windows();
  const std::scoped_lock lock(mutex_);
  NewCandles fresh;
  std::vector<Feed*> feeds;
  for (const serving::PostedWindow& window : windows) {
    Feed& feed = feeds_[fmt::format("{} {}", made.prediction.symbol, window.timeframe.name())];
    feeds.push_back(&feed);
    fresh.push_back(feed.fresh(window));
  }
  if (Status written = write(intake_record(posted, made, content_hash, fresh, clock_.now())); !written) {
    complain(written.error());
    return false;
  }
  for (std::size_t w = 0; w < windows.size(); ++w) feeds[w]->remember(windows[w], fresh[w]);
  ++kept_;
  waiting_ = true;
  return true;
}

bool Intake::drain_due() {
  if (!waiting_) return false;
  const double now = monotonic_seconds();
  double from = drain_from_s_;
  return now >= from && drain_from_s_.compare_exchange_strong(from, now + kDrainEveryS);
}

namespace {

// Into the store, with the place behind the record. Within a transaction of the caller's.
Result<Event> take_over(store::Store& store, std::string_view json, TimeMs now) {
  auto record = parse_record(json);
  if (!record) return propagate(record);
  for (const auto& [timeframe, bars] : record->candles) {
    auto appended = store.bars().append(client_series(record->symbol), timeframe, bars, now);
    // Candles that do not fit those of another client's clock are no reason to lose the prediction.
    if (!appended && appended.error().code == ErrorCode::bad_data) {
      record->payload["candles_refused"] = appended.error().message;
    } else if (!appended) {
      return propagate(appended);
    }
  }
  Event event{.known_at = record->known_at,
              .kind = "client_prediction",
              .line = record->line,
              .payload = record->payload.dump()};
  auto seq = store.events().append(event);
  if (!seq) return propagate(seq);
  event.ingest_seq = *seq;
  return event;
}

}  // namespace

Result<std::int64_t> Intake::drain(store::Store& store, TimeMs now, const EventObserver& observer) {
  std::uint64_t open_number = 0, open_bytes = 0;
  {
    const std::scoped_lock lock(mutex_);
    waiting_ = false;
    if (file_ && file_->size() >= kFileBytesMost) {
      file_.reset();
      ++number_;
    }
    open_number = number_;
    open_bytes = file_ ? file_->size() : 0;
  }
  const auto drain_all = [&]() -> Result<std::int64_t> {
    auto cursor = read_cursor(store);
    if (!cursor) return propagate(cursor);
    std::int64_t taken = 0;
    for (const std::uint64_t number : numbers_in(files_, folder_)) {
      if (number > open_number) break;
      const Path file = file_of(number);
      if (number >= cursor->file) {
        auto bytes = files_.read(file);
        if (!bytes) return propagate(bytes);
        // What is written meanwhile comes next time.
        if (number == open_number) bytes->resize(std::min<std::size_t>(bytes->size(), open_bytes));
        const std::size_t from = number == cursor->file ? cursor->bytes : 0;
        std::size_t position = from;
        std::vector<Event> events;
        const Status done = store.transaction([&]() -> Status {
          while (const auto json = next_record(*bytes, position)) {
            auto event = take_over(store, *json, now);
            if (!event) return within(file.string(), event.error());
            events.push_back(*std::move(event));
          }
          return store.set_meta(kCursorKey, fmt::format("{}:{}", number, position));
        });
        if (!done) return propagate(done);
        *cursor = {number, position};
        taken += static_cast<std::int64_t>(events.size());
        if (observer) {
          for (const Event& event : events) observer(event);
        }
        if (position < bytes->size() && number != open_number) {
          log_.warn(
              fmt::format("{}: its last {} bytes are no whole record: a process ended while it wrote "
                          "them, before it answered",
                          file.string(), bytes->size() - position));
        }
      }
      if (number == open_number) continue;
      if (Status removed = files_.remove_all(file); !removed) {
        log_.warn(fmt::format("{}: taken over, but it cannot be removed: {}", file.string(),
                              removed.error().message));
      }
    }
    return taken;
  };
  auto taken = drain_all();
  if (!taken) waiting_ = true;
  return taken;
}

}  // namespace pawl::loop
