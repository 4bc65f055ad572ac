// Commands for whoever runs pawl as a service: keys, doctor, healthcheck.
#pragma once

#include <string>

#include "app/context.h"

namespace pawl::app {

struct KeysOptions {
  std::string name;
  std::string scopes;   // "predict,read"
  std::string expires;  // "90d"; empty: never
};
int keys_add_command(const CommonOptions& common, const KeysOptions& options);
int keys_list_command(const CommonOptions& common, const KeysOptions& options);
int keys_revoke_command(const CommonOptions& common, const KeysOptions& options);

int doctor_command(const CommonOptions& common);

struct HealthcheckOptions {
  std::string url;  // empty: /readyz of the recipe's server
  std::string timeout = "2s";
};
int healthcheck_command(const CommonOptions& common, const HealthcheckOptions& options);

}  // namespace pawl::app
