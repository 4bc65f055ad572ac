#include "http/routes/openapi.h"

#include "http/access.h"

namespace pawl::http {

namespace {

std::string method_key(std::string_view method) {
  std::string key(method);
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return key;
}

// The names in braces.
std::vector<std::string> names_of(std::string_view pattern) {
  std::vector<std::string> names;
  for (std::size_t at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at)) {
    const std::size_t end = pattern.find('}', at);
    names.emplace_back(pattern.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

Json refusal_ref(const Route& route) {
  const char* schema = route.legacy_errors ? "LegacyError" : "Problem";
  const char* type = route.legacy_errors ? "application/json" : "application/problem+json";
  return {{"description", "Refused, with the reason"},
          {"content", {{type, {{"schema", {{"$ref", fmt::format("#/components/schemas/{}", schema)}}}}}}}};
}

Json operation_of(const Route& route) {
  const bool stream = std::holds_alternative<StreamHandler>(route.handler);
  Json media = Json::object();
  media["schema"] = Json::object();
  if (!route.response_example.is_null()) media["example"] = route.response_example;
  Json content = Json::object();
  content[stream ? "text/event-stream" : "application/json"] = std::move(media);
  Json answer = {{"description", "Answered"}, {"content", std::move(content)}};
  Json operation = {{"operationId", route.operation_id},
                    {"summary", route.summary},
                    {"responses", {{"2XX", std::move(answer)}, {"default", refusal_ref(route)}}},
                    {"x-scope", scope_name(route.scope)}};
  if (route.scope == Scope::open) {
    operation["security"] = Json::array();
  } else {
    operation["security"] = Json::array({{{"bearer", Json::array()}}, {{"apiKey", Json::array()}}});
  }
  Json parameters = Json::array();
  for (const std::string& name : names_of(route.pattern)) {
    parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!route.request_example.is_null()) {
    operation["requestBody"] = {
        {"content",
         {{"application/json", {{"schema", Json::object()}, {"example", route.request_example}}}}}};
  }
  return operation;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// In single quotes for a shell.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string curl_of(const Route& route) {
  std::string line = "curl";
  if (std::holds_alternative<StreamHandler>(route.handler)) line += " -N";
  if (route.method != "GET") line += " -X " + route.method;
  if (route.scope != Scope::open) line += " -H \"Authorization: Bearer $PAWL_KEY\"";
  if (!route.request_example.is_null()) line += " -d " + in_quotes(route.request_example.dump());
  return line + " $PAWL_URL" + route.pattern;
}

std::string docs_page(const Router& router, std::string_view version) {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>pawl {0}: the "
      "API</title></head>\n"
      "<body>\n<h1>pawl {0}: the API</h1>\n<p>For programs: <a href=\"/openapi.json\">/openapi.json</a>. A "
      "key "
      "comes from <code>pawl keys add</code>; the examples read it from <code>$PAWL_KEY</code>, and the "
      "server's "
      "address from <code>$PAWL_URL</code>.</p>\n",
      escaped(version));
  for (const Route& route : router.routes()) {
    page += fmt::format("<h2><code>{} {}</code></h2>\n<p>{} Scope: {}.</p>\n<pre>{}</pre>\n",
                        escaped(route.method), escaped(route.pattern),
                        route.summary.empty() ? std::string() : escaped(route.summary) + ".",
                        scope_name(route.scope), escaped(curl_of(route)));
    if (!route.response_example.is_null()) {
      page += fmt::format("<pre>{}</pre>\n", escaped(route.response_example.dump(2)));
    }
  }
  return page + "</body>\n</html>\n";
}

}  // namespace

Json openapi_of(const Router& router, std::string_view program_version) {
  Json paths = Json::object();
  for (const Route& route : router.routes())
    paths[route.pattern][method_key(route.method)] = operation_of(route);
  const Json text = {{"type", "string"}};
  return {{"openapi", "3.1.0"},
          {"info", {{"title", "pawl"}, {"version", program_version}}},
          {"paths", std::move(paths)},
          {"components",
           {{"securitySchemes",
             {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
              {"apiKey", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}}}},
            {"schemas",
             {{"Problem",
               {{"type", "object"},
                {"required", {"type", "title", "status", "detail", "code"}},
                {"properties",
                 {{"type", text},
                  {"title", text},
                  {"status", {{"type", "integer"}}},
                  {"detail", text},
                  {"code", text},
                  {"request_id", text}}}}},
              {"LegacyError",
               {{"type", "object"}, {"required", {"error"}}, {"properties", {{"error", text}}}}}}}}}};
}

void add_openapi_routes(Router& router, const Context& context) {
  router.add(
      {.method = "GET",
       .pattern = "/openapi.json",
       .scope = Scope::read,
       .handler = [&router, &context](
                      const Request&) { return json_response(openapi_of(router, context.program_version)); },
       .operation_id = "openapi",
       .summary = "This API as OpenAPI 3.1"});
  router.add({.method = "GET",
              .pattern = "/api/docs",
              .scope = Scope::open,
              .handler =
                  [&router, &context](const Request&) {
                    Response response{.content_type = "text/html; charset=utf-8",
                                      .body = docs_page(router, context.program_version)};
                    for (const auto& [name, value] : security_headers()) {
                      // Which the server says with every answer.
                      if (name != "X-Content-Type-Options") response.headers.emplace_back(name, value);
                    }
                    return response;
                  },
              .operation_id = "docs",
              .summary = "This API for people"});
}

}  // namespace pawl::http
