// What the commands that replay share.
#pragma once

#include "app/commands.h"
#include "app/feed.h"

namespace pawl::app {

// --from and --to.
Result<FeedSpan> span_of(const ReplayOptions& options);
// --score-from; nothing where it is not given.
Result<std::optional<TimeMs>> score_from_of(const ReplayOptions& options);
// Whether text for people goes to stdout: not where it is silenced, or taken by JSON.
bool shows_text(const CommonOptions& common, const ReplayOptions& options);
// The findings, to --json FILE or to stdout.
Status write_findings(const ReplayOptions& options, const std::string& text);

// --compare FILE: many policies instead of one.
Status run_compare(const CommonOptions& common, const ReplayOptions& options);

}  // namespace pawl::app
