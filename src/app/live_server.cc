// The server of `pawl run`: which routes there are, who is let in, and what a newcomer is told to try.
#include "app/live_process.h"

namespace pawl::app {

Status LiveProcess::start_server() {
  auto router = std::make_shared<http::Router>();
  http::ServerOptions options;
  options.address = recipe_->server.address == "localhost" ? "127.0.0.1" : recipe_->server.address;
  options.port = static_cast<std::uint16_t>(recipe_->server.port);
  options.threads = static_cast<int>(recipe_->server.threads);
  options.body_bytes_max = static_cast<std::size_t>(recipe_->server.body_mb_max * 1024 * 1024);
  options.connections_max = static_cast<int>(recipe_->server.connections_max);
  options.log = log_;
  auto server = http::Server::start(options, router);
  if (!server) return propagate(server);
  server_ = std::move(*server);
  return {};
}

void LiveProcess::greet() {
  const std::string url =
      server_ ? fmt::format("http://{}:{}", recipe_->server.address, server_->port()) : std::string();
  if (common_.json) {
    print(Json{{"kind", "started"},
               {"recipe", recipe_->name},
               {"data", common_.data},
               {"url", url},
               {"lines", recipe_->line_ids()},
               {"pace", options_.pace}}
              .dump() +
          "\n");
    std::fflush(stdout);
    return;
  }
  if (common_.quiet) return;
  print(fmt::format("pawl runs {} in {}", recipe_->name, common_.data));
  print(options_.pace.empty() ? std::string(", on bars that are pushed to it\n")
                              : fmt::format(", on recorded bars, paced {}\n", options_.pace));
  if (server_) print(fmt::format("  {}/api/docs\n", url));
}

}  // namespace pawl::app
