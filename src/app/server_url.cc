#include "app/server_url.h"

#include "app/opened.h"
#include "base/address.h"

namespace pawl::app {

Result<recipe::Recipe> server_recipe(const CommonOptions& common) {
  if (!common.recipe.empty()) return load_recipe(common, std::nullopt);
  auto remembered = remembered_in(common);
  if (!remembered) return propagate(remembered);
  return load_recipe(common, *remembered);
}

std::string server_url(const recipe::ServerSettings& server, std::string_view path) {
  std::string host = server.address;
  if (const auto address = IpAddress::parse(host)) {
    const bool v4 = address->is_v4();
    host = address->is_any() ? (v4 ? "127.0.0.1" : "::1") : address->text();
    if (!v4) host = fmt::format("[{}]", host);
  }
  return fmt::format("http://{}:{}{}", host, server.port, path);
}

}  // namespace pawl::app
