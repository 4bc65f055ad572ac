#include "loop/audit_trades.h"

#include <bit>
#include <limits>
#include <map>

#include "loop/trade_line.h"

namespace pawl::loop {

namespace {

constexpr std::size_t kPage = 10'000;
constexpr std::size_t kShown = 20;

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

class TradeAudit {
 public:
  TradeAudit(const recipe::Recipe& recipe, store::Store& store, registry::Registry& registry)
      : recipe_(recipe), store_(store), registry_(registry), line_(recipe.line_of(recipe.symbols.front())) {}

  Status run(const ProgressSink& progress) {
    if (Status digests = read_digests(); !digests) return digests;
    for (std::int64_t cursor = 0;;) {
      auto page = store_.trades().read_after(cursor, kPage, line_);
      if (!page) return propagate(page);
      if (page->empty()) break;
      cursor = page->back().number;
      for (const Trade& trade : *page) {
        check(trade);
        if (!trade.allowed) refused_[trade.signal.symbol].push_back(trade);
      }
      if (progress) progress({static_cast<std::uint64_t>(report_.checked), 0, line_});
    }
    for (const auto& [symbol, trades] : refused_) {
      if (Status checked = check_paper(symbol, trades); !checked) return checked;
    }
    return {};
  }

  AuditReport take() { return std::move(report_); }

 private:
  Status read_digests() {
    for (std::int64_t cursor = 0;;) {
      auto page = store_.events().read_after(cursor, kPage, "trade_signal");
      if (!page) return propagate(page);
      if (page->empty()) return {};
      cursor = page->back().ingest_seq;
      for (const Event& event : *page) {
        if (event.line != line_) continue;
        const auto payload = parse_json(event.payload);
        if (!payload) return within("a trade_signal event", payload.error());
        const auto number = json_int(*payload, "number");
        const auto digest = json_string(*payload, "features");
        if (!number || !digest) return fail(ErrorCode::corrupt, "a trade_signal event without its fields");
        digests_[*number] = *digest;
      }
    }
  }

  void check(const Trade& trade) {
    auto version = versions_.find(trade.version);
    if (version == versions_.end()) {
      auto loaded = registry_.load(line_, trade.version);
      version = versions_.emplace(trade.version, loaded ? *loaded : nullptr).first;
    }
    if (!version->second) {
      unavailable(
          fmt::format("trade {}: version {} {} cannot be loaded", trade.number, line_, trade.version.text()));
      return;
    }
    ++report_.checked;
    const Prediction again =
        serving::predict(*version->second, datasets::trade_row(trade.signal), recipe_.signal);
    const auto digest = digests_.find(trade.number);
    if (digest != digests_.end() && digest->second != again.features_digest) {
      different(trade, fmt::format("features: digest {} was logged, {} comes out", digest->second,
                                   again.features_digest));
    } else if (!same_bits(again.p_up, trade.p_profit)) {
      different(trade, fmt::format("probabilities: {} was logged, {} comes out", trade.p_profit, again.p_up));
    } else if (allows(recipe_.trades, trade.version, again.p_up) != trade.allowed) {
      different(trade,
                fmt::format("answer: {} was logged, {} comes out", trade.allowed ? "allowed" : "refused",
                            trade.allowed ? "refused" : "allowed"));
    }
  }

  Status check_paper(const std::string& symbol, const std::vector<Trade>& trades) {
    const auto parsed = Symbol::parse(symbol);
    if (!parsed) return propagate(parsed);
    auto bars =
        store_.bars().read(symbol, recipe_.base, trades.front().signal.at - recipe_.base.duration_ms(),
                           std::numeric_limits<TimeMs>::max(), store::BarStore::Revision::first);
    if (!bars) return propagate(bars);
    outcomes::PaperTrades paper(paper_rules(recipe_.trades), recipe_.costs_of(*parsed));
    std::map<std::string, const Trade*, std::less<>> open;
    for (const Trade& trade : trades) {
      // One that makes no position was never followed.
      if (paper.follow(trade.signal)) open[trade.signal.id] = &trade;
    }
    for (std::size_t i = 0; i < bars->size(); ++i) {
      for (const TradeClose& close : paper.step((*bars)[i])) {
        const Trade& trade = *open.at(close.id);
        open.erase(close.id);
        if (!trade.close) {
          different(trade, fmt::format("paper: still open, and it ended at {}", format_time(close.at)));
        } else if (trade.close->at != close.at || !same_bits(trade.close->exit_price, close.exit_price) ||
                   !same_bits(trade.close->pnl_pct, close.pnl_pct)) {
          different(trade, fmt::format("paper: closed at {} with {} %, and {} with {} % comes out",
                                       format_time(trade.close->at), trade.close->pnl_pct,
                                       format_time(close.at), close.pnl_pct));
        }
      }
    }
    for (const auto& [id, trade] : open) {
      if (trade->close) different(*trade, "paper: closed, and the stored bars do not end it");
    }
    return {};
  }

  void different(const Trade& trade, std::string what) {
    ++report_.different;
    if (report_.first_differences.size() < kShown) {
      report_.first_differences.push_back({trade.number, std::move(what)});
    }
  }

  void unavailable(std::string why) {
    ++report_.unavailable;
    if (report_.why_unavailable.size() < kShown) report_.why_unavailable.push_back(std::move(why));
  }

  const recipe::Recipe& recipe_;
  store::Store& store_;
  registry::Registry& registry_;
  LineId line_;
  AuditReport report_;
  std::map<std::int64_t, std::string> digests_;  // of the rows as they were answered, by number
  std::map<VersionNumber, std::shared_ptr<const registry::LoadedVersion>> versions_;
  std::map<std::string, std::vector<Trade>> refused_;  // by symbol, as they were opened
};

}  // namespace

Result<AuditReport> audit_trades(const recipe::Recipe& recipe, store::Store& store,
                                 registry::Registry& registry, const ProgressSink& progress) {
  TradeAudit audit(recipe, store, registry);
  if (Status audited = audit.run(progress); !audited) return propagate(audited);
  return audit.take();
}

}  // namespace pawl::loop
