#include "mirrors/feature_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "domain/feature_frame.h"
#include "features/feature.h"

namespace pawl::mirrors {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr TimeMs kBeginning = std::numeric_limits<TimeMs>::min();

std::optional<double> if_known(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

}  // namespace

FeatureTrack::FeatureTrack(features::FeatureList list, const recipe::Recipe& recipe, store::BarStore& bars,
                           std::string symbol)
    : engine_(std::move(list)),
      recipe_(recipe),
      bars_(bars),
      symbol_(std::move(symbol)),
      next_from_(kBeginning),
      last_open_(kBeginning),
      row_(engine_.list().size()) {}

Result<bool> FeatureTrack::go_to(TimeMs open_time) {
  for (;;) {
    const std::size_t until = std::max(at_, ahead_.count_opened_before(open_time + 1));
    if (Status taken = take(until - at_); !taken) return propagate(taken);
    if (last_open_ >= open_time) return last_open_ == open_time;
    if (at_ < ahead_.size()) return false;
    const TimeMs to = open_time + static_cast<TimeMs>(kBlock) * recipe_.base.duration_ms();
    auto more = bars_.read(symbol_, recipe_.base, next_from_, to, store::BarStore::Revision::first);
    if (!more) return propagate(more);
    if (more->empty()) return false;
    if (more->joined_columns() < recipe_.outside.size()) {
      return fail(
          ErrorCode::corrupt,
          "{}: its bars were stored with {} outside series, the recipe has {}; is it another recipe's "
          "data folder?",
          symbol_, more->joined_columns(), recipe_.outside.size());
    }
    ahead_ = std::move(*more);
    at_ = 0;
    next_from_ = ahead_.back().open_time + 1;
  }
}

Status FeatureTrack::take(std::size_t count) {
  const std::size_t columns = engine_.list().size();
  while (count > 0) {
    const std::size_t n = std::min(count, kBlock);
    scratch_.resize(n * columns);
    ready_.resize(n);
    engine_.update(ahead_.block(at_, n), scratch_, ready_);
    std::copy_n(scratch_.end() - static_cast<std::ptrdiff_t>(columns), columns, row_.begin());
    at_ += n;
    count -= n;
    last_open_ = ahead_.open_time(at_ - 1);
    close_ = ahead_.close(at_ - 1);
  }
  return {};
}

Result<FeatureTrack*> FeatureRows::track(const std::string& symbol, const std::vector<std::string>& specs) {
  const auto key = std::pair(symbol, specs);
  auto found = tracks_.find(key);
  if (found == tracks_.end()) {
    auto list = features::FeatureList::parse(specs, recipe_.base, recipe_.calendar, recipe_.outside_names());
    if (!list) return within(symbol, list.error());
    found = tracks_.emplace(key, FeatureTrack(std::move(*list), recipe_, store_.bars(), symbol)).first;
  }
  return &found->second;
}

Result<PredictionView> FeatureRows::look(const Prediction& prediction) {
  PredictionView view;
  const auto version = registry_.load(prediction.line, prediction.version);
  if (version) {
    const std::vector<std::string>& specs = (*version)->bundle.features;
    auto own = track(prediction.symbol, specs);
    if (!own) return propagate(own);
    const auto there = (*own)->go_to(prediction.bar_open_time);
    if (!there) return propagate(there);
    if (*there) {
      const std::string digest = row_digest((*own)->row());
      if (digest != prediction.features_digest) {
        return fail(ErrorCode::corrupt,
                    "prediction {} of {} at {}: its features come out as {}, it was made from {}; see "
                    "`pawl audit`",
                    prediction.id, prediction.line, format_time(prediction.known_at), digest,
                    prediction.features_digest);
      }
      view.price = (*own)->close();
      view.names = specs;
      view.features = (*own)->row();
    }
  }
  if (const std::vector<std::string> levels = level_specs(recipe_.signal_where); !levels.empty()) {
    auto at_levels = track(prediction.symbol, levels);
    if (!at_levels) return propagate(at_levels);
    const auto there = (*at_levels)->go_to(prediction.bar_open_time);
    if (!there) return propagate(there);
    if (*there) {
      const std::span<const double> row = (*at_levels)->row();
      view.price = (*at_levels)->close();
      view.level_type = if_known(row[0]);
      view.level_source = if_known(row[1]);
      view.level_strength = if_known(row[2]);
    }
  }
  if (!view.price) {
    auto bar = store_.bars().read(prediction.symbol, recipe_.base, prediction.bar_open_time,
                                  prediction.bar_open_time + 1, store::BarStore::Revision::first);
    if (!bar) return propagate(bar);
    if (!bar->empty()) view.price = bar->close(0);
  }
  return view;
}

std::vector<std::string> level_specs(std::string_view signal_where) {
  constexpr std::string_view kFamily = "level_";
  const std::size_t at = signal_where.find(kFamily);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = signal_where.substr(at);
  const std::size_t end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  std::string arguments;
  if (end != std::string_view::npos && rest[end] == '(') {
    arguments = rest.substr(end, rest.find(')', end) - end + 1);
  }
  std::vector<std::string> specs;
  for (const char* kind : {"level_type", "level_source", "level_strength"}) {
    if (features::find_feature_kind(kind) == nullptr) return {};
    specs.push_back(kind + arguments);
  }
  return specs;
}

}  // namespace pawl::mirrors
