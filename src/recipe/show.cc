#include <cassert>

#include "recipe/outside.h"
#include "recipe/plain_sections.h"
#include "recipe/recipe.h"
#include "recipe/sections.h"

namespace pawl::recipe {
namespace {

Json kind_json(const KindSettings& settings, const std::string& kind_key) {
  Json json = settings.settings.to_json();
  json[kind_key] = settings.kind;
  return json;
}

Json signal_json(const judging::SignalRule& rule, const std::string& where) {
  if (rule.kind == judging::SignalRule::Kind::edge) {
    return {{"kind", "edge"}, {"min_edge", rule.min_edge}, {"where", where}};
  }
  if (rule.kind == judging::SignalRule::Kind::allow) return {{"kind", "allow"}};
  return {{"kind", "top_class"}, {"min_probability", rule.min_probability}, {"where", where}};
}

double in(DurationMs unit, DurationMs duration) {
  return static_cast<double>(duration) / static_cast<double>(unit);
}

// What a person types and reads: no quotes around plain words.
std::string text_of(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>();
  if (value.is_number_float()) return json_double_text(value.get<double>());
  return value.dump();
}

class Lines {
 public:
  Lines(const Recipe& recipe, const Json& json) : recipe_(recipe), json_(json) {}

  void add(const std::string& key, const Json& value, const std::string& help) {
    const auto origin = recipe_.origins.find(key);
    lines_.push_back(
        {key, text_of(value), origin == recipe_.origins.end() ? "default" : origin->second, help});
  }

  void add_settings(const std::string& path, const Json& values, const Schema& schema) {
    for (const Setting& setting : schema.settings()) {
      add(path + "." + setting.name, values.at(setting.name), setting.help);
    }
  }

  void add_kind(const std::string& path, const Json& values, const KindSection& section) {
    const KindChoice* choice = section.find(values.at(section.kind_key).get_ref<const std::string&>());
    assert(choice != nullptr);
    add(path + "." + section.kind_key, choice->name, choice->help);
    add_settings(path, values, choice->schema);
  }

  void add_top_level_key(const std::string& key) {
    if (!json_.contains(key)) return;  // a section that the recipe does not have
    const Json& value = json_.at(key);
    if (const Setting* setting = top_level_schema().find(key)) return add(key, value, setting->help);
    if (key == "bars") return add_settings(key, value, bars_schema());
    if (key == "costs") return add_settings(key, value, costs_schema());
    if (key == "validation") return add_settings(key, value, validation_schema());
    if (key == "training") return add_settings(key, value, training_schema());
    if (key == "baseline") return add_settings(key, value, baseline_schema());
    if (key == "auto_training") return add_settings(key, value, auto_training_schema());
    if (const PlainSection* section = find_plain_section(key))
      return add_settings(key, value, section->schema);
    if (key == "triggers") {
      std::size_t index = 0;
      for (const Json& trigger : value)
        add_kind(fmt::format("triggers.{}", index++), trigger, trigger_section());
      return;
    }
    for (const KindSection* section : kind_sections()) {
      if (section->name == key) return add_kind(key, value, *section);
    }
    assert(false && "a top-level key that nothing shows");
  }

  std::vector<ShownKey> take() { return std::move(lines_); }

 private:
  const Recipe& recipe_;
  const Json& json_;
  std::vector<ShownKey> lines_;
};

}  // namespace

Json to_json(const Recipe& recipe) {
  Json json = {{"schema", 1},
               {"recipe", recipe.name},
               {"description", recipe.description},
               {"symbols", Json::array()},
               {"group", recipe.group},
               {"pool", recipe.pool},
               {"outside", Json::array()},
               {"outside_files", recipe.outside_files},
               {"sectors", Json::array()},
               {"client_windows", Json::array()},
               {"features", recipe.features},
               {"seed", recipe.seed},
               {"source", kind_json(recipe.source, "kind")},
               {"model", kind_json(recipe.model, "kind")},
               {"gate", kind_json(recipe.gate, "policy")},
               {"baseline", recipe.baseline.settings.to_json()},
               {"signal", signal_json(recipe.signal, recipe.signal_where)},
               {"triggers", Json::array()}};
  if (!recipe.trades.present) json["label"] = kind_json(recipe.label, "kind");
  for (const Symbol& symbol : recipe.symbols) json["symbols"].push_back(symbol.given());
  for (const OutsideSeries& series : recipe.outside) {
    if (series.kind != OutsideSeries::Kind::market) json["outside"].push_back(outside_text(series));
  }
  for (const auto& [symbol, sector] : recipe.sectors) json["sectors"].push_back(symbol + "=" + sector);
  for (const auto& [timeframe, bars] : recipe.client_windows) {
    json["client_windows"].push_back(fmt::format("{}={}", timeframe.name(), bars));
  }
  for (const auto& [name, settings] : recipe.plain_sections) json[name] = settings.to_json();
  for (const KindSettings& trigger : recipe.triggers) {
    // Always there, and made of the trades section: neither is written.
    if (trigger.kind == "manual" || trigger.kind == "trades") continue;
    if (trigger.kind == "auto_training") {
      json["auto_training"] = trigger.settings.to_json();
    } else {
      json["triggers"].push_back(kind_json(trigger, "kind"));
    }
  }
  json["bars"] = {{"base", recipe.base.name()},
                  {"day_anchor", recipe.calendar.day_anchor()},
                  {"session", recipe.calendar.session()},
                  {"bad_rows", recipe.bad_rows_skipped ? "skip" : "error"},
                  {"outside_session", recipe.outside_session_dropped ? "drop" : "keep"},
                  {"bars_per_year", recipe.bars_per_year}};
  json["costs"] = {{"per_side_bp", recipe.costs.per_side_bp},
                   {"per_side_pips", recipe.costs.per_side_pips},
                   {"pip_size", recipe.costs.pip_size}};
  const ValidationSettings& validation = recipe.validation;
  json["validation"] = {{"window_days", in(kDayMs, validation.window_ms)},
                        {"judged_days", in(kDayMs, validation.judged_ms)},
                        {"judged_share_max", validation.judged_share_max},
                        {"judged_sessions", validation.judged_sessions},
                        {"embargo_bars", validation.embargo_bars},
                        {"min_bars", validation.min_bars},
                        {"min_fit_sessions", validation.min_fit_sessions},
                        {"min_judged_rows", validation.min_judged_rows},
                        {"max_age_days", in(kDayMs, validation.max_age_ms)},
                        {"walk_forward_folds", validation.walk_forward_folds},
                        {"walk_forward_when", validation.walk_forward_every_run ? "every" : "asked"}};
  const TrainingSettings& training = recipe.training;
  json["training"] = {{"latency_minutes", in(kMinuteMs, training.latency_ms)},
                      {"defer_hours", in(kHourMs, training.defer_ms)},
                      {"cooldown_hours", in(kHourMs, training.cooldown_ms)},
                      {"backoff_hours", in(kHourMs, training.backoff_ms)},
                      {"threads", training.threads},
                      {"keep_jobs", training.keep_jobs},
                      {"memory_mb_max", training.memory_mb_max},
                      {"run_minutes_max", in(kMinuteMs, training.run_ms_max)},
                      {"silence_minutes_max", in(kMinuteMs, training.silence_ms_max)},
                      {"skip_unchanged", training.skip_unchanged}};
  return json;
}

std::vector<ShownKey> show(const Recipe& recipe) {
  const Json json = to_json(recipe);
  Lines lines(recipe, json);
  for (const std::string& key : top_level_keys()) lines.add_top_level_key(key);
  return lines.take();
}

}  // namespace pawl::recipe
