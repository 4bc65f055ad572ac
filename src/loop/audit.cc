#include "loop/audit.h"

#include <bit>
#include <limits>
#include <map>

#include "features/engine.h"
#include "loop/audit_trades.h"
#include "serving/live_model.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kPage = 10'000;
constexpr std::size_t kShown = 20;

class LineAudit {
 public:
  LineAudit(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry,
            std::size_t block, AuditReport& report)
      : recipe_(recipe), store_(store), registry_(registry), block_(block), report_(report) {}

  Status run(const Symbol& symbol, const ProgressSink& progress) {
    const LineId line = recipe_.line_of(symbol);
    if (Status read = read_predictions(line, symbol.canonical()); !read) return read;
    auto bars = store_.bars().read(symbol.canonical(), recipe_.base, std::numeric_limits<TimeMs>::min(),
                                   std::numeric_limits<TimeMs>::max(), store::BarStore::Revision::first);
    if (!bars) return propagate(bars);
    bars_ = std::move(*bars);
    if (!bars_.empty() && bars_.joined_columns() != recipe_.outside.size()) {
      return fail(ErrorCode::conflict,
                  "the bars of {} were stored with {} outside series and the recipe has {}", symbol.given(),
                  bars_.joined_columns(), recipe_.outside.size());
    }
    if (Status found = find_allowed_bars(); !found) return found;

    // One pass over the bars for each feature list that any cited version reads.
    std::map<std::string, std::vector<std::string>> lists;
    for (const auto& [number, version] : versions_) {
      if (version) lists.emplace(version->bundle.features_hash, version->bundle.features);
    }
    for (const auto& [hash, specs] : lists) {
      if (Status checked = check_list(line, hash, specs, progress); !checked) return checked;
    }
    for (const Prediction& prediction : predictions_) {
      const auto& version = versions_[prediction.version];
      const std::size_t bar = bars_.count_opened_before(prediction.bar_open_time);
      if (!version) {
        unavailable(fmt::format("prediction {}: version {} {} cannot be loaded", prediction.id, line,
                                prediction.version.text()));
      } else if (bar >= bars_.size() || bars_.open_time(bar) != prediction.bar_open_time) {
        unavailable(fmt::format("prediction {}: its bar at {} is not in the store", prediction.id,
                                format_time(prediction.bar_open_time)));
      }
    }
    return {};
  }

 private:
  Status read_predictions(const LineId& line, const std::string& symbol) {
    for (std::int64_t cursor = 0;;) {
      auto page = store_.predictions().read_after(cursor, kPage, line);
      if (!page) return propagate(page);
      if (page->empty()) return {};
      cursor = page->back().id;
      for (Prediction& prediction : *page) {
        if (prediction.symbol != symbol) continue;  // of another market of a pooled line
        if (!versions_.contains(prediction.version)) {
          auto loaded = registry_.load(line, prediction.version);
          versions_[prediction.version] = loaded ? *loaded : nullptr;
        }
        predictions_.push_back(std::move(prediction));
      }
    }
  }

  // Where the recipe lets predictions be signals.
  Status find_allowed_bars() {
    if (recipe_.signal_where.empty()) return {};
    auto list = features::FeatureList::parse(std::vector{recipe_.signal_where}, recipe_.base,
                                             recipe_.calendar, recipe_.outside_names());
    if (!list) return propagate(list);
    features::Engine engine(*list);
    std::vector<double> values(block_);
    std::vector<std::uint8_t> ready(block_);
    for (std::size_t first = 0; first < bars_.size(); first += block_) {
      const std::size_t count = std::min(block_, bars_.size() - first);
      engine.update(bars_.block(first, count), std::span(values).first(count), std::span(ready).first(count));
      for (std::size_t i = 0; i < count; ++i) allowed_.push_back(values[i] > 0 ? 1 : 0);
    }
    return {};
  }

  Status check_list(const LineId& line, const std::string& hash, const std::vector<std::string>& specs,
                    const ProgressSink& progress) {
    auto list = features::FeatureList::parse(specs, recipe_.base, recipe_.calendar, recipe_.outside_names());
    if (!list) return within(line, list.error());
    if (list->hash() != hash) {
      return fail(ErrorCode::corrupt,
                  "{}: the features of a version no longer mean what they did (hash {} then, {} now)", line,
                  hash, list->hash());
    }
    features::Engine engine(*list);
    std::vector<double> rows(block_ * list->size());
    std::vector<std::uint8_t> ready(block_);
    auto next = predictions_.begin();
    for (std::size_t first = 0; first < bars_.size(); first += block_) {
      const std::size_t count = std::min(block_, bars_.size() - first);
      engine.update(bars_.block(first, count), std::span(rows).first(count * list->size()),
                    std::span(ready).first(count));
      for (std::size_t i = 0; i < count; ++i) {
        const TimeMs open_time = bars_.open_time(first + i);
        while (next != predictions_.end() && next->bar_open_time < open_time) ++next;
        for (; next != predictions_.end() && next->bar_open_time == open_time; ++next) {
          const auto& version = versions_[next->version];
          if (!version || version->bundle.features_hash != hash) continue;
          compare(*next, *version, std::span(rows).subspan(i * list->size(), list->size()),
                  allowed_.empty() || allowed_[first + i] != 0);
        }
      }
      if (progress) progress({first + count, bars_.size(), line});
    }
    return {};
  }

  void compare(const Prediction& logged, const registry::LoadedVersion& version, std::span<const double> row,
               bool allowed) {
    ++report_.checked;
    Prediction again = serving::predict(version, row, recipe_.signal);
    if (!allowed) again.side = Side::hold;
    std::string what = difference_between(logged, again);
    if (what.empty()) return;
    ++report_.different;
    if (report_.first_differences.size() < kShown)
      report_.first_differences.push_back({logged.id, std::move(what)});
  }

  void unavailable(std::string why) {
    ++report_.unavailable;
    if (report_.why_unavailable.size() < kShown) report_.why_unavailable.push_back(std::move(why));
  }

  const recipe::Recipe& recipe_;
  store::Store& store_;
  registry::Registry& registry_;
  std::size_t block_;
  AuditReport& report_;
  BarSeries bars_;
  std::vector<std::uint8_t> allowed_;    // by bar; empty: everywhere
  std::vector<Prediction> predictions_;  // in bar order
  std::map<VersionNumber, std::shared_ptr<const registry::LoadedVersion>> versions_;
};

}  // namespace

std::string difference_between(const Prediction& logged, const Prediction& again) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  if (again.features_digest != logged.features_digest) {
    return fmt::format("features: digest {} was logged, {} comes out", logged.features_digest,
                       again.features_digest);
  }
  if (bits(again.p_up) != bits(logged.p_up) || bits(again.p_down) != bits(logged.p_down)) {
    return fmt::format("probabilities: p_up {} was logged, {} comes out", logged.p_up, again.p_up);
  }
  if (again.side != logged.side) {
    return fmt::format("side: {} was logged, {} comes out", side_name(logged.side), side_name(again.side));
  }
  return {};
}

Result<AuditReport> audit(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry,
                          std::size_t block, const ProgressSink& progress) {
  if (block == 0) return fail(ErrorCode::invalid_argument, "--block: at least 1 bar");
  if (recipe.trades.present) return audit_trades(recipe, store, registry, progress);
  AuditReport report;
  for (const Symbol& symbol : recipe.symbols) {
    LineAudit line(recipe, store, registry, block, report);
    if (Status audited = line.run(symbol, progress); !audited) return propagate(audited);
  }
  return report;
}

}  // namespace pawl::loop
