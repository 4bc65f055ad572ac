#include "recipe/sections.h"

#include <cassert>

#include "gates/gate_policy.h"
#include "labels/labeller.h"
#include "market/sources.h"
#include "models/model_kind.h"
#include "recipe/plain_sections.h"
#include "recipe/recipe.h"
#include "triggers/trigger.h"

namespace pawl::recipe {
namespace {

constexpr double kSeedMax = 9007199254740991;  // 2^53 − 1: what JSON readers keep exactly
constexpr double kDaysMax = 36500;

template <class Kind>
std::vector<KindChoice> choices_of(const std::vector<Kind>& kinds) {
  std::vector<KindChoice> choices;
  for (const Kind& kind : kinds) choices.push_back({kind.name, kind.help, kind.schema});
  return choices;
}

std::vector<KindChoice> listed_triggers() {
  std::vector<KindChoice> choices;
  for (const triggers::TriggerKind& kind : triggers::trigger_kinds()) {
    if (kind.name != "auto_training" && kind.name != "manual" && kind.name != "trades") {
      choices.push_back({kind.name, kind.help, kind.schema});
    }
  }
  return choices;
}

const Schema& required(const Schema* schema) {
  assert(schema != nullptr && "a room has lost a kind that the recipe is built on");
  return *schema;
}

}  // namespace

const Schema& top_level_schema() {
  static const Schema schema =
      Schema{}
          .integer("schema", 1, "version of the recipe format")
          .range(1, 1)
          .text("recipe", "", "the recipe's name: it begins the name of every line")
          .text("description", "", "one sentence for people")
          .text_list("symbols", {}, "the markets, as their source names them")
          .boolean("group", false, "lines are triggered and judged together, as a quorum gate needs it")
          .boolean("pool", false, "one line over all symbols, judged by the mean of its scores per date")
          .text_list("features", {},
                     "feature expressions, one model input each; ret(1)[SPY] is that of another market")
          .text_list("outside", {},
                     "series joined to every bar as they were known at its close: name = bars(MARKET, "
                     "minutes, bars), series(NAME, business_days, bars), filing(FIELD, bars), "
                     "filing_age(FIELD), decayed_sum(FIELD, hours), decayed_mean(FIELD, hours), "
                     "window_sum(FIELD, days), breadth(n), advances(n), new_highs(n), sector(n)")
          .text_list("outside_files", {},
                     "CSV files of outside series and filings: date,value or symbol,known_at,…")
          .text_list("sectors", {}, "the sector of each symbol, as in AAPL=Information Technology")
          .text_list(
              "client_windows", {},
              "newest bars of each timeframe that clients post, as in M5=500; the features must fit them")
          .integer("seed", 1, "what all chance is drawn from: same data, recipe and seed, same bytes")
          .range(0, kSeedMax);
  return schema;
}

const Schema& bars_schema() {
  static const Schema schema =
      Schema{}
          .text("base", "H1", "length of a bar: M1 M5 M15 M30 H1 H2 H4 H6 H8 H12 D1 W1")
          .text("day_anchor", "UTC 00:00", "time zone and local time at which the market's day begins")
          .text("session", "always", "when the market trades: always, weekdays, or HH:MM-HH:MM on weekdays")
          .text("bad_rows", "error", "a row that is no bar: refuse the file, or skip the row and count it")
          .choices({"error", "skip"})
          .text("outside_session", "keep", "bars outside the sessions: keep them, or drop and count them")
          .choices({"keep", "drop"})
          .number("bars_per_year", 8766, "annualises the Sharpe ratio and returns")
          .range(1, 1e7);
  return schema;
}

const Schema& costs_schema() {
  static const Schema schema = Schema{}
                                   .number("per_side_bp", 0, "cost of a change of position by one unit")
                                   .range(0, 1000)
                                   .unit("basis points of the price")
                                   .number("per_side_pips", 0, "the same for currencies, added to it")
                                   .range(0, 1000)
                                   .unit("pips")
                                   .number("pip_size", 0, "what one pip is worth in price; 0: by the market")
                                   .range(0, 1e6);
  return schema;
}

const Schema& validation_schema() {
  static const Schema schema =
      Schema{}
          .number("window_days", 0, "bars that a run reads, back from its trigger; 0 takes all there are")
          .range(0, kDaysMax)
          .number("judged_days", 60,
                  "the newest days of the window, which contests judge by; 0: judged_share_max alone says "
                  "how many")
          .range(0, kDaysMax)
          .integer("judged_sessions", 0, "the same in sessions; 0: by judged_days")
          .range(0, 100000)
          .number("judged_share_max", 1.0 / 3,
                  "the judged part is never more than this share of the window's bars")
          .range(0.01, 0.9)
          .integer("embargo_bars", 24, "bars left out between training rows and judged rows")
          .range(0, 100000)
          .integer("min_bars", 1000, "with fewer known bars a trigger is deferred")
          .range(1, 1e8)
          .integer("min_fit_sessions", 0, "with fewer sessions before the judged ones a trigger is deferred")
          .range(0, 100000)
          .integer("min_judged_rows", 200, "with fewer judged rows a trigger is deferred")
          .range(1, 1e8)
          .number("max_age_days", 7, "with no bar newer than this a trigger is deferred; 0 takes any age")
          .range(0, 36500)
          .integer("walk_forward_folds", 0, "walk-forward tests inside the training rows; 0 makes none")
          .range(0, 100)
          .text("walk_forward_when", "every",
                "every: in each run; asked: in runs by hand, and for the last run of a replay")
          .choices({"every", "asked"});
  return schema;
}

const Schema& training_schema() {
  static const Schema schema =
      Schema{}
          .number("latency_minutes", 30, "time from trigger to swap in replay; zero would flatter retraining")
          .range(0, 100000)
          .number("defer_hours", 24, "a trigger without enough rows is tried again after this")
          .range(0.01, 10000)
          .number("cooldown_hours", 24, "least time between the starts of two runs of a line by its triggers")
          .range(0, 100000)
          .number("backoff_hours", 1, "wait after a failed run; doubles with each failure, up to a day")
          .range(0.01, 24)
          .integer("threads", 1, "threads of a trainer; changes no bit of the model")
          .range(1, 1024)
          .integer("keep_jobs", 1000, "newest job folders kept; 0 keeps none")
          .range(0, 1e9)
          .integer(
              "memory_mb_max", 4096,
              "address space of a trainer that runs beside serving, in MB; one that needs more is a failed "
              "run; 0: no limit")
          .range(0, 1e8)
          .number("run_minutes_max", 240,
                  "a trainer beside serving that takes longer is killed, which is a failed run; 0: no limit")
          .range(0, 100000)
          .number(
              "silence_minutes_max", 10,
              "a trainer beside serving that tells of no progress for so long is killed as hung, which is "
              "a failed run; 0: no limit")
          .range(0, 100000)
          .boolean("skip_unchanged", true,
                   "a schedule that comes due before anything new is known begins no run");
  return schema;
}

const KindChoice* KindSection::find(std::string_view kind) const {
  for (const KindChoice& choice : choices) {
    if (choice.name == kind) return &choice;
  }
  return nullptr;
}

std::vector<std::string> KindSection::names() const {
  std::vector<std::string> names;
  for (const KindChoice& choice : choices) names.push_back(choice.name);
  return names;
}

const KindSection& source_section() {
  static const KindSection section{"source", "kind", "data source", choices_of(market::data_source_kinds())};
  return section;
}

const KindSection& label_section() {
  static const KindSection section{"label", "kind", "label", choices_of(labels::labeller_kinds())};
  return section;
}

const KindSection& model_section() {
  static const KindSection section{"model", "kind", "model", choices_of(models::model_kinds())};
  return section;
}

const KindSection& signal_section() {
  const auto where = [](Schema schema) {
    return schema.text("where", "", "a feature expression: signals only where its value is above zero");
  };
  static const KindSection section{
      "signal",
      "kind",
      "signal rule",
      {{"edge", "two classes: BUY or SELL where the chance of up is far enough from one half",
        where(
            Schema{}.number("min_edge", 0.02, "least distance of the chance of up from 0.5").range(0, 0.5))},
       {"top_class", "the likeliest class, where it is likely enough and not HOLD",
        where(Schema{}.number("min_probability", 0.45, "least probability of that class").range(0, 1))},
       {"allow", "of a trade filter: a signal is allowed where its chance of profit reaches trades.allow_at",
        Schema{}}}};
  return section;
}

const KindSection& gate_section() {
  static const KindSection section{"gate", "policy", "gate policy", choices_of(gates::gate_policy_kinds())};
  return section;
}

const KindSection& trigger_section() {
  static const KindSection section{"triggers", "kind", "trigger", listed_triggers()};
  return section;
}

const std::vector<const KindSection*>& kind_sections() {
  static const std::vector<const KindSection*> sections = {
      &source_section(), &label_section(), &model_section(), &signal_section(), &gate_section()};
  return sections;
}

const Schema& baseline_schema() {
  const models::ModelKind* rules = models::find_model_kind("rules");
  return required(rules == nullptr ? nullptr : &rules->schema);
}

const Schema& auto_training_schema() {
  const triggers::TriggerKind* kind = triggers::find_trigger_kind("auto_training");
  return required(kind == nullptr ? nullptr : &kind->schema);
}

const std::vector<std::string>& top_level_keys() {
  static const std::vector<std::string> keys = {
      "schema",   "recipe",    "description",   "symbols", "group",          "pool",     "bars",
      "source",   "outside",   "outside_files", "sectors", "client_windows", "features", "label",
      "model",    "baseline",  "signal",        "costs",   "validation",     "gate",     "auto_training",
      "triggers", "search",    "calibration",   "shadow",  "training",       "quotes",   "predict",
      "trades",   "retention", "drift",         "files",   "server",         "seed"};
  return keys;
}

std::vector<SectionSchema> section_schemas() {
  std::vector<SectionSchema> all = {
      {"", "", "", "keys of the top level", top_level_schema()},
      {"bars", "", "", "which bars, and when the market trades", bars_schema()},
      {"baseline", "", "", "the rules of version 0 of every line", baseline_schema()},
      {"costs", "", "", "what a change of position costs", costs_schema()},
      {"validation", "", "", "which rows are trained on and which are judged by", validation_schema()},
      {"auto_training", "", "", "retrains on signals, win rate and age", auto_training_schema()},
      {"training", "", "", "how a run is paced and where it runs", training_schema()}};
  for (const PlainSection& section : plain_sections()) {
    all.push_back({section.name, "", "", section.help, section.schema});
  }
  std::vector<const KindSection*> with_kinds = kind_sections();
  with_kinds.push_back(&trigger_section());
  for (const KindSection* section : with_kinds) {
    for (const KindChoice& choice : section->choices) {
      all.push_back({section->name, section->kind_key, choice.name, choice.help, choice.schema});
    }
  }
  return all;
}

}  // namespace pawl::recipe
