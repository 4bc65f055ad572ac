#include "gates/judging_words.h"

#include <cmath>

#include "base/format.h"

namespace pawl::gates {
namespace {

constexpr double kEqualWithin = 1e-12;
constexpr int kDigitsMax = 9;

}  // namespace

bool above(double value, double limit) {
  return value > limit + kEqualWithin;
}

bool at_least(double value, double limit) {
  return value >= limit - kEqualWithin;
}

void declare_min_rows(Schema& schema, std::int64_t default_rows) {
  schema
      .integer("min_rows", default_rows,
               "judged rows that a line must have; with fewer the champion stays (insufficient)")
      .range(0, 1e9)
      .unit("rows");
}

std::string why_unjudgeable(const Evidence& line, std::int64_t min_rows) {
  if (!line.eligible) {
    return fmt::format("not eligible with {} judged rows: {}", line.rows,
                       line.why_ineligible.empty() ? "no reason was given" : line.why_ineligible);
  }
  if (line.rows < min_rows) return fmt::format("{} judged rows, {} are needed", line.rows, min_rows);
  return "";
}

std::optional<Verdict> unjudgeable(const Evidence& line, std::int64_t min_rows) {
  std::string why = why_unjudgeable(line, min_rows);
  if (why.empty()) return std::nullopt;
  Verdict verdict;
  verdict.line = line.line;
  verdict.decision = Decision::insufficient;
  if (line.eligible) {
    verdict.checks.push_back({.name = "min_rows",
                              .value = static_cast<double>(line.rows),
                              .limit = static_cast<double>(min_rows),
                              .pass = false,
                              .note = ""});
  }
  verdict.reasons.push_back(std::move(why));
  return verdict;
}

std::string undefined_text(std::string_view whose, std::string_view score, const Scorecard& card) {
  const Score* found = card.find(score);
  const bool says_why = found != nullptr && !found->why_undefined.empty();
  return fmt::format("the {}'s {} is undefined ({})", whose, score,
                     says_why ? found->why_undefined : "it was not scored");
}

std::string challenger_text(const Evidence& line) {
  return "challenger " + line.challenger.text();
}

std::string champion_text(const Evidence& line) {
  return (line.first_model ? "rules baseline " : "champion ") + line.champion.text();
}

std::string number_beside(double value, double limit, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  if (std::abs(value - limit) <= kEqualWithin) return text;
  while (digits < kDigitsMax && text == fmt::format("{:.{}f}", limit, digits)) {
    text = fmt::format("{:.{}f}", value, ++digits);
  }
  return text;
}

std::string percent_beside(double value, double limit) {
  std::string text = number_beside(100 * value, 100 * limit, 1);
  if (!text.starts_with('-')) text.insert(text.begin(), '+');
  return text;
}

std::string plain(double value) {
  return fmt::format("{:g}", value);
}

}  // namespace pawl::gates
