// Retrain when a check has found drift: rows that lie otherwise than in training, or more errors. It says
// that it is time to train, and nothing about what is trained.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/format.h"
#include "triggers/trigger.h"

namespace pawl::triggers {
namespace {

std::string features_text(const std::vector<std::string>& features) {
  constexpr std::size_t kNamedMost = 3;
  const std::size_t named = std::min(features.size(), kNamedMost);
  return fmt::format("{} {} ({}{})", features.size(), features.size() == 1 ? "feature" : "features",
                     fmt::join(features.begin(), features.begin() + static_cast<std::ptrdiff_t>(named), ", "),
                     named < features.size() ? ", …" : "");
}

class Drift final : public Trigger {
 public:
  explicit Drift(const Settings& settings)
      : features_min_(settings.integer("features_min")),
        checks_(settings.integer("checks")),
        prediction_(settings.boolean("prediction")),
        error_(settings.boolean("error")) {}

  std::optional<TriggerReason> check(const LineSnapshot& line, TimeMs) const override {
    if (!line.drift) return std::nullopt;
    const DriftSeen& seen = *line.drift;
    // One check begins one run at most: what was refused is not asked for again before the next look.
    if (line.last_attempt_at && *line.last_attempt_at >= seen.at) return std::nullopt;
    // Each kind of alarm has to have lasted by itself: one check of features and one of errors are not two.
    std::vector<std::string> found;
    std::int64_t in_row = std::numeric_limits<std::int64_t>::max();
    const auto add = [&](std::int64_t checks, std::string what) {
      if (checks < checks_) return;
      found.push_back(std::move(what));
      in_row = std::min(in_row, checks);
    };
    if (features_min_ > 0 && std::cmp_greater_equal(seen.feature_checks.size(), features_min_)) {
      add(seen.feature_checks[static_cast<std::size_t>(features_min_ - 1)], features_text(seen.features));
    }
    if (prediction_) add(seen.prediction_checks, "the prediction");
    if (error_) add(seen.error_checks, "the errors");
    if (found.empty()) return std::nullopt;
    return TriggerReason{"drift",
                         fmt::format("drift: {} moved from the training rows, at {} {} in a row",
                                     fmt::join(found, " and "), in_row, in_row == 1 ? "check" : "checks")};
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
