// Version 0 of every line: two exponential averages and a fixed lean, no training. It is what a first model
// has to beat, so once its averages are warm it always takes a side. That of a trade filter has no averages
// and leans towards profit: it refuses nothing.
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>
#include <utility>

#include "models/kinds/kinds.h"
#include "models/kinds/training_rows.h"

namespace pawl::models {
namespace {

constexpr std::string_view kFormat = "pawl rules 1";
// With three classes, the share that HOLD keeps: either side stays above the 0.45 that a signal asks for.
constexpr double kHoldShare = 0.02;
constexpr int kMaxLength = 100'000;

enum class Rule { trend, revert, allow };
constexpr std::array<std::string_view, 3> kRuleNames = {"trend", "revert", "allow"};

std::string_view name_of(Rule rule) {
  return kRuleNames.at(static_cast<std::size_t>(rule));
}

std::optional<Rule> find_rule(std::string_view name) {
  const auto found = std::find(kRuleNames.begin(), kRuleNames.end(), name);
  if (found == kRuleNames.end()) return std::nullopt;
  return static_cast<Rule>(found - kRuleNames.begin());
}

struct Rules {
  Rule rule = Rule::trend;
  std::int64_t fast = 12, slow = 26;
  double edge = 0.05;
  int classes = 2;
  std::int64_t columns = 1;  // of `allow`: as many as its rows have, and none is looked at
};

std::string feature_of(std::int64_t fast, std::int64_t slow) {
  return fmt::format("ema({})/ema({})", fast, slow);
}

Json to_json(const Rules& rules) {
  Json json = {
      {"format", kFormat}, {"rule", name_of(rules.rule)}, {"edge", rules.edge}, {"classes", rules.classes}};
  if (rules.rule == Rule::allow) {
    json["columns"] = rules.columns;
  } else {
    json["fast"] = rules.fast;
    json["slow"] = rules.slow;
  }
  return json;
}

// The fields that only one of the rules has.
Status read_own_fields(const Json& json, Rules& rules) {
  if (rules.rule == Rule::allow) {
    const auto columns = json_int(json, "columns");
    if (!columns) return propagate(columns);
    if (*columns < 1 || *columns > kMaxLength) return fail(ErrorCode::corrupt, "{} columns", *columns);
    if (rules.classes != 2) return fail(ErrorCode::corrupt, "allow has two classes, not {}", rules.classes);
    rules.columns = *columns;
    return {};
  }
  const auto fast = json_int(json, "fast"), slow = json_int(json, "slow");
  if (!fast) return propagate(fast);
  if (!slow) return propagate(slow);
  if (*fast < 1 || *fast >= *slow || *slow > kMaxLength) {
    return fail(ErrorCode::corrupt, "the lengths {} and {} are no fast and slow average", *fast, *slow);
  }
  rules.fast = *fast;
  rules.slow = *slow;
  return {};
}

Result<Rules> rules_from_json(const Json& json) {
  const auto format = json_string(json, "format");
  if (!format) return propagate(format);
  if (*format != kFormat) return fail(ErrorCode::corrupt, "the format is not '{}'", kFormat);
  const auto name = json_string(json, "rule");
  if (!name) return propagate(name);
  const auto classes = json_int(json, "classes");
  if (!classes) return propagate(classes);
  const auto edge = json_double(json, "edge");
  if (!edge) return propagate(edge);
  const auto rule = find_rule(*name);
  if (!rule) return fail(ErrorCode::corrupt, "no rule is called '{}'", *name);
  if (!(*edge > 0 && *edge < 0.5))
    return fail(ErrorCode::corrupt, "the edge {} is not within 0 and 0.5", *edge);
  if (*classes != 2 && *classes != 3)
    return fail(ErrorCode::corrupt, "{} classes; there are 2 or 3", *classes);
  Rules rules{.rule = *rule, .edge = *edge, .classes = static_cast<int>(*classes)};
  if (Status read = read_own_fields(json, rules); !read) return propagate(read);
  return rules;
}

class RulesModel final : public Model {
 public:
  explicit RulesModel(const Rules& rules) : rules_(rules) {}

  int classes() const override { return rules_.classes; }
  std::size_t columns() const override { return static_cast<std::size_t>(rules_.columns); }

  void predict(const Matrix& rows, std::span<double> probabilities) const override {
    assert(rows.columns == columns() && rows.values.size() == rows.rows * rows.columns);
    assert(probabilities.size() == rows.rows * static_cast<std::size_t>(rules_.classes));
    double* out = probabilities.data();
    for (std::size_t i = 0; i < rows.rows; ++i) {
      // `allow` leans the same way whatever it is shown.
      const double ratio = rules_.rule == Rule::allow ? 1 : rows.values[i];
      const bool warm = !std::isnan(ratio);
      const bool up = rules_.rule == Rule::revert ? ratio <= 1 : ratio >= 1;
      const double p_up = !warm ? 0.5 : up ? 0.5 + rules_.edge : 0.5 - rules_.edge;
      if (rules_.classes == 2) {
        *out++ = 1 - p_up;
        *out++ = p_up;
        continue;
      }
      // Before the averages are warm there is no side to take: HOLD leads.
      const double p_hold = warm ? kHoldShare : 0.5;
      const double p_buy = (1 - p_hold) * p_up;
      *out++ = (1 - p_hold) - p_buy;
      *out++ = p_hold;
      *out++ = p_buy;
    }
  }

  Json describe() const override {
    Json json = to_json(rules_);
    json.erase("format");
    if (rules_.rule != Rule::allow) json["feature"] = feature_of(rules_.fast, rules_.slow);
    return json;
  }

 private:
  Rules rules_;
};

Result<Trained> train(const Settings& settings, const TrainRequest& request) {
  // Bytes of version 0 are made before there are rows, often from a request that is all defaults; so the
  // classes may come from either side, and HOLD is in when one of them has it.
  Rules rules{.rule = find_rule(settings.text("rule")).value_or(Rule::trend),
              .fast = settings.integer("fast"),
              .slow = settings.integer("slow"),
              .edge = settings.number("edge"),
              .classes = std::max(static_cast<int>(settings.integer("classes")), request.classes)};
  if (rules.rule == Rule::allow) {
    if (rules.classes != 2 || request.rows.columns == 0) {
      return fail(ErrorCode::bad_config, "rules: allow is for rows of two classes, those of a trade filter");
    }
    rules.columns = static_cast<std::int64_t>(request.rows.columns);
  }
  if (rules.fast >= rules.slow) {
    return fail(ErrorCode::bad_config, "rules: fast ({}) must be below slow ({})", rules.fast, rules.slow);
  }
  Json report = to_json(rules);
  report.erase("format");
  return Trained{to_json(rules).dump(), 0, std::move(report)};
}

Result<Rules> read(std::string_view bytes) {
  const auto json = parse_json(bytes);
  if (!json) return fail(ErrorCode::corrupt, "rules model: {}", json.error().message);
  auto rules = rules_from_json(*json);
  if (!rules) return fail(ErrorCode::corrupt, "rules model: {}", rules.error().message);
  // One model has one spelling; anything beside it was not written by train().
  if (to_json(*rules).dump() != bytes)
    return fail(ErrorCode::corrupt, "rules model: bytes beside the known fields");
  return rules;
}

Result<std::unique_ptr<Model>> load(std::string_view bytes) {
  const auto rules = read(bytes);
  if (!rules) return propagate(rules);
  return std::make_unique<RulesModel>(*rules);
}

Result<Importance> importance(std::string_view bytes) {
  if (const auto rules = read(bytes); !rules) return propagate(rules);
  return Importance{};
}

// In words: there is nothing to add up.
Result<Contributions> contributions(std::string_view bytes, std::span<const double> row) {
  const auto rules = read(bytes);
  if (!rules) return propagate(rules);
  if (std::cmp_not_equal(row.size(), rules->columns)) {
    return fail(ErrorCode::invalid_argument, "a row of {} values for rules of {} columns", row.size(),
                rules->columns);
  }
  Contributions made;
  const std::string feature = feature_of(rules->fast, rules->slow);
  if (rules->rule == Rule::allow) {
    made.rule = "allow: every signal is let through, whatever the row says";
  } else if (std::isnan(row[0])) {
    made.rule =
        fmt::format("{}: {} is not known yet, so there is no side to take", name_of(rules->rule), feature);
  } else {
    const bool revert = rules->rule == Rule::revert;
    const bool up = revert ? row[0] <= 1 : row[0] >= 1;
    const std::string_view sign = up ? (revert ? "≤" : "≥") : (revert ? ">" : "<");
    made.rule = fmt::format("{}: {} = {:.6g} {} 1, so it leans {} by {}", name_of(rules->rule), feature,
                            row[0], sign, up ? "up" : "down", rules->edge);
  }
  return made;
}

}  // namespace

std::vector<std::string> rules_features(const Settings& rules) {
  if (rules.text("rule") == name_of(Rule::allow)) return {};
  return {feature_of(rules.integer("fast"), rules.integer("slow"))};
}

ModelKind rules_kind() {
  return {.name = "rules",
          .help =
              "The baseline: a fast average above the slow one leans up (trend) or down (revert), or any row "
              "does "
              "(allow); never trained.",
          .schema = Schema{}
                        .text("rule", "trend",
                              "whether to follow the averages or lean against them; allow: that of a trade "
                              "filter, which lets every signal through")
                        .choices({"trend", "revert", "allow"})
                        .integer("fast", 12, "length of the fast exponential average, in bars")
                        .range(1, kMaxLength)
                        .integer("slow", 26, "length of the slow exponential average, in bars")
                        .range(2, kMaxLength)
                        .number("edge", 0.05, "how far from 0.5 the probability of the favoured side is")
                        .range(0.001, 0.499)
                        .integer("classes", 2,
                                 "2 for down and up; 3 for SELL, HOLD and BUY, also where training says so")
                        .range(2, 3),
          .train = train,
          .load = load,
          .importance = importance,
          .contributions = contributions};
}

}  // namespace pawl::models
