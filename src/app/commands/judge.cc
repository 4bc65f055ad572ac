// Two versions side by side, and what the gate would say; nothing moves.
#include <algorithm>
#include <iterator>

#include "app/commands.h"
#include "app/opened.h"

namespace pawl::app {

namespace {

constexpr int kKept = 10;

// The version that is asked for, or the newest one that may be judged and is not `other`.
Result<std::optional<VersionNumber>> challenger_of(registry::Registry& registry, const LineId& line,
                                                   const std::string& wanted, VersionNumber other) {
  auto versions = registry.list(line);
  if (!versions) return propagate(versions);
  std::optional<VersionNumber> given, newest;
  if (!wanted.empty()) {
    auto parsed = VersionNumber::parse(wanted);
    if (!parsed) return propagate(parsed);
    given = *parsed;
  }
  for (const VersionSummary& version : *versions) {
    if (given && version.number == *given) return given;
    const bool may = version.number.value > 0 && version.number != other && version.state != "refused";
    if (may && (!newest || newest->value < version.number.value)) newest = version.number;
  }
  if (given) {
    return fail(ErrorCode::not_found, "{} has no version {}; see `pawl models list`", line, given->text());
  }
  return newest;
}

Result<std::vector<loop::Matchup>> matchups_of(const JudgeOptions& options, DataFolder& data,
                                               const loop::Loop& loop) {
  std::optional<LineId> only;
  if (!options.line.empty()) {
    auto line = find_line(data.registry(), options.line);
    if (!line) return propagate(line);
    only = *line;
  }
  std::vector<loop::Matchup> matchups;
  bool any = false;
  for (std::size_t i = 0; i < loop.lines().size(); ++i) {
    const loop::Line& line = *loop.lines()[i];
    if (only && line.id() != *only) continue;
    loop::Matchup matchup{.line = i, .challenger = {}, .against = {}};
    VersionNumber champion = line.live()->bundle.number;
    if (!options.against.empty()) {
      auto parsed = VersionNumber::parse(options.against);
      if (!parsed) return propagate(parsed);
      champion = *parsed;
      matchup.against = champion;
    }
    auto challenger = challenger_of(data.registry(), line.id(), options.version, champion);
    if (!challenger) return propagate(challenger);
    matchup.challenger = *challenger;
    any = any || matchup.challenger.has_value();
    matchups.push_back(matchup);
  }
  if (matchups.empty()) {
    return fail(ErrorCode::not_found, "--line {}: the recipe has no such line, or nothing serves there yet",
                options.line);
  }
  if (!any) {
    return fail(ErrorCode::insufficient_data,
                "there is no other version to judge; train one first: pawl train");
  }
  return matchups;
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.4f}", *value) : std::string("–");
}

void print_line(const loop::LineReport& line) {
  const Evidence& evidence = line.evidence;
  if (!evidence.eligible) {
    print(fmt::format("{}: {}\n", line.line, evidence.why_ineligible));
  } else {
    print(fmt::format("{}: {} rows that neither has seen, {} to {}\n", line.line, evidence.rows,
                      short_time(evidence.judged_from), short_time(evidence.judged_to)));
    print(fmt::format("  {:<18} {:>14} {:>14}\n", "", "champion", "challenger"));
    print(fmt::format("  {:<18} {:>14} {:>14}\n", "", evidence.champion.text(), evidence.challenger.text()));
    for (const Score& score : evidence.challenger_scores.scores()) {
      print(fmt::format("  {:<18} {:>14} {:>14}\n", score.name,
                        number(evidence.champion_scores.get(score.name)), number(score.value)));
    }
    print(fmt::format("  {:<18} {:>14}\n", "majority class", number(evidence.majority_class_accuracy)));
  }
  for (const Check& check : line.verdict.checks) {
    print(fmt::format("  {} {:<24} {} (limit {}){}\n", check.pass ? "pass" : "fail", check.name,
                      number(check.value), number(check.limit), check.note.empty() ? "" : "  " + check.note));
  }
  print(
      fmt::format("  {}: {}\n", decision_name(line.verdict.decision), fmt::join(line.verdict.reasons, "; ")));
}

Result<int> judge(const CommonOptions& common, const JudgeOptions& options) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  auto engine = restored_engine(common, *opened);
  if (!engine) return propagate(engine);
  loop::Loop& loop = *(*engine)->loop;
  auto matchups = matchups_of(options, data, loop);
  if (!matchups) return propagate(matchups);

  // A group is judged as one, as in a run; separate lines one by one.
  std::vector<loop::LineReport> found;
  const std::size_t at_once = recipe.group ? matchups->size() : 1;
  for (std::size_t i = 0; i < matchups->size(); i += at_once) {
    auto reports = loop.judge({matchups->begin() + static_cast<std::ptrdiff_t>(i),
                               matchups->begin() + static_cast<std::ptrdiff_t>(i + at_once)});
    if (!reports) return propagate(reports);
    std::move(reports->begin(), reports->end(), std::back_inserter(found));
  }
  const bool promote = std::any_of(found.begin(), found.end(), [](const loop::LineReport& line) {
    return line.verdict.decision == Decision::promote;
  });
  if (common.json) {
    Json lines = Json::array();
    for (const loop::LineReport& line : found) lines.push_back(loop::to_json(line));
    print(Json{{"recipe", recipe.name},
               {"gate", recipe.gate.kind},
               {"verdict", promote ? "promote" : "keep"},
               {"lines", std::move(lines)}}
              .dump() +
          "\n");
  } else if (!common.quiet) {
    for (const loop::LineReport& line : found) print_line(line);
  }
  return promote ? 0 : kKept;
}

}  // namespace

int judge_command(const CommonOptions& common, const JudgeOptions& options) {
  const Result<int> done = judge(common, options);
  return done ? *done : report(done.error(), common);
}

}  // namespace pawl::app
