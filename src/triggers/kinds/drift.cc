// Retrain when a check has found drift: rows that lie otherwise than in training, or more errors. It says
// that it is time to train, and nothing about what is trained.
#include <algorithm>

#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

constexpr std::size_t kNamedMost = 3;

class Drift final : public Trigger {
 public:
  explicit Drift(const Settings& settings)
      : features_min_(settings.integer("features_min")),
        checks_(settings.integer("checks")),
        prediction_(settings.boolean("prediction")),
        error_(settings.boolean("error")) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs) const override {
    if (!line.drift || line.drift->checks_in_row < checks_) return std::nullopt;
    const DriftSeen& seen = *line.drift;
    // One check begins one run at most: what was refused is not asked for again before the next look.
    if (line.last_attempt_at && *line.last_attempt_at >= seen.at) return std::nullopt;
    std::vector<std::string> found;
    const auto count = static_cast<std::int64_t>(seen.features.size());
    if (features_min_ > 0 && count >= features_min_) {
      const std::size_t named = std::min(seen.features.size(), kNamedMost);
      found.push_back(fmt::format(
          "{} {} ({}{})", count, count == 1 ? "feature" : "features",
          fmt::join(seen.features.begin(), seen.features.begin() + static_cast<std::ptrdiff_t>(named), ", "),
          named < seen.features.size() ? ", …" : ""));
    }
    if (prediction_ && seen.prediction) found.emplace_back("the prediction");
    if (error_ && seen.error) found.emplace_back("the errors");
    if (found.empty()) return std::nullopt;
    return TriggerReason{"drift", fmt::format("drift: {} moved from the training rows, at {} {} in a row",
                                              fmt::join(found, " and "), seen.checks_in_row,
                                              seen.checks_in_row == 1 ? "check" : "checks")};
  }

  std::optional<TimeMs> next_time(TimeMs) const override { return std::nullopt; }

 private:
  std::int64_t features_min_, checks_;
  bool prediction_, error_;
};

}  // namespace

TriggerKind drift_trigger() {
  TriggerKind kind{.name = "drift",
                   .help = "when live rows no longer lie as the training rows did (needs the drift section)",
                   .schema = {},
                   .make = [](const Settings& settings) -> Result<std::unique_ptr<Trigger>> {
                     return std::make_unique<Drift>(settings);
                   }};
  kind.schema.integer("features_min", 1, "features that must have alarmed; 0: features are not looked at")
      .range(0, 10000)
      .integer("checks", 2, "checks in a row that must have had an alarm")
      .range(1, 1000)
      .unit("checks")
      .boolean("prediction", true, "an alarm of the predicted probability counts")
      .boolean("error", true, "an alarm of the errors counts");
  return kind;
}

}  // namespace pawl::triggers
