// `pawl import bars`: bar files of any format, looked at or stored.
#pragma once

#include "app/context.h"
#include "market/formats/format.h"

namespace pawl::app {

struct ImportBarsOptions {
  std::vector<std::string> files;  // FILE, or SYMBOL:TF=FILE
  market::formats::Named named;    // what the caller says about all of them
  bool dry_run = false;            // show what they are, store nothing
  bool skip_bad_rows = false;
};

// Reads all files before anything is stored: what is wrong with the last one leaves nothing behind. A
// question that a file leaves open is bad data (65), also in a dry run, which shows everything else first.
int import_bars_command(const CommonOptions& common, const ImportBarsOptions& options);

}  // namespace pawl::app
