#include "cli/commands.h"
#include "run/run_spec.h"

#include <iostream>
#include <memory>

namespace apiary::cli {

void addSpec(CLI::App &app, Context &context)
{
    struct Options {
        bool schema = false;
        std::string preset = "default";
    };
    auto options = std::make_shared<Options>();
    CLI::App *command = app.add_subcommand("spec", "A complete RunSpec with every default, or its JSON Schema");
    command->add_flag("--schema", options->schema, "Print the JSON Schema of a RunSpec");
    command->add_option("--preset", options->preset, "default, quickstart or paper")->capture_default_str();
    command->callback([&context, options] {
        context.action = [options](Context &shared) -> int {
            const auto json = options->schema ? run::specSchema() : run::toJson(run::preset(options->preset));
            if (shared.json)
                printJson(json);
            else
                std::cout << json.dump(2) << "\n";
            return success;
        };
    });
}

} // namespace apiary::cli
