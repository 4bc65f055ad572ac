// What is shipped to run pawl with fits the program: options that it knows, ports that agree, no secret in
// it.
#include <map>
#include <sstream>

#include "e2e/replayed.h"

namespace pawl::test {
namespace {

std::string shipped(const std::string& name) {
  return read_file(source_dir() / name);
}

TEST(Deploy, TheImageInstallsWhatTheBinaryIsLinkedWith) {
  const Ran linked = run_program({"/usr/bin/env", "ldd", PAWL_BINARY});
  if (linked.exit_code != 0) GTEST_SKIP() << "SKIPPED: no ldd here";
  const std::string dockerfile = shipped("deploy/Dockerfile");
  // By the beginning of the package that Debian 12 has each library in.
  const std::map<std::string, std::string> packages = {
      {"libsqlite3", "libsqlite3-0"},
      {"libspdlog", "libspdlog1.10"},
      {"libfmt", "libfmt9"},
      {"libyaml-cpp", "libyaml-cpp0.7"},
      {"libcrypto", "libssl3"},
      {"libssl", "libssl3"},
      {"libz.", "zlib1g"},
      {"libzip", "libzip4"},
      {"libdate-tz", "libdate-tz3"},
      {"libxgboost", "libxgboost0"},
      {"libstdc++", "libstdc++6"},
      {"libgomp", "libgomp1"},
      {"libsimdjson", "libsimdjson14"},
      {"libprometheus-cpp-core", "libprometheus-cpp-core1.0"}};
  // Of the C library, or brought by one of the packages above.
  const std::vector<std::string> always = {"linux-vdso", "libc.",   "libm.", "libpthread", "libgcc_s",
                                           "libbz2",     "libdmlc", "libdl", "librt",      "/lib"};
  std::istringstream lines(linked.stdout_text);
  for (std::string library; lines >> library; std::getline(lines, library)) {
    const auto begins = [&](const std::string& name) { return library.starts_with(name); };
    if (std::any_of(always.begin(), always.end(), begins)) continue;
    const auto package =
        std::find_if(packages.begin(), packages.end(), [&](const auto& one) { return begins(one.first); });
    if (package == packages.end()) {
      ADD_FAILURE() << library << ": which package is it in? Add it here and to deploy/Dockerfile";
    } else {
      EXPECT_TRUE(has(dockerfile, package->second)) << library;
    }
  }
}

TEST(Deploy, PortsAgree) {
  const std::string dockerfile = shipped("deploy/Dockerfile");
  EXPECT_TRUE(has(dockerfile, "EXPOSE 7860\n"));
  EXPECT_TRUE(has(dockerfile, "http://127.0.0.1:7860/readyz"));
  EXPECT_TRUE(has(dockerfile, "\"--port\", \"7860\""));
  for (const auto& [recipe, port] : {std::pair{"forex-weekly", 7860},
                                     {"stocks-daily", 8000},
                                     {"crypto-live", 8080},
                                     {"qqq-minute", 8080},
                                     {"trade-filter", 8080}}) {
    const Ran shown = run_pawl(
        {"config", "show", "--json", "--recipe", source_dir() / "config" / (std::string(recipe) + ".yaml")});
    EXPECT_EQ(json_of(shown.stdout_text)["server"]["port"], port) << recipe;
    EXPECT_TRUE(has(shipped("docs/deploy.md"), recipe)) << recipe;
  }
}

TEST(Deploy, TheImageRunsAsNobodyInParticular) {
  const std::string dockerfile = shipped("deploy/Dockerfile");
  EXPECT_TRUE(has(dockerfile, "\nUSER 1000\n")) << "Spaces run containers as that one";
  EXPECT_TRUE(has(dockerfile, "ENTRYPOINT [\"pawl\", \"run\"")) << "process 1 must be pawl, to get SIGTERM";
  EXPECT_FALSE(has(dockerfile, "PAWL_API_KEY=")) << "a secret in an image is everybody's";
}

TEST(Deploy, TheUnitRestartsOnlyWhatThatMends) {
  const std::string unit = shipped("deploy/pawl.service");
  for (const char* line : {"ExecStart=/usr/local/bin/pawl run ", "Restart=on-failure\n",
                           "RestartPreventExitStatus=2 65 78\n", "NoNewPrivileges=yes\n",
                           "ProtectSystem=strict\n", "TimeoutStopSec=10\n", "User=pawl\n", "MemoryMax="}) {
    EXPECT_TRUE(has(unit, std::string("\n") + line)) << line;
  }
}

}  // namespace
}  // namespace pawl::test
