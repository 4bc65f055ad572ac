#include <algorithm>
#include <cassert>
#include <cmath>
#include <set>

#include "base/files.h"
#include "features/engine.h"
#include "gates/gate_policy.h"
#include "labels/labeller.h"
#include "market/sources.h"
#include "recipe/filter.h"
#include "recipe/outside.h"
#include "recipe/overlay.h"
#include "recipe/plain_sections.h"
#include "recipe/recipe.h"
#include "recipe/sections.h"
#include "triggers/trigger.h"

namespace pawl::recipe {
namespace {

DurationMs from_days(double days) {
  return std::llround(days * kDayMs);
}
DurationMs from_hours(double hours) {
  return std::llround(hours * kHourMs);
}
DurationMs from_minutes(double minutes) {
  return std::llround(minutes * kMinuteMs);
}

std::unexpected<Error> mistake(std::string_view place, std::string_view key, std::string_view what) {
  return fail(ErrorCode::bad_config, "{}: {}", keyed_place(place, key), what);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string nearest = nearest_word(word, known);
  return nearest.empty() ? fmt::format("; there is {}", fmt::join(known, ", "))
                         : fmt::format("; did you mean {}?", nearest);
}

ConfigNode fields_of(const ConfigNode& node, const auto& wanted) {
  ConfigNode part;
  part.kind = ConfigNode::Kind::map;
  part.place = node.place;
  for (const auto& field : node.fields) {
    if (wanted(field.first)) part.fields.push_back(field);
  }
  return part;
}

// Turns the laid-over tree into a Recipe. Each step reads one section; the first mistake ends it.
class Reader {
 public:
  Reader(const ConfigNode& root, std::string_view file) : root_(root), file_(file) {}

  Result<Recipe> read() {
    // The order matters where a step needs another's values: labels need costs and the calendar.
    for (const auto step :
         {&Reader::read_top_level, &Reader::read_bars, &Reader::read_costs, &Reader::read_validation,
          &Reader::read_training, &Reader::read_plain_sections, &Reader::read_kinds, &Reader::read_signal,
          &Reader::read_triggers, &Reader::check_features, &Reader::check_kinds}) {
      if (Status ok = (this->*step)(); !ok) return propagate(ok);
    }
    return std::move(recipe_);
  }

 private:
  std::string_view place_of(const ConfigNode* node) const {
    return node == nullptr || node->place.empty() ? std::string_view(file_) : std::string_view(node->place);
  }
  // Where a key was given, or the file where it was not.
  std::string origin(std::string_view key) const {
    const auto found = recipe_.origins.find(key);
    return found == recipe_.origins.end() ? std::string(file_) : found->second;
  }

  Result<Settings> settings_of(const Schema& schema, const ConfigNode& node, const std::string& path,
                               const std::string& called) {
    Result<Settings> settings = Settings::read(schema, node, called);
    if (!settings) return settings;
    for (const Setting& setting : schema.settings()) {
      if (settings->is_default(setting.name)) continue;
      recipe_.origins[path.empty() ? setting.name : path + "." + setting.name] =
          settings->place(setting.name);
    }
    return settings;
  }

  Result<Settings> section(const Schema& schema, const std::string& name) {
    const ConfigNode* node = root_.find(name);
    return settings_of(schema, node == nullptr ? ConfigNode{} : *node, name, name);
  }

  Result<KindSettings> kind_settings(const KindSection& section, const ConfigNode* node,
                                     const std::string& path) {
    const std::string key = path + "." + section.kind_key;
    const ConfigNode* kind = node == nullptr ? nullptr : node->find(section.kind_key);
    if (kind == nullptr) {
      if (node != nullptr && node->kind != ConfigNode::Kind::map && node->kind != ConfigNode::Kind::null) {
        return mistake(node->place, path, fmt::format("must be a map with a key {}", section.kind_key));
      }
      return mistake(
          place_of(node), key,
          fmt::format("is missing: name a {}, one of {}", section.noun, fmt::join(section.names(), ", ")));
    }
    const KindChoice* choice = kind->kind == ConfigNode::Kind::scalar ? section.find(kind->scalar) : nullptr;
    if (choice == nullptr) {
      return mistake(kind->place, key,
                     fmt::format("there is no {} \"{}\"{}", section.noun, kind->scalar,
                                 did_you_mean(kind->scalar, section.names())));
    }
    recipe_.origins[key] = kind->place;
    const ConfigNode rest =
        fields_of(*node, [&](const std::string& name) { return name != section.kind_key; });
    Result<Settings> settings = settings_of(choice->schema, rest, path, path);
    if (!settings) return propagate(settings);
    return KindSettings{choice->name, std::move(*settings)};
  }

  Status read_top_level() {
    if (root_.kind != ConfigNode::Kind::map) {
      return mistake(place_of(&root_), "schema", "a recipe is a map that begins with \"schema: 1\"");
    }
    const auto& known = top_level_keys();
    for (const auto& [key, node] : root_.fields) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return mistake(place_of(&node), key, "unknown key" + did_you_mean(key, known));
      }
    }
    if (root_.find("schema") == nullptr) return mistake(file_, "schema", "is missing: say \"schema: 1\"");
    const ConfigNode scalars =
        fields_of(root_, [](const std::string& name) { return top_level_schema().find(name) != nullptr; });
    Result<Settings> top = settings_of(top_level_schema(), scalars, "", "");
    if (!top) return propagate(top);
    recipe_.name = top->text("recipe");
    recipe_.description = top->text("description");
    recipe_.group = top->boolean("group");
    recipe_.pool = top->boolean("pool");
    recipe_.features = top->text_list("features");
    recipe_.seed = static_cast<std::uint64_t>(top->integer("seed"));
    if (Status ok = check_name(); !ok) return ok;
    if (Status ok = read_outside(*top); !ok) return ok;
    return read_symbols(top->text_list("symbols"));
  }

  Status read_outside(const Settings& top) {
    for (const std::string& text : top.text_list("outside")) {
      Result<OutsideSeries> series = parse_outside(text);
      if (!series) return mistake(origin("outside"), "outside", series.error().message);
      recipe_.outside.push_back(std::move(*series));
    }
    recipe_.outside_files = top.text_list("outside_files");
    for (const std::string& text : top.text_list("sectors")) {
      auto sector = parse_sector(text);
      if (!sector) return mistake(origin("sectors"), "sectors", sector.error().message);
      recipe_.sectors.insert(std::move(*sector));
    }
    for (const std::string& text : top.text_list("client_windows")) {
      auto window = parse_client_window(text);
      if (!window) return mistake(origin("client_windows"), "client_windows", window.error().message);
      recipe_.client_windows.push_back(*window);
    }
    return {};
  }

  Status read_plain_sections() {
    for (const PlainSection& plain : plain_sections()) {
      if (root_.find(plain.name) == nullptr) continue;
      Result<Settings> settings = section(plain.schema, plain.name);
      if (!settings) return propagate(settings);
      if (Status applied = plain.apply(*settings, recipe_); !applied) {
        return fail(ErrorCode::bad_config, "{}: {}", place_of(root_.find(plain.name)),
                    applied.error().message);
      }
      recipe_.plain_sections.insert_or_assign(plain.name, std::move(*settings));
    }
    return {};
  }

  // The name becomes part of line ids, folders and SQL keys.
  Status check_name() const {
    if (recipe_.name.empty())
      return mistake(origin("recipe"), "recipe", "is missing: give the recipe a name");
    const bool plain = std::all_of(recipe_.name.begin(), recipe_.name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!plain || recipe_.name.size() > 64) {
      return mistake(
          origin("recipe"), "recipe",
          fmt::format("\"{}\" must be lower-case letters, digits and dashes, at most 64", recipe_.name));
    }
    return {};
  }

  Status read_symbols(const std::vector<std::string>& names) {
    if (names.empty()) return mistake(origin("symbols"), "symbols", "name at least one, as in [BTC/USDT]");
    for (const std::string& name : names) {
      Result<Symbol> symbol = Symbol::parse(name);
      if (!symbol) return mistake(origin("symbols"), "symbols", symbol.error().message);
      for (const Symbol& other : recipe_.symbols) {
        if (other == *symbol) {
          return mistake(origin("symbols"), "symbols",
                         fmt::format("{} and {} are the same market ({})", other.given(), symbol->given(),
                                     symbol->canonical()));
        }
      }
      recipe_.symbols.push_back(std::move(*symbol));
    }
    return {};
  }

  Status read_bars() {
    Result<Settings> bars = section(bars_schema(), "bars");
    if (!bars) return propagate(bars);
    Result<Timeframe> base = Timeframe::parse(bars->text("base"));
    if (!base) return mistake(origin("bars.base"), "bars.base", base.error().message);
    recipe_.base = *base;
    Result<MarketCalendar> calendar = MarketCalendar::make(bars->text("day_anchor"), bars->text("session"));
    if (!calendar) {
      // Tried again with the default beside it, to name the key that is at fault.
      const bool anchor = !MarketCalendar::make(bars->text("day_anchor"), "always");
      const std::string key = anchor ? "bars.day_anchor" : "bars.session";
      return mistake(origin(key), key, calendar.error().message);
    }
    recipe_.calendar = *calendar;
    recipe_.bars_per_year = bars->number("bars_per_year");
    recipe_.bad_rows_skipped = bars->text("bad_rows") == "skip";
    recipe_.outside_session_dropped = bars->text("outside_session") == "drop";
    return {};
  }

  Status read_costs() {
    Result<Settings> costs = section(costs_schema(), "costs");
    if (!costs) return propagate(costs);
    recipe_.costs = {.per_side_bp = costs->number("per_side_bp"),
                     .per_side_pips = costs->number("per_side_pips"),
                     .pip_size = costs->number("pip_size")};
    return {};
  }

  Status read_validation() {
    Result<Settings> read = section(validation_schema(), "validation");
    if (!read) return propagate(read);
    ValidationSettings& to = recipe_.validation;
    to.window_ms = from_days(read->number("window_days"));
    to.judged_ms = from_days(read->number("judged_days"));
    to.judged_share_max = read->number("judged_share_max");
    to.judged_sessions = read->integer("judged_sessions");
    to.min_fit_sessions = read->integer("min_fit_sessions");
    to.embargo_bars = read->integer("embargo_bars");
    to.min_bars = read->integer("min_bars");
    to.min_judged_rows = read->integer("min_judged_rows");
    to.max_age_ms = from_days(read->number("max_age_days"));
    to.walk_forward_folds = read->integer("walk_forward_folds");
    to.walk_forward_every_run = read->text("walk_forward_when") == "every";
    if (to.window_ms != 0 && to.judged_ms >= to.window_ms) {
      return mistake(origin("validation.judged_days"), "validation.judged_days",
                     fmt::format("{} leaves nothing to train on in a window of {} days",
                                 read->number("judged_days"), read->number("window_days")));
    }
    return {};
  }

  Status read_training() {
    Result<Settings> read = section(training_schema(), "training");
    if (!read) return propagate(read);
    TrainingSettings& to = recipe_.training;
    to.latency_ms = from_minutes(read->number("latency_minutes"));
    to.defer_ms = from_hours(read->number("defer_hours"));
    to.cooldown_ms = from_hours(read->number("cooldown_hours"));
    to.backoff_ms = from_hours(read->number("backoff_hours"));
    to.threads = read->integer("threads");
    to.keep_jobs = read->integer("keep_jobs");
    to.memory_mb_max = read->integer("memory_mb_max");
    to.run_ms_max = from_minutes(read->number("run_minutes_max"));
    to.silence_ms_max = from_minutes(read->number("silence_minutes_max"));
    to.skip_unchanged = read->boolean("skip_unchanged");
    return {};
  }

  Status read_kinds() {
    const std::pair<const KindSection*, KindSettings*> targets[] = {{&source_section(), &recipe_.source},
                                                                    {&label_section(), &recipe_.label},
                                                                    {&model_section(), &recipe_.model},
                                                                    {&gate_section(), &recipe_.gate}};
    for (const auto& [section, target] : targets) {
      if (recipe_.trades.present && target == &recipe_.label) continue;
      // The one choice that has a default: whoever does not say how models are replaced gets the sound way.
      if (section == &gate_section() && root_.find("gate") == nullptr && !recipe_.trades.present) {
        *target = {"sound", Settings::defaults(section->find("sound")->schema)};
        continue;
      }
      Result<KindSettings> read = kind_settings(*section, root_.find(section->name), section->name);
      if (!read) return propagate(read);
      *target = std::move(*read);
    }
    Result<Settings> rules = section(baseline_schema(), "baseline");
    if (!rules) return propagate(rules);
    recipe_.baseline = {"rules", std::move(*rules)};
    if (recipe_.trades.present) return read_filter(root_, file_, recipe_);
    if (recipe_.baseline.settings.text("rule") == kAllow) {
      return mistake(origin("baseline.rule"), "baseline.rule",
                     "allow is the rule of a trade filter, and this recipe has no trades section");
    }
    return {};
  }

  Status read_signal() {
    if (recipe_.trades.present) return {};
    Result<KindSettings> read = kind_settings(signal_section(), root_.find("signal"), "signal");
    if (!read) return propagate(read);
    if (read->kind == kAllow) {
      return mistake(origin("signal.kind"), "signal.kind",
                     "allow is the rule of a trade filter, and this recipe has no trades section");
    }
    if (read->kind == "edge") {
      recipe_.signal.kind = judging::SignalRule::Kind::edge;
      recipe_.signal.min_edge = read->settings.number("min_edge");
    } else {
      recipe_.signal.kind = judging::SignalRule::Kind::top_class;
      recipe_.signal.min_probability = read->settings.number("min_probability");
    }
    recipe_.signal_where = read->settings.text("where");
    return {};
  }

  Status read_triggers() {
    const triggers::TriggerKind* manual = triggers::find_trigger_kind("manual");
    assert(manual != nullptr);
    // First, so that a person's request is seen even while another trigger fires and has to cool down.
    recipe_.triggers.push_back({"manual", Settings::defaults(manual->schema)});
    if (root_.find("auto_training") != nullptr) {
      Result<Settings> read = section(auto_training_schema(), "auto_training");
      if (!read) return propagate(read);
      recipe_.triggers.push_back({"auto_training", std::move(*read)});
    }
    if (Status listed = read_listed_triggers(); !listed) return listed;
    if (Status watched = check_drift_triggers(); !watched) return watched;
    return add_filter_trigger(recipe_);
  }

  // A trigger on drift asks what the drift section looks at; without it, it would never fire.
  Status check_drift_triggers() const {
    if (recipe_.drift.enabled) return {};
    for (std::size_t i = first_listed(); i < recipe_.triggers.size(); ++i) {
      if (recipe_.triggers[i].kind != "drift") continue;
      const std::string path = fmt::format("triggers.{}", i - first_listed());
      return mistake(
          origin(path + ".kind"), path,
          recipe_.trades.present
              ? "drift is not watched in a trade filter, which is watched by its own trades "
                "(trades.watch_trades): take the trigger out"
              : "drift never fires while drift.enabled is false: set drift.enabled to true, or take "
                "the trigger out");
    }
    return {};
  }

  Status read_listed_triggers() {
    const ConfigNode* list = root_.find("triggers");
    if (list == nullptr || list->kind == ConfigNode::Kind::null) return {};
    if (list->kind != ConfigNode::Kind::list) {
      return mistake(list->place, "triggers", "must be a list, as in [{kind: cron}]");
    }
    for (const ConfigNode& item : list->items) {
      const std::string path = fmt::format("triggers.{}", recipe_.triggers.size() - first_listed());
      if (const ConfigNode* kind = item.find("kind"); kind != nullptr && kind->scalar == "auto_training") {
        return mistake(kind->place, path, "auto_training is a section of its own, not an entry of triggers");
      } else if (kind != nullptr && kind->scalar == "manual") {
        return mistake(kind->place, path, "manual is always there and is not listed");
      } else if (kind != nullptr && kind->scalar == "trades") {
        return mistake(kind->place, path, "trades is made by the trades section where ml_auto_retrain is on");
      }
      Result<KindSettings> read = kind_settings(trigger_section(), &item, path);
      if (!read) return propagate(read);
      recipe_.triggers.push_back(std::move(*read));
    }
    return {};
  }

  std::size_t first_listed() const { return root_.find("auto_training") == nullptr ? 1 : 2; }

  Status check_features() {
    if (recipe_.trades.present) return {};
    const std::string place = origin("features");
    if (recipe_.features.empty()) return mistake(place, "features", "list at least one, as in [rsi(14)]");
    if (Status added = add_market_series(recipe_.features, recipe_); !added) {
      return mistake(place, "features", added.error().message);
    }
    Result<features::FeatureList> list = features::FeatureList::parse(
        recipe_.features, recipe_.base, recipe_.calendar, recipe_.outside_names());
    if (!list) return mistake(place, "features", list.error().message);
    if (!recipe_.signal_where.empty()) {
      const std::vector<std::string> where = {recipe_.signal_where};
      if (Status added = add_market_series(where, recipe_); !added) {
        return mistake(origin("signal.where"), "signal.where", added.error().message);
      }
      if (auto parsed =
              features::FeatureList::parse(where, recipe_.base, recipe_.calendar, recipe_.outside_names());
          !parsed) {
        return mistake(origin("signal.where"), "signal.where", parsed.error().message);
      }
    }
    return {};
  }

  // Kinds are made once, so that what a schema cannot say (a cron line that never comes, a label that does
  // not fit the signal rule) is found when the recipe is loaded and not at the first run.
  Status check_kinds() {
    if (Status label = recipe_.trades.present ? Status() : check_label(); !label) return label;
    const auto source = market::find_data_source_kind(recipe_.source.kind)->make(recipe_.source.settings);
    if (!source) return mistake(origin("source.kind"), "source", source.error().message);
    const auto policy = gates::find_gate_policy_kind(recipe_.gate.kind)->make(recipe_.gate.settings);
    if (!policy) return mistake(origin("gate.policy"), "gate", policy.error().message);
    const std::size_t listed_from = first_listed();
    for (std::size_t i = 0; i < recipe_.triggers.size(); ++i) {
      const KindSettings& trigger = recipe_.triggers[i];
      const auto made = triggers::find_trigger_kind(trigger.kind)->make(trigger.settings);
      if (made) continue;
      const std::string path = i < listed_from ? trigger.kind : fmt::format("triggers.{}", i - listed_from);
      return mistake(origin(path + ".kind"), path, made.error().message);
    }
    return {};
  }

  Status check_label() {
    const auto labeller =
        labels::find_labeller_kind(recipe_.label.kind)
            ->make(recipe_.label.settings, {recipe_.costs_of(recipe_.symbols.front()), recipe_.calendar});
    if (!labeller) return mistake(origin("label.kind"), "label", labeller.error().message);
    const bool edge = recipe_.signal.kind == judging::SignalRule::Kind::edge;
    if (edge && (*labeller)->classes() != 2) {
      return mistake(origin("signal.kind"), "signal.kind",
                     fmt::format("edge needs a label of two classes, this one has {}; use top_class",
                                 (*labeller)->classes()));
    }
    if (const auto spec = (*labeller)->scale_spec()) {
      const std::vector<std::string> specs = {*spec};
      if (auto list = features::FeatureList::parse(specs, recipe_.base, recipe_.calendar); !list) {
        return mistake(origin("label.kind"), "label", list.error().message);
      }
    }
    return {};
  }

  const ConfigNode& root_;
  std::string file_;
  Recipe recipe_;
};

Result<std::string> find_by_name(const std::string& name, const std::vector<std::string>& folders) {
  const RealFileSystem files;
  std::vector<std::string> tried;
  std::set<std::string> there;
  for (const std::string& folder : folders) {
    tried.push_back((Path(folder) / (name + ".yaml")).string());
    if (files.exists(tried.back())) return tried.back();
    for (const std::string& file : files.list(folder)) {
      if (file.ends_with(".yaml")) there.insert(file.substr(0, file.size() - 5));
    }
  }
  return fail(ErrorCode::bad_config,
              "{}: there is no such recipe: no {}{}; give the path of yours, as in --recipe ./{}.yaml", name,
              fmt::join(tried, ", no "),
              there.empty() ? "" : fmt::format("; known by name: {}", fmt::join(there, ", ")), name);
}

}  // namespace

LineId Recipe::line_of(const Symbol& symbol) const {
  return name + "/" + (pool ? std::string("pool") : symbol.canonical());
}

Costs Recipe::costs_of(const Symbol& symbol) const {
  Costs own = costs;
  if (own.pip_size == 0) own.pip_size = symbol.canonical().ends_with("_JPY") ? 0.01 : 0.0001;
  return own;
}

std::vector<LineId> Recipe::line_ids() const {
  if (pool) return {name + "/pool"};
  std::vector<LineId> ids;
  for (const Symbol& symbol : symbols) ids.push_back(line_of(symbol));
  return ids;
}

std::vector<std::string> Recipe::outside_names() const {
  std::vector<std::string> names;
  for (const OutsideSeries& series : outside) names.push_back(series.name);
  return names;
}

Result<Recipe> load_recipe(std::string_view yaml, std::string_view file_name, const Overrides& overrides) {
  Result<ConfigNode> root = parse_yaml(yaml, file_name);
  if (!root) return propagate(root);
  if (Status ok = overlay(*root, overrides); !ok) return propagate(ok);
  return Reader(*root, file_name).read();
}

Result<Recipe> load_recipe_file(const std::string& path_or_name, const Overrides& overrides,
                                const std::vector<std::string>& search_folders) {
  const bool bare = path_or_name.find_first_of("/.") == std::string::npos;
  const auto path = bare ? find_by_name(path_or_name, search_folders) : Result<std::string>(path_or_name);
  if (!path) return propagate(path);
  const RealFileSystem files;
  if (!files.exists(*path)) return fail(ErrorCode::bad_config, "{}: there is no such recipe", *path);
  Result<std::string> text = files.read(*path);
  if (!text) return propagate(text);
  return load_recipe(*text, *path, overrides);
}

}  // namespace pawl::recipe
