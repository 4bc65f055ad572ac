// The commands, each a function of its options: the command line parses, these do. Every one returns the
// process's exit code and prints its own errors.
#pragma once

#include <optional>
#include <string>

#include "app/context.h"

namespace pawl::app {

struct ReplayOptions {
  std::string json_file;    // --json FILE; "-" or empty with common.json: stdout
  std::string events_file;  // --events FILE
  bool memory = false;      // nothing is written to disk
  bool skip_bad_rows = false;
  std::string from, to;    // bars that open in [from, to) are looked at
  std::string score_from;  // earlier bars are history only
  std::string like;        // the data folder of a live process that is replayed
  std::string trades;      // reports of a bot's trades; empty: a bot of rules makes them from the bars
  std::string compare;     // --compare FILE: policies that are led over the same bars
};
int replay_command(const CommonOptions& common, const ReplayOptions& options);

struct TrainOptions {
  std::string job_folder;                       // --job: the trainer's side, nothing but the folder is read
  std::vector<std::string> symbols;             // empty: all of the recipe's
  bool progress_lines = false;                  // --progress json, of a job folder
  bool full = false;                            // search for settings anew
  std::string webhook_file, webhook_signature;  // a signed request, from somebody else's scheduler
  // Of this run alone: rows that it must have to judge by, rounds (or epochs) of the model.
  std::optional<std::int64_t> min_samples, epochs;
  std::string reason = "asked for on the command line";
};
int train_command(const CommonOptions& common, const TrainOptions& options);

int pull_command(const CommonOptions& common);

struct JudgeOptions {
  std::string line;     // empty: every line of the recipe
  std::string version;  // the challenger; empty: each line's newest other version
  std::string against;  // in the champion's place; empty: the version that serves
};
int judge_command(const CommonOptions& common, const JudgeOptions& options);

struct PredictOptions {
  std::string body;     // a file with the body of a /predict request; "-": stdin
  std::string line;     // empty: that of the body's pair
  std::string version;  // empty: the one that serves
};
int predict_command(const CommonOptions& common, const PredictOptions& options);

struct VersionOptions {
  std::string line;     // "crypto-live/BTC_USDT", or its last part
  std::string version;  // "v000012"
};
int models_list_command(const CommonOptions& common, const VersionOptions& options);
int models_show_command(const CommonOptions& common, const VersionOptions& options);
int models_verify_command(const CommonOptions& common, const VersionOptions& options);
int models_history_command(const CommonOptions& common, const VersionOptions& options);

struct PointerOptions {
  std::string line, version, reason;
  std::string hold_for;  // "7d": after a rollback the line holds that long; empty: until released
  bool force = false;    // promote past the gate
};
int promote_command(const CommonOptions& common, const PointerOptions& options);
int rollback_command(const CommonOptions& common, const PointerOptions& options);
int release_command(const CommonOptions& common, const PointerOptions& options);

struct TransferOptions {
  std::vector<std::string> files;  // what to read
  std::string line, version;
  std::string as_of;   // of a dataset
  std::string output;  // what to write; empty: stdout
};
int import_model_command(const CommonOptions& common, const TransferOptions& options);
int export_dataset_command(const CommonOptions& common, const TransferOptions& options);
int export_model_command(const CommonOptions& common, const TransferOptions& options);
int export_bars_command(const CommonOptions& common, const TransferOptions& options);
int export_events_command(const CommonOptions& common, const TransferOptions& options);
int export_decisions_command(const CommonOptions& common, const TransferOptions& options);

int audit_command(const CommonOptions& common, std::size_t block);
int config_show_command(const CommonOptions& common);
int config_schema_command(bool markdown);  // of every recipe, not of one
int config_check_command(const CommonOptions& common);
int status_command(const CommonOptions& common);
int prune_command(const CommonOptions& common, bool dry_run);

// The full id of a line named in full or by its last part; not_found lists those there are.
Result<LineId> find_line(registry::Registry& registry, std::string_view given);

}  // namespace pawl::app
