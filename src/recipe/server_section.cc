// server: where `pawl run` listens.
#include <algorithm>
#include <cmath>

#include "base/address.h"
#include "recipe/plain_sections.h"

namespace pawl::recipe {
namespace {

bool is_host_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), fits);
}

LogFormat log_format(std::string_view name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  return LogFormat::automatic;
}

Status apply_server(const Settings& settings, Recipe& recipe) {
  ServerSettings& to = recipe.server;
  to.address = settings.text("address");
  if (to.address != "localhost" && !IpAddress::parse(to.address)) {
    return fail(
        ErrorCode::bad_config,
        "server.address: \"{}\" is no IP address; write 127.0.0.1 for this machine alone, 0.0.0.0 for "
        "every network",
        to.address);
  }
  to.port = settings.integer("port");
  to.threads = settings.integer("threads");
  to.hosts = settings.text_list("hosts");
  for (const std::string& host : to.hosts) {
    if (is_host_name(host) || IpAddress::parse(host)) continue;
    return fail(
        ErrorCode::bad_config,
        "server.hosts: \"{}\" is no host name; write it as in a link, without http:// and port, as in "
        "[pawl.example.org]",
        host);
  }
  to.body_mb_max = settings.number("body_mb_max");
  to.connections_max = settings.integer("connections_max");
  to.log_format = log_format(settings.text("log_format"));
  to.heartbeat_ms = std::llround(settings.number("heartbeat_s") * 1000);
  return {};
}

}  // namespace

PlainSection server_section() {
  return {
      "server", "how `pawl run` listens and speaks",
      Schema{}
          .text("address", "127.0.0.1",
                "the address to listen on; any but this machine's own asks for a key (`pawl keys add`)")
          .integer("port", 8080, "the port; 0 takes any that is free")
          .range(0, 65535)
          .integer("threads", 1, "threads that answer requests")
          .range(1, 64)
          .text_list("hosts", {},
                     "names that a browser may call this server by, beside localhost; on a public address: "
                     "only these, where there are any")
          .number("body_mb_max", 4, "a larger request is refused")
          .range(0.001, 256)
          .unit("MB")
          .integer("connections_max", 20000, "further connections are turned away")
          .range(1, 1'000'000)
          .text("log_format", "auto", "auto: text for a person and for systemd, JSON lines elsewhere")
          .choices({"auto", "text", "json"})
          .number("heartbeat_s", 300, "a line of state in the log, this often; 0: none")
          .range(0, 86400)
          .unit("s"),
      apply_server};
}

}  // namespace pawl::recipe
