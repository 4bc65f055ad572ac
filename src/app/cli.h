// The command line: `pawl replay|train|models|promote|rollback|import|export|audit|config|status`.
#pragma once

namespace pawl::app {

// Parses, runs one command and returns its exit code: 0 ok, 1 failure, 2 usage, 10 kept (not promoted),
// 65 bad data, 78 bad config. stdout carries data, stderr everything else.
int run_cli(int argc, const char* const* argv);

}  // namespace pawl::app
