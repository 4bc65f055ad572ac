// The server of `pawl run` with all that its routes stand on.
#pragma once

#include <memory>

#include "http/access.h"
#include "http/context.h"
#include "http/keys.h"
#include "http/routes/metrics.h"
#include "http/server.h"
#include "loop/live/intake.h"

namespace pawl::app {

// Everything of it outlives the server, which is stopped first.
class LiveServer {
 public:
  // Listens where the recipe says. All arguments outlive it; `webhook_secret` as it was at the start.
  static Result<std::unique_ptr<LiveServer>> start(http::Context context, http::KeyRing& keys,
                                                   loop::Intake* intake, std::string webhook_secret);
  ~LiveServer();

  std::uint16_t port() const { return server_->port(); }
  // Event streams look for what is new.
  void wake() { server_->wake(); }
  // Server threads let go of versions that have been replaced.
  void refresh() { server_->post_all(refresh_); }
  void stop() { server_->stop(); }

 private:
  LiveServer(http::Context context, http::KeyRing& keys);

  http::Context context_;
  http::Metrics metrics_;
  http::Access access_;
  std::function<void()> refresh_;
  std::shared_ptr<http::Router> router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace pawl::app
