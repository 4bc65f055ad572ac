#include "recipe/plain_sections.h"

#include <cassert>
#include <cmath>

#include "recipe/text_parts.h"

namespace pawl::recipe {
namespace {

DurationMs from(DurationMs unit, double count) {
  return std::llround(count * static_cast<double>(unit));
}

// Splits of a search hold their rows in memory, and each is a training a trial.
constexpr std::int64_t kSplitsMax = 200;

// C(groups, tested); no more than C(16, 8) by the schema's ranges.
std::int64_t splits_of(std::int64_t groups, std::int64_t tested) {
  std::int64_t splits = 1;
  for (std::int64_t i = 1; i <= tested; ++i) splits = splits * (groups - tested + i) / i;
  return splits;
}

Status apply_search(const Settings& settings, Recipe& recipe) {
  SearchSettings& to = recipe.search;
  to.trials = settings.integer("trials");
  to.form = settings.text("form");
  to.folds = settings.integer("folds");
  to.groups = settings.integer("groups");
  to.test_groups = settings.integer("test_groups");
  to.halving = settings.integer("halving");
  to.leak_repetitions = settings.integer("leak_repetitions");
  if (to.test_groups >= to.groups) {
    return fail(
        ErrorCode::bad_config,
        "search.test_groups: {} of {} groups tested leave nothing to train on: give fewer, or more groups",
        to.test_groups, to.groups);
  }
  if (const std::int64_t splits = splits_of(to.groups, to.test_groups);
      to.form == "cpcv" && splits > kSplitsMax) {
    return fail(
        ErrorCode::bad_config,
        "search.test_groups: {} of {} groups are {} splits, each a training a trial, and {} are the most: "
        "test fewer groups, or cut into fewer",
        to.test_groups, to.groups, splits, kSplitsMax);
  }
  if (to.leak_repetitions == 1 || to.leak_repetitions == 2) {
    return fail(ErrorCode::bad_config,
                "search.leak_repetitions: {} cannot tell chance from a leak: give 3 or more, or 0 for none",
                to.leak_repetitions);
  }
  for (const std::string& entry : settings.text_list("space")) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == entry.size()) {
      return fail(ErrorCode::bad_config,
                  "search.space: \"{}\": write a setting of the model and its values, as in depth=2|3|4",
                  entry);
    }
    to.space.emplace_back(std::string(trimmed(std::string_view(entry).substr(0, equals))),
                          split(std::string_view(entry).substr(equals + 1), '|'));
  }
  if (to.trials > 1 && to.space.empty()) {
    return fail(
        ErrorCode::bad_config,
        "search.space: {} trials and nothing to vary: list settings of the model, as in [depth=2|3|4]",
        to.trials);
  }
  return {};
}

Status apply_shadow(const Settings& settings, Recipe& recipe) {
  ShadowSettings& to = recipe.shadow;
  using When = ShadowSettings::When;
  const std::string& when = settings.text("when");
  to.when = when == "always" ? When::always : when == "never" ? When::never : When::with_sound;
  to.follow_ms = from(kDayMs, settings.number("days"));
  to.rollback_e_value = settings.number("rollback_e_value");
  to.swap_e_value = settings.number("e_value");
  to.refit_kept = settings.boolean("refit_kept");
  for (const auto& [key, value] :
       {std::pair{"rollback_e_value", to.rollback_e_value}, std::pair{"e_value", to.swap_e_value}}) {
    if (value != 0 && value <= 1) {
      return fail(
          ErrorCode::bad_config,
          "shadow.{}: {} is reached by saying nothing: give more than 1 (20 is wrong once in twenty), "
          "or 0 for never",
          key, value);
    }
  }
  return {};
}

Status apply_calibration(const Settings& settings, Recipe& recipe) {
  const auto method = models::find_calibration_method(settings.text("method"));
  assert(method && "the schema lists them");
  recipe.calibration = {*method, settings.number("share")};
  return {};
}

Status apply_drift(const Settings& settings, Recipe& recipe) {
  recipe.drift = {settings.boolean("enabled"), settings.integer("window_rows"),
                  settings.integer("check_every_bars"), settings.number("false_alarm_share")};
  if (recipe.drift.enabled && recipe.trades.present) {
    return fail(
        ErrorCode::bad_config,
        "drift.enabled: a trade filter is watched by its own trades (trades.watch_trades); leave it out");
  }
  return {};
}

Status apply_quotes(const Settings& settings, Recipe& recipe) {
  recipe.quotes.polling_interval_ms = from(1000, settings.number("polling_interval_s"));
  recipe.quotes.stale_after_ms = from(1000, settings.number("stale_after_s"));
  return {};
}

Status apply_predict(const Settings& settings, Recipe& recipe) {
  auto clock = market::formats::Clock::parse(settings.text("client_zone"));
  if (!clock) return fail(ErrorCode::bad_config, "predict.client_zone: {}", clock.error().message);
  recipe.predict.client_clock = *std::move(clock);
  recipe.predict.min_candles = settings.integer("min_candles");
  recipe.predict.min_quality = settings.number("min_quality");
  return {};
}

Status apply_retention(const Settings& settings, Recipe& recipe) {
  recipe.retention.events_ms = from(kDayMs, settings.number("events_days"));
  recipe.retention.predictions_ms = from(kDayMs, settings.number("predictions_days"));
  recipe.retention.budget_mb = settings.number("budget_mb");
  return {};
}

// They are written below the data folder, and nowhere else.
Status check_path(std::string_view key, const std::string& path) {
  if (!path.starts_with('/') && path.find("..") == std::string::npos) return {};
  return fail(ErrorCode::bad_config, "{}: \"{}\" must be a path below the data folder, without ..", key,
              path);
}

Status apply_trades(const Settings& settings, Recipe& recipe) {
  TradeSettings& to = recipe.trades;
  to.present = true;
  to.collect = settings.boolean("ml_collect_data");
  to.use_predictions = settings.boolean("ml_use_predictions");
  to.model_path = settings.text("ml_model_path");
  to.training_data_path = settings.text("ml_training_data_path");
  for (const auto& [key, path] : {std::pair{"trades.ml_model_path", &to.model_path},
                                  std::pair{"trades.ml_training_data_path", &to.training_data_path}}) {
    if (Status below = check_path(key, *path); !below) return below;
  }
  to.auto_retrain = settings.boolean("ml_auto_retrain");
  const std::string& frequency = settings.text("ml_retrain_frequency");
  const double named_days = frequency == "daily" ? 1 : frequency == "weekly" ? 7 : 30;
  const double days = settings.number("ml_retrain_frequency_days");
  to.retrain_every_ms = from(kDayMs, days > 0 ? days : named_days);
  to.check_interval_ms = from(kHourMs, settings.number("check_interval_hours"));
  to.min_training_samples = settings.integer("ml_min_training_samples");
  to.min_manual_samples = settings.integer("min_manual_samples");
  to.allow_at = settings.number("allow_at");
  to.holdout_share = settings.number("holdout_share");
  to.watch_trades = settings.integer("watch_trades");
  to.watch_margin = settings.number("watch_margin");
  to.paper_stop_atr = settings.number("paper_stop_atr");
  to.paper_target_atr = settings.number("paper_target_atr");
  to.paper_bars_max = settings.integer("paper_bars_max");
  return {};
}

Status apply_files(const Settings& settings, Recipe& recipe) {
  FileSettings& to = recipe.files;
  const std::pair<const char*, std::string*> paths[] = {{"collection", &to.collection},
                                                        {"metrics", &to.metrics},
                                                        {"alerts", &to.alerts},
                                                        {"walk_forward", &to.walk_forward},
                                                        {"current_model", &to.current_model},
                                                        {"backup_model", &to.backup_model},
                                                        {"stamped_model", &to.stamped_model},
                                                        {"model_metadata", &to.model_metadata},
                                                        {"log", &to.log}};
  for (const auto& [key, path] : paths) {
    *path = settings.text(key);
    if (Status below = check_path(fmt::format("files.{}", key), *path); !below) return below;
  }
  to.heartbeat_ms = from(kMinuteMs, settings.number("heartbeat_minutes"));
  return {};
}

PlainSection shadow_section() {
  return {
      "shadow", "versions that do not serve and go on answering beside the one that does",
      Schema{}
          .text("when", "with_sound",
                "with_sound: where the gate is sound; always: under every gate; never: not at all")
          .choices({"with_sound", "always", "never"})
          .number("days", 30, "for so long after a verdict the version that does not serve is followed")
          .range(0.01, 3650)
          .unit("days")
          .number("rollback_e_value", 20,
                  "the version before a swap comes back once the evidence that it is better reaches this; "
                  "20 is wrong once in twenty swaps at most, better being the mean of differences cut at "
                  "three usual moves; 0: never")
          .range(0, 1e9)
          .number("e_value", 0,
                  "what the gate lets through takes over once its evidence beside the champion reaches "
                  "this; 0: at once")
          .range(0, 1e9)
          .boolean("refit_kept", true,
                   "what the gate refuses is fitted to the present too, so that `pawl regret` can say what "
                   "the refusal was worth"),
      apply_shadow};
}

PlainSection search_section() {
  return {
      "search", "what a full retrain looks through before it fits",
      Schema{}
          .integer("trials", 0,
                   "settings tried by a full retrain, the present ones first; 0 searches nothing")
          .range(0, 1000)
          .text(
              "form", "cpcv",
              "cpcv: all trials on a few combinatorial purged splits of the training rows, the best go on to "
              "more, the last to all; newest: every trial on the newest walk-forward folds")
          .choices({"cpcv", "newest"})
          .integer("folds", 1, "newest: walk-forward folds that each trial is scored on")
          .range(1, 20)
          .integer("groups", 6, "cpcv: consecutive groups that the rows are cut into")
          .range(3, 16)
          .integer("test_groups", 2, "cpcv: of them tested at a time, every choice once; fewer than groups")
          .range(1, 8)
          .integer(
              "halving", 3,
              "cpcv: one trial in so many goes on to as many times the splits; the present settings always")
          .range(2, 10)
          .integer("leak_repetitions", 8,
                   "trainings with labels shuffled in blocks, which must predict nothing or the run fails; "
                   "0: none")
          .range(0, 100)
          .text_list("space", {}, "settings of the model and their values, as in depth=2|3|4"),
      apply_search};
}

PlainSection calibration_section() {
  return {"calibration", "probabilities mapped to what happened on rows that the model was not trained on",
          Schema{}
              .text("method", "none", "isotonic: a rising step function; platt: a line of the log-odds")
              .choices({"none", "isotonic", "platt"})
              .number("share", 0.2,
                      "newest share of the training rows, which the model is not trained on and the map is "
                      "fitted to; below 100 rows there is no map")
              .range(0.05, 0.5),
          apply_calibration};
}

PlainSection drift_section() {
  return {
      "drift", "whether a version's live rows still lie as its training rows did",
      Schema{}
          .boolean("enabled", false, "watch; each training then says how its rows lay")
          .integer("window_rows", 500, "newest rows of each market that are held against the training rows")
          .range(50, 100000)
          .unit("rows")
          .integer("check_every_bars", 100, "bars of each market between two checks")
          .range(1, 100000)
          .unit("bars")
          .number("false_alarm_share", 0.01,
                  "how probable an alarm is at one check, over all its columns, where nothing has drifted")
          .range(0.0001, 0.2),
      apply_drift};
}

PlainSection quotes_section() {
  return {"quotes", "quotes that are asked for beside the bars",
          Schema{}
              .number("polling_interval_s", 0,
                      "time between two quotes; 0 asks for none and predicts at every bar")
              .range(0, 86400)
              .unit("s")
              .number("stale_after_s", 90, "an older quote is no quote, and nothing is predicted from it")
              .range(0, 86400)
              .unit("s"),
          apply_quotes};
}

PlainSection predict_section() {
  return {
      "predict", "answers to windows that clients post",
      Schema{}
          .text("client_zone", "UTC",
                "what times of candles without a zone are read by: UTC, Europe/Athens, or New York+7h, as "
                "most MetaTrader servers have it")
          .integer("min_candles", 250,
                   "candles of each timeframe that a request must have, the one still forming included; "
                   "fewer where client_windows says so")
          .range(2, 20000)
          .number("min_quality", 40, "a prediction of lower quality is answered as HOLD")
          .range(0, 100),
      apply_predict};
}

PlainSection retention_section() {
  return {"retention", "how long rows are kept, by the age of each row",
          Schema{}
              .number("events_days", 0, "events older than this are dropped; 0 keeps them all")
              .range(0, 36500)
              .number("predictions_days", 0,
                      "predictions older than this are dropped with their outcomes; 0 keeps them all")
              .range(0, 36500)
              .number("budget_mb", 0, "what the size of the data folder is shown against; 0 shows no budget")
              .range(0, 1e9),
          apply_retention};
}

PlainSection trades_section() {
  return {
      "trades", "a filter over a bot's own trades: what it learns from, when it is trained, what it refuses",
      Schema{}
          .boolean("ml_collect_data", true, "closed trades become training data")
          .boolean("ml_use_predictions", true, "false: every signal is allowed, whatever the model says")
          .text("ml_model_path", "models/ml_signal_model.pkl",
                "the name that the serving model is linked under, below the data folder")
          .text("ml_training_data_path", "data/training_data.csv",
                "where closed trades are appended, below the data folder; empty: nowhere")
          .boolean("ml_auto_retrain", false, "retrain by itself")
          .text("ml_retrain_frequency", "weekly", "how often, where enough new trades have closed")
          .choices({"daily", "weekly", "monthly"})
          .number("ml_retrain_frequency_days", 0, "the same in days; 0: by its name")
          .range(0, 3650)
          .number("check_interval_hours", 1, "how often it is asked whether a retrain is due")
          .range(0.01, 1000)
          .integer("ml_min_training_samples", 100, "new closed trades since the last training, at least")
          .range(50, 1000)
          .integer("min_manual_samples", 50, "closed trades that a training by hand needs")
          .range(10, 100000)
          .number("allow_at", 0.5, "a signal is allowed where the chance of profit is at least this")
          .range(0, 1)
          .number("holdout_share", 0.2, "newest share of the trades, which contests judge by")
          .range(0.05, 0.5)
          .integer("watch_trades", 30, "closed trades after a swap that decide whether it stays; 0: no watch")
          .range(0, 100000)
          .number(
              "watch_margin", 0.05,
              "rolled back where the new model's accuracy over those is lower than the old one's by so much")
          .range(0, 1)
          .number("paper_stop_atr", 1.5, "a refused signal followed on paper is out at this loss")
          .range(0.01, 1000)
          .unit("ATR at entry")
          .number("paper_target_atr", 2.0, "or at this profit")
          .range(0.01, 1000)
          .unit("ATR at entry")
          .integer("paper_bars_max", 48, "or after so many bars, at the close")
          .range(1, 100000),
      apply_trades};
}

PlainSection files_section() {
  return {"files", "files that users look for, written from what the store holds; empty: not written",
          Schema{}
              .text("collection", "", "folder of predictions.csv, features.csv and outcomes.csv")
              .text("metrics", "", "training metrics as JSON, the newest flat, the others in its history")
              .text("alerts", "", "a paragraph for every retrain, refusal, rollback and error")
              .text("walk_forward", "", "folder of <SYMBOL>_wfo_summary.csv, a row per fold")
              .text("current_model", "",
                    "link to the model that serves; {symbol} and {line} stand for themselves")
              .text("backup_model", "", "link to the one that served before it")
              .text("stamped_model", "", "a link for each promotion; {time} is its YYYYMMDD_HHMMSS")
              .text("model_metadata", "", "training_date, training_samples, test_accuracy as JSON")
              .text("log", "", "the log lines that users look for")
              .number("heartbeat_minutes", 0, "a line of state in the log, this often; 0: none")
              .range(0, 1440),
          apply_files};
}

}  // namespace

const std::vector<PlainSection>& plain_sections() {
  static const std::vector<PlainSection> sections = {
      search_section(),    calibration_section(), shadow_section(), quotes_section(), predict_section(),
      retention_section(), trades_section(),      drift_section(),  files_section(),  server_section()};
  return sections;
}

const PlainSection* find_plain_section(std::string_view name) {
  for (const PlainSection& section : plain_sections()) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

Result<std::pair<Timeframe, std::int64_t>> parse_client_window(std::string_view text) {
  const std::size_t equals = text.find('=');
  const auto timeframe = Timeframe::parse(trimmed(text.substr(0, equals)));
  const auto bars =
      equals == std::string_view::npos ? std::nullopt : whole_number(trimmed(text.substr(equals + 1)));
  if (!timeframe || !bars || *bars < 1) {
    return fail(ErrorCode::bad_config, "\"{}\": write the timeframe and the number of its bars, as in M5=500",
                text);
  }
  return std::pair{*timeframe, *bars};
}

Result<std::pair<std::string, std::string>> parse_sector(std::string_view text) {
  const std::size_t equals = text.find('=');
  const auto symbol = Symbol::parse(trimmed(text.substr(0, equals)));
  if (equals == std::string_view::npos || !symbol || trimmed(text.substr(equals + 1)).empty()) {
    return fail(ErrorCode::bad_config,
                "\"{}\": write the symbol and its sector, as in AAPL=Information Technology", text);
  }
  return std::pair{symbol->canonical(), std::string(trimmed(text.substr(equals + 1)))};
}

}  // namespace pawl::recipe
