#include "http/router.h"

#include <algorithm>
#include <cassert>

#include "http/target.h"

namespace pawl::http {
namespace {

bool is_name(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    segments.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

bool answers(const Route& route, std::string_view method) {
  return route.method == method || (method == "HEAD" && route.method == "GET");
}

void add_methods(std::string& allow, const Route& route) {
  if (!allow.empty()) allow += ", ";
  allow += route.method;
  if (route.method == "GET") allow += ", HEAD";
}

// Line ends would let a value pose as another field.
std::string on_one_line(std::string_view text) {
  std::string line(text);
  std::erase_if(line, [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
  return line;
}

}  // namespace

std::string sse_event(std::string_view id, std::string_view name, std::string_view data) {
  std::string text;
  if (!id.empty()) text += fmt::format("id: {}\n", on_one_line(id));
  if (!name.empty()) text += fmt::format("event: {}\n", on_one_line(name));
  while (true) {
    const std::size_t end = data.find('\n');
    text += fmt::format("data: {}\n", on_one_line(data.substr(0, end)));
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  text += '\n';
  return text;
}

void Router::add(Route route) {
  assert(route.pattern.starts_with('/'));
  const Route& added = routes_.emplace_back(std::move(route));
  Pattern pattern{&added, {}};
  for (const std::string_view segment : split_path(added.pattern)) pattern.segments.emplace_back(segment);
  if (std::none_of(pattern.segments.begin(), pattern.segments.end(), is_name)) {
    std::vector<const Route*>& same = plain_[added.pattern];
    assert(std::none_of(same.begin(), same.end(), [&](const Route* r) { return r->method == added.method; }));
    same.push_back(&added);
  }
  // Plain patterns stand here too: a path may be written with escapes.
  const auto before = [](const Pattern& a, const Pattern& b) {
    return std::lexicographical_compare(
        a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
        [](const std::string& x, const std::string& y) { return !is_name(x) && is_name(y); });
  };
  patterns_.insert(std::upper_bound(patterns_.begin(), patterns_.end(), pattern, before), std::move(pattern));
}

Match Router::match(std::string_view method, std::string_view path) const {
  Match match;
  if (const auto plain = plain_.find(path); plain != plain_.end()) {
    for (const Route* route : plain->second) {
      if (!answers(*route, method)) continue;
      match.route = route;
      return match;
    }
  }
  std::vector<std::string> segments;
  for (const std::string_view segment : split_path(path)) segments.push_back(percent_decode(segment));
  for (const Pattern& pattern : patterns_) {
    const bool fits = std::equal(pattern.segments.begin(), pattern.segments.end(), segments.begin(),
                                 segments.end(), [](const std::string& wanted, const std::string& given) {
                                   return is_name(wanted) ? !given.empty() : wanted == given;
                                 });
    if (!fits) continue;
    match.legacy_errors = match.legacy_errors || pattern.route->legacy_errors;
    if (!answers(*pattern.route, method)) {
      add_methods(match.allow, *pattern.route);
      continue;
    }
    match.route = pattern.route;
    match.allow.clear();
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const std::string& wanted = pattern.segments[i];
      if (is_name(wanted)) {
        match.path_values.emplace_back(wanted.substr(1, wanted.size() - 2), std::move(segments[i]));
      }
    }
    return match;
  }
  return match;
}

const Route& no_route() {
  static const Route none{.scope = Scope::open};
  return none;
}

}  // namespace pawl::http
