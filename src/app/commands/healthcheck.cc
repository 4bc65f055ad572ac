// pawl healthcheck: whether the server is ready, for Docker and scripts.
#include "app/commands/operations.h"
#include "app/http_get.h"
#include "app/server_url.h"

namespace pawl::app {

namespace {

Result<std::string> url_of(const CommonOptions& common, const HealthcheckOptions& options) {
  if (!options.url.empty()) return options.url;
  auto recipe = server_recipe(common);
  if (!recipe) return propagate(recipe);
  return server_url(recipe->server, "/readyz");
}

Status check(const CommonOptions& common, const HealthcheckOptions& options) {
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) return fail(ErrorCode::invalid_argument, "--timeout: {}", timeout.error().message);
  const auto url = url_of(common, options);
  if (!url) return propagate(url);
  auto answer = http_get(*url, *timeout);
  if (!answer) return propagate(answer);
  if (common.json) print(Json{{"url", *url}, {"status", answer->status}}.dump() + "\n");
  if (answer->status == 200) return {};
  return fail(ErrorCode::io, "{} answers {}", *url, answer->status);
}

}  // namespace

int healthcheck_command(const CommonOptions& common, const HealthcheckOptions& options) {
  const Status done = check(common, options);
  if (done) return 0;
  // Docker knows 0 and 1 only.
  static_cast<void>(report(done.error(), common));
  return 1;
}

}  // namespace pawl::app
