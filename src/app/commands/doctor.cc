// pawl doctor: everything that is looked at, one line each, and what to do where it is not fine.
#include <algorithm>

#include "app/commands/operations.h"
#include "app/doctor.h"
#include "app/server_url.h"

namespace pawl::app {

std::string_view state_name(Finding::State state) {
  switch (state) {
    case Finding::State::ok:
      return "ok";
    case Finding::State::warn:
      return "warn";
    case Finding::State::fail:
      return "fail";
  }
  return "";
}

namespace {

struct Mark {
  std::string_view sign, colour;
};

Mark mark_of(Finding::State state) {
  switch (state) {
    case Finding::State::ok:
      return {"✓", "\x1b[32m"};
    case Finding::State::warn:
      return {"!", "\x1b[33m"};
    case Finding::State::fail:
      break;
  }
  return {"✗", "\x1b[31m"};
}

void print_finding(const Finding& finding, bool colour) {
  const Mark mark = mark_of(finding.state);
  const std::string sign =
      colour ? fmt::format("{}{}\x1b[0m", mark.colour, mark.sign) : std::string(mark.sign);
  print(fmt::format("{} {:<11} {}\n", sign, finding.check, finding.text));
  if (!finding.advice.empty()) print(fmt::format("  {:<11} → {}\n", "", finding.advice));
}

// Without a recipe there is still a machine to look at.
recipe::Recipe recipe_or_default(const CommonOptions& common, std::vector<Finding>& findings) {
  auto recipe = server_recipe(common);
  if (recipe) {
    findings.push_back({"recipe", Finding::State::ok, recipe->name, {}});
    return std::move(*recipe);
  }
  const bool unnamed = recipe.error().code == ErrorCode::invalid_argument;
  findings.push_back({"recipe", unnamed ? Finding::State::warn : Finding::State::fail, recipe.error().message,
                      unnamed ? "its settings are not looked at" : "put it right: pawl config check"});
  return {};
}

}  // namespace

int doctor_command(const CommonOptions& common) {
  std::vector<Finding> findings;
  const recipe::Recipe recipe = recipe_or_default(common, findings);
  for (auto& found : {check_data(common, recipe, WallClock().now()), check_machine(common, recipe)}) {
    findings.insert(findings.end(), found.begin(), found.end());
  }
  const auto count = [&](Finding::State state) {
    return std::count_if(findings.begin(), findings.end(),
                         [&](const Finding& one) { return one.state == state; });
  };
  const auto failed = count(Finding::State::fail), warned = count(Finding::State::warn);
  if (common.json) {
    Json rows = Json::array();
    for (const Finding& one : findings) {
      rows.push_back({{"check", one.check},
                      {"state", state_name(one.state)},
                      {"text", one.text},
                      {"advice", one.advice}});
    }
    print(Json{{"ok", failed == 0}, {"failed", failed}, {"warnings", warned}, {"checks", std::move(rows)}}
              .dump() +
          "\n");
  } else if (!common.quiet) {
    for (const Finding& one : findings) print_finding(one, common.colour);
    print(fmt::format("{} checks: {} failed, {} to look at\n", findings.size(), failed, warned));
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace pawl::app
