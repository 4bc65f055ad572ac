#include "loop/decisions.h"

#include "base/json.h"

namespace pawl::loop {

void DecisionLog::prediction(const Prediction& prediction) {
  add(fmt::format(R"({{"at":{},"kind":"prediction","line":{},"side":"{}","version":{}}})",
                  prediction.known_at, json_quote(prediction.line), side_name(prediction.side),
                  prediction.version.value));
}

void DecisionLog::answer(const Trade& trade, TimeMs at) {
  add(fmt::format(R"({{"allowed":{},"at":{},"id":{},"kind":"trade_signal","line":{},"version":{}}})",
                  trade.allowed, at, json_quote(trade.signal.id), json_quote(trade.line),
                  trade.version.value));
}

void DecisionLog::trigger(const std::vector<LineId>& lines, std::string_view trigger, TimeMs at) {
  std::string quoted;
  for (const LineId& line : lines) {
    if (!quoted.empty()) quoted += ',';
    quoted += json_quote(line);
  }
  add(fmt::format(R"({{"at":{},"kind":"trigger","lines":[{}],"trigger":{}}})", at, quoted,
                  json_quote(trigger)));
}

void DecisionLog::verdict(const LineId& line, std::int64_t run, Decision decision, VersionNumber challenger,
                          TimeMs at) {
  add(fmt::format(R"({{"at":{},"challenger":{},"kind":"verdict","line":{},"run":{},"verdict":"{}"}})", at,
                  challenger.value, json_quote(line), run, decision_name(decision)));
}

void DecisionLog::swap(const LineId& line, VersionNumber from, VersionNumber to, TimeMs at) {
  add(fmt::format(R"({{"at":{},"from":{},"kind":"swap","line":{},"to":{}}})", at, from.value,
                  json_quote(line), to.value));
}

void DecisionLog::rollback(const LineId& line, VersionNumber from, VersionNumber to, TimeMs at) {
  add(fmt::format(R"({{"at":{},"from":{},"kind":"rollback","line":{},"to":{}}})", at, from.value,
                  json_quote(line), to.value));
}

void DecisionLog::add(std::string line) {
  line += '\n';
  hash_.update(line);
  ++count_;
  if (!keep_) return;
  line.pop_back();
  lines_.push_back(std::move(line));
}

}  // namespace pawl::loop
