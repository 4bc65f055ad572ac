#include "app/server_url.h"

#include "base/address.h"

namespace pawl::app {

Result<recipe::Recipe> server_recipe(const CommonOptions& common) {
  std::optional<std::string> remembered;
  if (common.recipe.empty() && RealFileSystem().exists(Path(common.data) / "pawl.db")) {
    auto data = DataFolder::open(common.data, DataFolder::Use::read);
    if (!data) return propagate(data);
    auto text = (*data)->remembered_recipe();
    if (!text) return propagate(text);
    remembered = std::move(*text);
  }
  return load_recipe(common, remembered);
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
