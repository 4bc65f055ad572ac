#include <algorithm>

#include "app/feature_page.h"
#include "base/format.h"

namespace pawl::app {

namespace {

// The longest usage that others are lined up behind.
constexpr std::size_t kUsageColumns = 34;

const std::string& text_of(const Json& json, const char* field) {
  return json[field].get_ref<const std::string&>();
}

std::string memory_text(const Json& bars) {
  if (bars.is_null()) return "older bars count for ever";
  if (bars == 1) return "its own bar only";
  return fmt::format("after {} bars older ones count for less than 1e-9", bars.dump());
}

std::string row(std::string_view name, std::string_view what) {
  return fmt::format("  {:<13} {}\n", name, what);
}

std::string parameter_text(const Json& parameter) {
  return fmt::format("a {}number from {} to {}; {} where it is left out",
                     parameter["whole"].get<bool>() ? "whole " : "", parameter["min"].get<double>(),
                     parameter["max"].get<double>(), parameter["default"].get<double>());
}

// "#4, #7"
std::string numbers_text(const Json& numbers) {
  std::vector<std::string> words;
  for (const Json& number : numbers) words.push_back(fmt::format("#{}", number.dump()));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string names_text(const Json& names) {
  return fmt::format("{}", fmt::join(names.get<std::vector<std::string>>(), ", "));
}

std::string node_text(const Json& node, const std::string& base, std::size_t columns) {
  std::string notes;
  const auto add = [&](const std::string& note) { notes += notes.empty() ? note : "; " + note; };
  if (text_of(node, "timeframe") != base) add(fmt::format("on {} bars", text_of(node, "timeframe")));
  if (node["shared"].get<bool>() && node["used_by"].size() > 1) {
    add(fmt::format("shared by {}", numbers_text(node["used_by"])));
  } else if (node["shared"].get<bool>()) {
    add(fmt::format("also for {}", numbers_text(node["used_by"])));
  }
  for (const Json& feature : node["features"]) add(fmt::format("= {}", feature.get<std::string>()));
  std::string text = fmt::format("  {:>4}  {:<{}}  {}", fmt::format("#{}", node["node"].dump()),
                                 text_of(node, "computes"), columns, notes);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

}  // namespace

std::string kinds_text(const Json& kinds) {
  std::string text, group;
  for (const Json& kind : kinds) {
    if (text_of(kind, "group") != group || text.empty()) {
      group = text_of(kind, "group");
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", group);
    }
    text += fmt::format("  {:<{}}  {}\n", text_of(kind, "usage"), kUsageColumns, text_of(kind, "help"));
  }
  return text +
         "\nOne in full: pawl features NAME. What an expression computes: pawl features 'EXPRESSION'.\n";
}

std::string kind_text(const Json& kind, const std::string& timeframe) {
  std::string text = fmt::format("{}\n  {}\n\n", text_of(kind, "usage"), text_of(kind, "help"));
  text += row("group", text_of(kind, "group"));
  for (const Json& parameter : kind["parameters"]) {
    text += row(text_of(parameter, "name"), parameter_text(parameter));
  }
  text += row("unit", text_of(kind, "unit"));
  text += row("volume", kind["needs_volume"].get<bool>() ? "needed" : "not needed");
  text += row("first value", fmt::format("at bar {} of {}, as {}", kind["warm_up_bars"].dump(), timeframe,
                                         text_of(kind, "at_defaults")));
  text += row("memory", memory_text(kind["memory_bars"]));
  text += row("missing", kind["never_missing"].get<bool>() ? "never after its first value, unless an input is"
                                                           : "possible after its first value");
  text += row("cost", text_of(kind, "cost") + " a bar");
  if (!kind["definition"].is_null()) text += row("defined as", text_of(kind, "definition"));
  if (!kind["family"].is_null()) text += row("family", text_of(kind, "family"));
  if (!kind["computed_with"].empty()) text += row("computed with", names_text(kind["computed_with"]));
  if (!text_of(kind, "source").empty()) text += row("source", text_of(kind, "source"));
  return text + row("version", kind["version"].dump());
}

std::string expressions_text(const Json& answer) {
  const std::string& base = text_of(answer, "timeframe");
  std::string text;
  for (const Json& feature : answer["features"]) {
    text += fmt::format("{}\n", text_of(feature, "feature"));
    text += row("first value", fmt::format("at bar {} of {}", feature["warm_up_bars"].dump(), base));
    text += row("memory", memory_text(feature["memory_bars"]));
    text += row("volume", feature["needs_volume"].get<bool>() ? "needed" : "not needed");
  }
  std::size_t columns = 0;
  for (const Json& node : answer["nodes"]) columns = std::max(columns, text_of(node, "computes").size());
  if (!answer["nodes"].empty()) text += "\ncomputed in this order:\n";
  for (const Json& node : answer["nodes"]) text += node_text(node, base, columns);
  if (!answer["outside"].empty()) {
    text += fmt::format("\noutside series: {}\n", names_text(answer["outside"]));
  }
  return text + fmt::format("\nhash {}\n", text_of(answer, "hash"));
}

}  // namespace pawl::app
