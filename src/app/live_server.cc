#include "app/live_server.h"

#include "http/routes/api.h"
#include "http/routes/filter.h"
#include "http/routes/guard.h"
#include "http/routes/health.h"
#include "http/routes/openapi.h"
#include "http/routes/predict.h"
#include "http/routes/retraining.h"

namespace pawl::app {

LiveServer::LiveServer(http::Context context, http::KeyRing& keys)
    : context_(std::move(context)),
      metrics_(context_),
      access_({.address = context_.recipe.server.address, .hosts = context_.recipe.server.hosts}, keys),
      router_(std::make_shared<http::Router>()) {}

LiveServer::~LiveServer() {
  if (server_) server_->stop();
}

Result<std::unique_ptr<LiveServer>> LiveServer::start(http::Context context, http::KeyRing& keys,
                                                      loop::Intake* intake, std::string webhook_secret) {
  std::unique_ptr<LiveServer> made(new LiveServer(std::move(context), keys));
  const http::Context& on = made->context_;
  http::Router& router = *made->router_;
  made->refresh_ = http::add_predict_routes(router, on, intake);
  http::add_api_routes(router, on, std::move(webhook_secret));
  http::add_retraining_routes(router, on);
  http::add_filter_routes(router, on);
  http::add_health_routes(router, on, made->metrics_);
  http::add_openapi_routes(router, on);

  const recipe::ServerSettings& settings = on.recipe.server;
  http::ServerOptions options;
  options.address = settings.address == "localhost" ? "127.0.0.1" : settings.address;
  options.port = static_cast<std::uint16_t>(settings.port);
  options.threads = static_cast<int>(settings.threads);
  constexpr double kMegabyte = 1024 * 1024;
  options.body_bytes_max = static_cast<std::size_t>(settings.body_mb_max * kMegabyte);
  options.connections_max = static_cast<int>(settings.connections_max);
  options.log = on.log;
  auto server = http::Server::start(std::move(options), made->router_,
                                    http::make_guard(made->access_, keys, on.clock, on.log),
                                    http::make_observer(made->metrics_));
  if (!server) return propagate(server);
  made->server_ = std::move(*server);
  made->metrics_.set_server_stats([listening = made->server_.get()] { return listening->stats(); });
  return made;
}

}  // namespace pawl::app
