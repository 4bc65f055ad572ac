#include "loop/remembered_contest.h"

#include "base/format.h"

namespace pawl::loop {

Result<std::optional<RememberedContest>> remembered_contest(const store::RunRecord& run, const LineId& line) {
  if (run.state != store::RunState::completed) return std::nullopt;
  // At the top of the document, or by line where it was a group's.
  const Json* found = &run.document;
  if (run.document.contains("by_line")) {
    found = nullptr;
    for (const Json& one : run.document["by_line"]) {
      if (one.value("line", std::string()) == line) found = &one;
    }
  }
  if (found == nullptr || !found->contains("trials") || found->contains("ineligible")) return std::nullopt;
  RememberedContest contest{
      .answered = found->value("verdict", std::string()) != decision_name(Decision::insufficient),
      .difference = std::nullopt,
      .trials = found->value("trials", std::int64_t{1})};
  if (found->contains("difference")) {
    auto read = contest_difference_from_json((*found)["difference"]);
    if (!read) return within(fmt::format("run {}", run.id), read.error());
    contest.difference = *read;
  }
  return contest;
}

}  // namespace pawl::loop
