#include "app/cli_operations.h"

namespace pawl::app {
namespace {

CLI::App* subcommand(CLI::App& parent, const char* name, const char* what, const char* examples) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer(std::string("Examples:\n") + examples);
  return command;
}

}  // namespace

void add_operations(CLI::App& app, const CommonOptions& common, OperationOptions& options,
                    const std::function<void(CLI::App&)>& add_common, int& exit) {
  CLI::App* keys = subcommand(app, "keys", "Who may ask the server: add, list, revoke",
                              "  pawl keys add my-bot --scope predict\n  pawl keys list\n"
                              "  pawl keys revoke my-bot\n");
  keys->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, const char* examples,
                       int (*run)(const CommonOptions&, const KeysOptions&)) {
    CLI::App* command = subcommand(*keys, name, what, examples);
    add_common(*command);
    command->callback([&common, &options, &exit, run] { exit = run(common, options.keys); });
    return command;
  };
  CLI::App* adding = add("add", "Make a key and show it, once; a running server takes it at once",
                         "  pawl keys add my-bot --scope predict\n"
                         "  pawl keys add dashboard --scope predict,read --expires 90d\n"
                         "  pawl keys add me --scope admin --data /var/lib/pawl > ~/.pawl-key\n",
                         keys_add_command);
  adding->add_option("name", options.keys.name, "Whose it is: letters, digits, - and _")->required();
  adding
      ->add_option("--scope", options.keys.scopes,
                   "predict: ask for signals and report trades; read: look; admin: everything; or several")
      ->type_name("SCOPE[,SCOPE]")
      ->required();
  adding->add_option("--expires", options.keys.expires, "Refused after so long (90d, 12h); else it stays")
      ->type_name("TIME");
  add("list", "The keys there are, without what they are", "  pawl keys list --json\n", keys_list_command);
  add("revoke", "Refuse a key from now on", "  pawl keys revoke my-bot\n", keys_revoke_command)
      ->add_option("name", options.keys.name, "Whose it was")
      ->required();

  CLI::App* doctor = subcommand(app, "doctor", "Look for what is or will be wrong here, and say what to do",
                                "  pawl doctor\n  pawl doctor --data /var/lib/pawl --json\n");
  add_common(*doctor);
  doctor->callback([&common, &exit] { exit = doctor_command(common); });

  CLI::App* health = subcommand(app, "healthcheck", "Whether the server is ready: exit 0, else 1",
                                "  pawl healthcheck --recipe crypto-live\n"
                                "  pawl healthcheck --url http://127.0.0.1:7860/readyz --timeout 5s\n");
  add_common(*health);
  health->add_option("--url", options.healthcheck.url, "What to ask; else /readyz of the recipe's server")
      ->type_name("URL");
  health->add_option("--timeout", options.healthcheck.timeout, "How long to wait for the whole answer")
      ->type_name("TIME")
      ->capture_default_str();
  health->callback([&common, &options, &exit] { exit = healthcheck_command(common, options.healthcheck); });
}

}  // namespace pawl::app
