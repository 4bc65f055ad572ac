// A recipe file as typed settings of every room. Logic never sees the YAML: it gets these values.
//
// Precedence: --set over environment (PAWL_A__B) over the file over defaults. Every key is declared once, by
// the recipe itself or by the kind it names; an unknown key is an error that names its place.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config_node.h"
#include "base/settings.h"
#include "domain/calendar.h"
#include "domain/costs.h"
#include "domain/ids.h"
#include "domain/symbol.h"
#include "domain/timeframe.h"
#include "judging/metrics.h"

namespace pawl::recipe {

// A kind by name with the settings that its own schema allowed.
struct KindSettings {
  std::string kind;
  Settings settings;
};

struct ValidationSettings {
  DurationMs window_ms = 0;           // W, ends at T and holds J; 0: all there is
  DurationMs judged_ms = 0;           // J; 0: judged_share_max alone says how long
  double judged_share_max = 1.0 / 3;  // J is never more than this share of the window's bars
  std::int64_t embargo_bars = 0;
  std::int64_t min_bars = 1000;  // fewer known bars than this: deferred
  std::int64_t min_judged_rows = 200;
  std::int64_t walk_forward_folds = 0;
};

struct TrainingSettings {
  DurationMs latency_ms = 0;        // simulated time from trigger to verdict in replay
  DurationMs defer_ms = kDayMs;     // a trigger without enough rows is tried again after this
  DurationMs cooldown_ms = 0;       // between the start of two runs of a line, by triggers
  DurationMs backoff_ms = kHourMs;  // after a failed run, doubled each time, at most a day
  std::int64_t threads = 1;
  std::int64_t keep_jobs = 1000;  // job folders kept, newest; 0 keeps none
};

struct Recipe {
  std::string name;  // "crypto-live"
  std::string description;
  std::vector<Symbol> symbols;
  bool group = false;  // lines are triggered and judged together (quorum)
  Timeframe base = kH1;
  MarketCalendar calendar = MarketCalendar::utc_always();
  double bars_per_year = 8766;
  KindSettings source;                // "simulated", "csv"
  std::vector<std::string> features;  // as written
  KindSettings label, model, gate;
  KindSettings baseline;  // the rules of version 0: settings of the model kind "rules"
  // The first that fires gives the reason: manual (always there), auto_training where the recipe has that
  // section, then the others as listed.
  std::vector<KindSettings> triggers;
  judging::SignalRule signal;
  Costs costs;
  ValidationSettings validation;
  TrainingSettings training;
  std::uint64_t seed = 1;
  // Where each key that is not a default was given: "gate.margin" → "config/a.yaml:12".
  std::map<std::string, std::string, std::less<>> origins;

  LineId line_of(const Symbol& symbol) const;  // "crypto-live/BTC_USDT"
};

// What changes a recipe from outside.
struct Overrides {
  std::vector<std::pair<std::string, std::string>> set;          // --set gate.policy=always
  std::vector<std::pair<std::string, std::string>> environment;  // PAWL_GATE__POLICY=always, as found
};

// An override that names another kind ("gate.policy=always") starts that section afresh: the file's settings
// of the former kind do not carry over. Environment names that are neither PAWL_A__B nor PAWL_<top-level key>
// are somebody else's and not looked at.
//
// Reads, overlays, validates everything (feature specs are parsed, kinds are made once) and returns the typed
// recipe. bad_config names file and line (or the flag), the key, what was wrong and what to do.
Result<Recipe> load_recipe(std::string_view yaml, std::string_view file_name, const Overrides& overrides);
// The same from a file on disk; a bare name ("crypto-live") is <name>.yaml in the first of the folders that
// has it.
Result<Recipe> load_recipe_file(const std::string& path_or_name, const Overrides& overrides,
                                const std::vector<std::string>& search_folders = {"config"});

// The effective configuration, every key with its value and where it came from ("default", "config/…:12",
// "--set"), for `pawl config show`.
struct ShownKey {
  std::string key, value, origin, help;
};
std::vector<ShownKey> show(const Recipe& recipe);
// Every effective key in the shape of the file: dumped, it is a recipe that loads as the same recipe.
Json to_json(const Recipe& recipe);

// Everything that can be configured, for `pawl config show --schema`, the docs and the tests: one entry for
// each section of the recipe's own, and one for each kind of a section that names a kind.
struct SectionSchema {
  std::string section;   // "validation"; empty: the top level
  std::string kind_key;  // "policy": the key that names the kind; empty where the section has none
  std::string kind;      // "better"
  std::string help;
  Schema schema;
};
std::vector<SectionSchema> section_schemas();

}  // namespace pawl::recipe
