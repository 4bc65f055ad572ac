// What the policies share: comparing scores with limits, and saying so in sentences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/settings.h"
#include "domain/evidence.h"

namespace pawl::gates {

// Limits are made by arithmetic (0.8 less ten percent is 0.72000000000000008 in doubles), so two numbers
// within 1e-12 of each other count as equal: a limit written in decimals means what a person reads.
bool above(double value, double limit);
bool at_least(double value, double limit);

// The setting that every policy has.
void declare_min_rows(Schema& schema, std::int64_t default_rows);

// The verdict on a line that no policy may judge: not eligible, or under `min_rows`. Nothing elsewhere.
std::optional<Verdict> unjudgeable(const Evidence& line, std::int64_t min_rows);
// Why not, in the words of that verdict; empty where the line can be judged.
std::string why_unjudgeable(const Evidence& line, std::int64_t min_rows);

// "the challenger's sharpe is undefined (no trades)".
std::string undefined_text(std::string_view whose, std::string_view score, const Scorecard& card);

// "challenger v000004", "champion v000003", "rules baseline v000000".
std::string challenger_text(const Evidence& line);
std::string champion_text(const Evidence& line);

// `value` with as many decimals, from `digits` on, as it takes not to look equal to a `limit` that it
// differs from: 0.44996 beside 0.45 is not written "0.4500".
std::string number_beside(double value, double limit, int digits = 4);
// The same for shares as percent, signed: 0.035 beside 0.02 is "+3.5".
std::string percent_beside(double value, double limit);
// A setting as a person wrote it: 0.65, 2.
std::string plain(double value);

}  // namespace pawl::gates
