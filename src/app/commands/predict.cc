// What a version says to the windows of a request: the server's answer, made again.
#include <array>
#include <cstdio>

#include "app/commands.h"
#include "app/opened.h"
#include "http/predict_answer.h"
#include "http/predict_body.h"

namespace pawl::app {

namespace {

Result<std::string> read_body(DataFolder& data, const std::string& file) {
  if (file != "-") return data.files().read(file);
  std::string body;
  std::array<char, 1 << 16> block;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), stdin)) {
    body.append(block.data(), count);
  }
  if (std::ferror(stdin) != 0) return fail(ErrorCode::io, "stdin: could not be read to its end");
  return body;
}

Result<VersionNumber> version_of(registry::Registry& registry, const LineId& line,
                                 const std::string& wanted) {
  if (!wanted.empty()) return VersionNumber::parse(wanted);
  auto champion = registry.champion(line);
  if (!champion) return propagate(champion);
  if (*champion) return **champion;
  return fail(ErrorCode::not_found, "{}: nothing serves there yet; train a version first: pawl train", line);
}

Result<std::string> answer(const CommonOptions& common, const PredictOptions& options) {
  auto opened = open_with_recipe(common, DataFolder::Use::read);
  if (!opened) return propagate(opened);
  DataFolder& data = *opened->data;
  const recipe::Recipe& recipe = opened->recipe;
  auto body = read_body(data, options.body);
  if (!body) return propagate(body);
  http::PredictReader reader(http::predict_rules_of(recipe));
  auto posted = reader.read(*body);
  if (!posted) return within(options.body, posted.error());

  registry::Registry& registry = data.registry();
  auto line =
      options.line.empty() ? http::line_for(recipe, (*posted)->symbol()) : find_line(registry, options.line);
  if (!line) return propagate(line);
  auto number = version_of(registry, *line, options.version);
  if (!number) return propagate(number);
  auto version = registry.load(*line, *number);
  if (!version) return propagate(version);
  serving::WindowPredictor predictor(http::window_rules_of(recipe));
  auto made = predictor.predict(**version, **posted);
  if (!made) return within(options.body, made.error());
  return http::predict_answer(**version, **posted, *made);
}

}  // namespace

int predict_command(const CommonOptions& common, const PredictOptions& options) {
  const Result<std::string> made = answer(common, options);
  if (!made) return report(made.error(), common);
  print(*made + "\n");
  return 0;
}

}  // namespace pawl::app
