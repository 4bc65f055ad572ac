// Where the server of a data folder is to be found from this machine.
#pragma once

#include <string>
#include <string_view>

#include "app/context.h"

namespace pawl::app {

// The recipe that is named, or else the one that the data folder was made with.
Result<recipe::Recipe> server_recipe(const CommonOptions& common);

// "http://127.0.0.1:8080/readyz". A server that listens everywhere is found on the loopback address.
std::string server_url(const recipe::ServerSettings& server, std::string_view path);

}  // namespace pawl::app
