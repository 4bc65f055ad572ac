#include <unistd.h>

#include <cstdlib>

#include "app/cli.h"

int main(int argc, char** argv) {
  // Idle OpenMP threads of XGBoost spin for the next loop, which takes the core from everybody else: a
  // training of ours is several times slower for it on a busy machine. libgomp reads this before main, so
  // once more.
  if (std::getenv("OMP_WAIT_POLICY") == nullptr && setenv("OMP_WAIT_POLICY", "passive", 0) == 0) {
    execv("/proc/self/exe", argv);  // comes back only where there is no /proc: then it goes on as it is
  }
  return pawl::app::run_cli(argc, argv);
}
