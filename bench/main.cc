// Which subjects are run, and where the figures go. bench/run builds this and says what the options mean.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/files.h"
#include "page.h"
#include "serve_child.h"
#include "subjects.h"

namespace pawl::bench {

namespace {

struct Subject {
  std::string_view name;
  Status (*run)(Bench&);
};

constexpr std::array kSubjects = {
    Subject{"start", bench_start}, Subject{"csv", bench_csv}, Subject{"features", bench_features},
    Subject{"indicators", bench_indicators}, Subject{"predict", bench_predict},
    Subject{"predict_windows", bench_predict_windows}, Subject{"store", bench_store},
    Subject{"contest", bench_contest}, Subject{"audit", bench_audit}, Subject{"replay", bench_replay},
    Subject{"compare", bench_compare}, Subject{"lines", bench_lines}, Subject{"retrain", bench_retrain},
    // Last: it stays on one core.
    Subject{"serve", bench_serve}};

struct Arguments {
  Options options;
  std::vector<std::string> only;
  std::string json, docs_from;
  bool docs = false, list = false;
};

Result<Arguments> read(std::span<char* const> words) {
  Arguments arguments;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool takes_value = word == "--only" || word == "--json" || word == "--docs-from";
    if (takes_value && i + 1 == words.size())
      return fail(ErrorCode::invalid_argument, "{}: a value is missing", word);
    if (word == "--quick") {
      arguments.options.quick = true;
    } else if (word == "--docs") {
      arguments.docs = true;
    } else if (word == "--list") {
      arguments.list = true;
    } else if (word == "--only") {
      arguments.only.emplace_back(words[++i]);
    } else if (word == "--json") {
      arguments.json = words[++i];
    } else if (word == "--docs-from") {
      arguments.docs_from = words[++i];
    } else {
      return fail(ErrorCode::invalid_argument, "no such option \"{}\"; see bench/run --help", word);
    }
  }
  for (const std::string& name : arguments.only) {
    if (std::none_of(kSubjects.begin(), kSubjects.end(),
                     [&](const Subject& one) { return one.name == name; })) {
      return fail(ErrorCode::invalid_argument, "no such subject \"{}\"; see bench/run --list", name);
    }
  }
  if (arguments.docs && (arguments.options.quick || !arguments.only.empty())) {
    return fail(ErrorCode::invalid_argument, "--docs shows a full run: leave out --quick and --only");
  }
  return arguments;
}

Status write_page(const Json& figures) {
  auto page = page_of(figures);
  if (!page) return propagate(page);
  RealFileSystem files;
  return write_atomic(files, Path(PAWL_SOURCE_DIR) / "docs" / "performance.md", *page);
}

Status run(const Arguments& arguments) {
  RealFileSystem files;
  if (!arguments.docs_from.empty()) {
    auto text = files.read(arguments.docs_from);
    if (!text) return propagate(text);
    auto figures = parse_json(*text);
    if (!figures) return within(arguments.docs_from, figures.error());
    return write_page(*figures);
  }
  Bench bench(arguments.options);
  std::vector<double> load;
  for (const Subject& subject : kSubjects) {
    const bool chosen = arguments.only.empty() || std::find(arguments.only.begin(), arguments.only.end(),
                                                            subject.name) != arguments.only.end();
    if (!chosen) continue;
    if (Status done = subject.run(bench); !done) return within(subject.name, done.error());
    if (double average = 0; getloadavg(&average, 1) == 1) load.push_back(average);
  }
  if (!load.empty()) {
    bench.add("load_average", "runnable",
              "load over the last minute, at the end of each subject; the run itself is 1", load);
  }
  std::fputs(table_of(bench.figures()).c_str(), stdout);
  const Json figures = to_json(bench.figures());
  if (!arguments.json.empty()) {
    if (Status written = write_atomic(files, arguments.json, figures.dump(2) + "\n"); !written)
      return written;
  }
  return arguments.docs ? write_page(figures) : Status{};
}

}  // namespace

}  // namespace pawl::bench

int main(int argc, char** argv) {
  using namespace pawl;
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  if (bench::is_serve_child(words)) return bench::serve_child(words);
  const auto arguments = bench::read(words);
  if (!arguments) {
    std::fputs(fmt::format("bench/run: {}\n", arguments.error().message).c_str(), stderr);
    return exit_code(arguments.error().code);
  }
  if (arguments->list) {
    for (const bench::Subject& subject : bench::kSubjects) std::puts(std::string(subject.name).c_str());
    return 0;
  }
  if (const Status done = bench::run(*arguments); !done) {
    std::fputs(fmt::format("bench/run: {}\n", done.error().message).c_str(), stderr);
    return exit_code(done.error().code);
  }
  return 0;
}
