#pragma once

#include "store/backends/sqlite_session.h"
#include "store/store.h"

namespace pawl::store::sqlite {

class Bars final : public BarStore {
 public:
  explicit Bars(Session& session);
  Result<BarAppend> append(std::string_view symbol, Timeframe timeframe, std::span<const Bar> bars,
                           TimeMs now) override;
  Result<BarAppend> append_joined(std::string_view symbol, Timeframe timeframe, const Bar& bar,
                                  std::span<const double> joined, TimeMs now) override;
  Result<BarSeries> read(std::string_view symbol, Timeframe timeframe, TimeMs from, TimeMs to,
                         Revision revision) const override;
  Result<std::vector<Listing>> list() const override;

 private:
  struct Series {
    std::string_view symbol;
    Timeframe timeframe;
  };
  // The newest revision of a stored bar.
  struct Stored {
    Bar bar;
    std::int64_t revision = 0;
    std::string joined;  // as bytes, which compare bit for bit
  };
  // Nothing where the caller did not say: a bar by itself.
  using Joined = std::optional<std::string_view>;
  Result<BarAppend> append_rows(Series series, std::span<const Bar> bars, Joined joined, TimeMs now);
  Status append_one(Series series, const Bar& bar, Joined joined, TimeMs now, std::optional<Stored>& last,
                    BarAppend& count);
  static Result<std::optional<Stored>> stored_of(Cursor row);
  Result<std::optional<Stored>> last_bar(Series series) const;
  Result<std::optional<Stored>> newest_at(Series series, TimeMs open_time) const;
  Status check_neighbours(Series series, const Bar& bar) const;
  Status check_joined(Series series, const Bar& bar, std::string_view joined, const Stored& last) const;
  Status insert(Series series, const Bar& bar, std::int64_t revision, std::string_view joined,
                TimeMs known_at);

  Session& session_;
  // A kept statement is a tool, not state.
  mutable Statement insert_, newest_, last_, before_, after_, read_, list_;
};

}  // namespace pawl::store::sqlite
