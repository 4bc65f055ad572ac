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
#include "base/log.h"
#include "base/settings.h"
#include "domain/calendar.h"
#include "domain/costs.h"
#include "domain/ids.h"
#include "domain/symbol.h"
#include "domain/timeframe.h"
#include "judging/metrics.h"
#include "market/formats/clock.h"
#include "models/calibration.h"

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
  std::int64_t judged_sessions = 0;   // J counted in sessions instead, where not 0
  std::int64_t embargo_bars = 0;
  std::int64_t min_bars = 1000;       // fewer known bars than this: deferred
  std::int64_t min_fit_sessions = 0;  // fewer sessions before the judged window: deferred
  std::int64_t min_judged_rows = 200;
  DurationMs max_age_ms = 7 * kDayMs;  // with no newer bar than this there is nothing to train on; 0: any age
  std::int64_t walk_forward_folds = 0;
  bool walk_forward_every_run = true;  // false: by hand, and for the last run of a replay
};

struct TrainingSettings {
  DurationMs latency_ms = 0;        // simulated time from trigger to verdict in replay
  DurationMs defer_ms = kDayMs;     // a trigger without enough rows is tried again after this
  DurationMs cooldown_ms = 0;       // between the start of two runs of a line, by triggers
  DurationMs backoff_ms = kHourMs;  // after a failed run, doubled each time, at most a day
  std::int64_t threads = 1;
  std::int64_t keep_jobs = 1000;  // job folders kept, newest; 0 keeps none
  // Of a trainer that runs beside serving, in a process of its own; 0 is no limit.
  std::int64_t memory_mb_max = 4096;
  DurationMs run_ms_max = 240 * kMinuteMs, silence_ms_max = 10 * kMinuteMs;
  bool skip_unchanged = true;  // a schedule that comes due before anything new is known begins no run
};

// The hyper-parameters that a full retrain looks through; every other one takes the last that were found.
struct SearchSettings {
  std::int64_t trials = 0;    // 0: a full retrain is like any other
  std::string form = "cpcv";  // "cpcv": by successive halving over combinatorial splits; "newest"
  std::int64_t folds = 1;     // newest: of the walk-forward folds that a trial is scored on
  std::int64_t groups = 6, test_groups = 2, halving = 3;  // cpcv
  std::int64_t leak_repetitions = 8;                      // of the check with shuffled labels; 0: none
  // "depth" → {"2", "3", "4"}: values of the model's settings, as they would be written in the recipe.
  std::vector<std::pair<std::string, std::vector<std::string>>> space;
};

// Whether probabilities are mapped to what happens, and by how many rows (docs/calibration.md).
struct CalibrationSettings {
  models::CalibrationMethod method = models::CalibrationMethod::none;
  double share = 0.2;  // newest share of a training's rows, on which the map is fitted
};

// Whether a version's live rows are held against its training rows (docs/drift.md).
struct DriftSettings {
  bool enabled = false;
  std::int64_t window_rows = 500;       // of each market, the newest
  std::int64_t check_every_bars = 100;  // of each market
  double false_alarm_share = 0.01;      // of a check, over all its columns
};

// A series from outside that is joined to every bar as it was known at that bar's close.
struct OutsideSeries {
  enum class Kind {
    bars,          // closes of another market
    series,        // a series of a file, after its release
    filing,        // a symbol's own value, from its filing (or its own instant) on
    filing_age,    // days since the newest such value was known
    decayed_sum,   // of a symbol's own values, each halved with every half-life since it was known
    decayed_mean,  // their mean with those weights
    window_sum,    // their sum over the last days
    breadth,       // share of the recipe's markets above the mean of their last closes
    advances,      // (risen − fallen) / (risen + fallen) of them
    new_highs,     // share of them at a new high, less that at a new low
    sector,        // mean return of the markets of the same sector
    market         // what a feature reads of another market: ret(1)[SPY]; made by the features, never listed
  };
  std::string name;  // what a feature calls it: "vix"
  Kind kind = Kind::series;
  // The market (bars, market), the file's series (series), the field (filing and what is made of one).
  std::string of;
  std::string expression;    // market: what is computed on its bars
  std::int64_t length = 50;  // in bars, of the average, return or span (breadth, advances, new_highs, sector)
  // series: known at the end of so many business days after its date.
  std::int64_t release_business_days = 1;
  // bars, market: known so long after the close of its bar, as where an index closes later than the recipe's
  // markets.
  DurationMs delay_ms = 0;
  DurationMs span_ms = 0;  // the half-life (decayed_sum, decayed_mean), the days summed (window_sum)
  // bars, series, filing, market: a value is used at so many own bars at most, then missing until a newer one
  // is known; 0 or nothing: it is used until then.
  std::optional<std::int64_t> stale_bars = {};
};

// Of a market that a feature reads and whose outside series says nothing else: a trading week of daily bars.
inline constexpr std::int64_t kMarketStaleBars = 5;

// Versions that do not serve and go on answering beside the one that does.
struct ShadowSettings {
  enum class When { with_sound, always, never };
  When when = When::with_sound;        // with_sound: where the gate is `sound`
  DurationMs follow_ms = 30 * kDayMs;  // after a verdict, for so long
  double rollback_e_value = 20;        // the former champion comes back at this; 0: never
  double swap_e_value = 0;             // what the gate let through takes over at this only; 0: at once
  bool refit_kept = true;              // what the gate refused is fitted to the present too, to be followed
};

// Quotes that are asked for on a grid of time, beside the bars (E1).
struct QuoteSettings {
  DurationMs polling_interval_ms = 0;  // 0: no quotes, every bar is predicted at its close
  DurationMs stale_after_ms = 0;       // an older quote is none
};

// How long rows are kept, by their own age (E8); 0 keeps them for ever.
struct RetentionSettings {
  DurationMs events_ms = 0, predictions_ms = 0;
  double budget_mb = 0;  // what sizes are shown against; 0: no budget
};

// Answers to windows that clients post (A9).
struct PredictSettings {
  // What their times are read by where they carry no zone: "New York+7h" is most MetaTrader servers'.
  market::formats::Clock client_clock = {TimeZone::utc(), 0};
  std::int64_t min_candles = 250;  // of each timeframe that is read; fewer where client_windows says so
  double min_quality = 40;         // below it the answer is HOLD
};

// A filter over a bot's trades (C). `present` only where the recipe has the section. Such a recipe is one
// line over all its symbols; its features are a bot's entry indicators and its label is whether the trade
// paid.
struct TradeSettings {
  bool present = false;
  bool collect = true;          // closed trades become training data
  bool use_predictions = true;  // false: every signal is allowed
  std::string model_path, training_data_path;
  bool auto_retrain = false;
  DurationMs retrain_every_ms = 7 * kDayMs;
  DurationMs check_interval_ms = kHourMs;
  std::int64_t min_training_samples = 100;  // new closed trades since the last training
  std::int64_t min_manual_samples = 50;
  double allow_at = 0.5;
  double holdout_share = 0.2;
  std::int64_t watch_trades = 30;  // after a swap: so many closed trades decide whether it stays; 0: no watch
  double watch_margin = 0.05;
  // A refused signal is followed on paper: out at the stop, at the target, or after so many bars.
  double paper_stop_atr = 1.5, paper_target_atr = 2.0;
  std::int64_t paper_bars_max = 48;
};

// Files that users look for, written beside the store from what it holds; empty: not written. Relative to the
// data folder. {symbol}, {line} and {time} stand for themselves.
struct FileSettings {
  std::string collection;       // folder of predictions.csv, features.csv, outcomes.csv (E2)
  std::string metrics;          // training_metrics.json (D4)
  std::string alerts;           // alerts.log (D4)
  std::string walk_forward;     // folder of <SYMBOL>_wfo_summary.csv (A5)
  std::string current_model;    // link to the serving model: "models/prod_model.bin"
  std::string backup_model;     // link to the one before it
  std::string stamped_model;    // one link a promotion: "models/prod_model_{time}.bin"
  std::string model_metadata;   // training_date, training_samples, test_accuracy (E6)
  std::string log;              // the lines that users grep
  DurationMs heartbeat_ms = 0;  // a line of state in the log, this often; 0: none
};

// How the HTTP server of `pawl run` listens and speaks.
struct ServerSettings {
  std::string address = "127.0.0.1";  // an IP address, or "localhost"
  std::int64_t port = 8080;           // 0: any that is free
  std::int64_t threads = 1;
  std::vector<std::string> hosts;  // names beside the loopback ones that a Host header may have
  double body_mb_max = 4;
  std::int64_t connections_max = 20'000;
  LogFormat log_format = LogFormat::automatic;
  DurationMs heartbeat_ms = 300 * kSecondMs;  // a line of state in the log, this often; 0: none
};

struct Recipe {
  std::string name;  // "crypto-live"
  std::string description;
  std::vector<Symbol> symbols;
  bool group = false;  // lines are triggered and judged together (quorum)
  bool pool = false;   // one line over all symbols: "stocks-daily/pool"
  Timeframe base = kH1;
  MarketCalendar calendar = MarketCalendar::utc_always();
  bool outside_session_dropped = false;  // bars outside the market's sessions are left out, and counted
  bool bad_rows_skipped = false;         // a row that is no bar is left out and counted; else it is an error
  double bars_per_year = 8766;
  KindSettings source;                // "simulated", "csv"
  std::vector<std::string> features;  // as written
  KindSettings label, model, gate;
  KindSettings baseline;  // the rules of version 0: settings of the model kind "rules"
  // The first that fires gives the reason: manual (always there), auto_training where the recipe has that
  // section, then the others as listed, then the one that an auto-retraining trades section stands for.
  std::vector<KindSettings> triggers;
  judging::SignalRule signal;
  // Where not empty, a feature expression: a prediction is a signal only where its value is above zero.
  std::string signal_where;
  std::vector<OutsideSeries> outside;          // those listed, then one for each [MARKET] of the features
  std::vector<std::string> outside_files;      // where series and filings are read from
  std::map<std::string, std::string> sectors;  // canonical symbol → sector, for outside series of kind sector
  // Windows that clients post (A9): newest bars of each timeframe. A recipe that has them must fit them.
  std::vector<std::pair<Timeframe, std::int64_t>> client_windows;
  SearchSettings search;
  ShadowSettings shadow;
  CalibrationSettings calibration;
  DriftSettings drift;
  QuoteSettings quotes;
  PredictSettings predict;
  RetentionSettings retention;
  TradeSettings trades;
  FileSettings files;
  ServerSettings server;
  Costs costs;
  ValidationSettings validation;
  TrainingSettings training;
  std::uint64_t seed = 1;
  // The plain sections (search, calibration, quotes, …) as they were read, for
  // show().
  std::map<std::string, Settings, std::less<>> plain_sections;
  // Where each key that is not a default was given: "gate.margin" → "config/a.yaml:12".
  std::map<std::string, std::string, std::less<>> origins;

  LineId line_of(const Symbol& symbol) const;  // "crypto-live/BTC_USDT"; "stocks-daily/pool" where pooled
  // With the market's own pip where the recipe names none: 0.01 where the yen is quoted, else 0.0001.
  Costs costs_of(const Symbol& symbol) const;
  // Whether versions in the shadow are asked and may bring about a swap.
  bool watches_shadows() const {
    return shadow.when == ShadowSettings::When::always ||
           (shadow.when == ShadowSettings::When::with_sound && gate.kind == "sound");
  }
  std::vector<LineId> line_ids() const;            // one per symbol, or the pooled one
  std::vector<std::string> outside_names() const;  // names of `outside`, in order: the joined columns
};

// The features of a recipe with a trades section: kTradeIndicators and kTradeSideColumn.
std::vector<std::string> trade_features();

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
