#include "app/cli.h"

int main(int argc, char** argv) {
  return pawl::app::run_cli(argc, argv);
}
