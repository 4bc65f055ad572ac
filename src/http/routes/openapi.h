// The API, described by itself: /openapi.json for programs, /api/docs for people.
#pragma once

#include "http/context.h"
#include "http/router.h"

namespace pawl::http {

// Both describe every route that the router has when they are asked for. It must stay where it is, as one
// held by a shared_ptr does.
void add_openapi_routes(Router& router, const Context& context);

// OpenAPI 3.1.
Json openapi_of(const Router& router, std::string_view program_version);

}  // namespace pawl::http
