#include "base/memory.h"
#include "cli/commands.h"
#include "encoder/device.h"
#include "run/version.h"

#include <iomanip>
#include <iostream>

namespace apiary::cli {

namespace {

int info(Context &context)
{
    nlohmann::ordered_json json;
    // Devices first: the GPU's library must be opened before libtorch is used.
    const auto devices = encoder::devices();
    json["apiary"] = run::version;
    json["libtorch"] = encoder::libtorchVersion();
    json["compiler"] = std::string("g++ ") + __VERSION__;
    json["instructions"] = encoder::cpuCapability();
    json["threads"] = context.threadCount();
    json["memory"] = machineMemory();
    json["devices"] = nlohmann::ordered_json::array();
    for (const encoder::DeviceInfo &device : devices)
        json["devices"].push_back(
            {{"name", device.name}, {"description", device.description}, {"memory", device.memory}});
    if (context.json) {
        printJson(json);
        return success;
    }
    const auto line = [](const std::string &label, const std::string &value) {
        std::cout << std::left << std::setw(14) << label << value << "\n";
    };
    const auto gibibytes = [](std::int64_t bytes) { return std::to_string(bytes >> 30) + " GiB"; };
    line("Apiary", run::version);
    line("libtorch", encoder::libtorchVersion());
    line("compiler", json["compiler"]);
    line("instructions", encoder::cpuCapability());
    line("threads", std::to_string(context.threadCount()));
    line("memory", gibibytes(machineMemory()));
    for (const encoder::DeviceInfo &device : devices)
        line(device.name, device.description + ", " + gibibytes(device.memory));
    return success;
}

} // namespace

void addInfo(CLI::App &app, Context &context)
{
    app.add_subcommand("info", "Versions, devices, threads, instruction sets")->callback([&context] {
        context.action = info;
    });
}

} // namespace apiary::cli
