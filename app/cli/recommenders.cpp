#include "cli/commands.h"
#include "recsys/registry.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace apiary::cli {

namespace {

void print(const recsys::RecommenderInfo &info)
{
    std::cout << info.kind << "\n  " << info.help << "\n  source: " << info.source << "\n";
    if (info.needsEmbeddings)
        std::cout << "  reads the embeddings of the experiment's encoder\n";
    if (info.usesTimes)
        std::cout << "  needs the time of each interaction\n";
    if (!info.coldItems)
        std::cout << "  recommends no item that is held out of training\n";
    const auto defaults = recsys::defaultParameters(info.kind);
    std::size_t widest = 0;
    const auto head = [&](const recsys::ParameterInfo &parameter) {
        return parameter.name + "=" + recsys::shown(defaults.at(parameter.name));
    };
    for (const recsys::ParameterInfo &parameter : info.parameters)
        widest = std::max(widest, head(parameter).size());
    for (const recsys::ParameterInfo &parameter : info.parameters) {
        const std::string text = head(parameter);
        std::cout << "    " << text << std::string(widest + 2 - text.size(), ' ') << recsys::expectation(parameter)
                  << ". " << parameter.help << "\n";
    }
}

} // namespace

void addRecommenders(CLI::App &app, Context &context)
{
    auto names = std::make_shared<std::vector<std::string>>();
    CLI::App *command = app.add_subcommand(
        "recommenders", "The recommenders to compare with: source, parameters with defaults, ranges and meaning");
    command->add_option("name", *names, "Only these");
    command->callback([&context, names] {
        context.action = [names](Context &shared) -> int {
            std::vector<recsys::RecommenderInfo> chosen;
            for (const std::string &name : *names)
                chosen.push_back(recsys::recommenderInfo(name));
            for (const recsys::RecommenderInfo &info : names->empty() ? recsys::recommenders() : chosen) {
                if (shared.json)
                    printJson(recsys::described(info));
                else
                    print(info);
            }
            return success;
        };
    });
}

} // namespace apiary::cli
