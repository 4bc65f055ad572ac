// The parts of the serving benchmark that are processes of their own: pawl_bench starts itself as them.
#pragma once

#include <span>
#include <string_view>

namespace pawl::bench {

// "--serve CORE FOLDER": the routes of `pawl run` with one line of 84 features and 300 trees a class, and
// POST /echo, which parses and echoes; "--serve-swapping" publishes another version five times a second.
// Prints its port and serves until it is killed. "--train CORE": trains trees without end.
inline constexpr std::string_view kServe = "--serve", kServeSwapping = "--serve-swapping", kTrain = "--train";

// Nothing where the words are no such command; else what the process exits with.
int serve_child(std::span<char* const> words);
bool is_serve_child(std::span<char* const> words);

}  // namespace pawl::bench
