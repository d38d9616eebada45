#include "base/cancel.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/process.h"
#include "cli/commands.h"
#include "cli/signals.h"
#include "run/version.h"

#include <iostream>
#include <string_view>
#include <thread>

static_assert(std::string_view(apiary::run::version) == APIARY_VERSION, "run/version.h and CMakeLists.txt differ");

namespace apiary::cli {

int Context::threadCount() const
{
    return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

namespace {

int run(int argc, char **argv)
{
    tuneAllocator();
    std::stop_source source;
    stopOnSignals(source);
    Context context;
    context.stop = source.get_token();

    CLI::App app("Apiary: tunes sentence encoders on what people read, watched and bought", "apiary-cli");
    app.set_version_flag("--version", std::string("apiary-cli ") + run::version);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", context.json, "Print one JSON object a line on standard output");
    app.add_option("--threads", context.threads, "Threads to compute with (default: the spec's, or all cores)")
        ->check(CLI::Range(1, 1024));
    app.add_option("--device", context.device, "cpu, cuda, cuda:N or auto (default: the spec's, or auto)");
    addInfo(app, context);
    addSpec(app, context);
    addImport(app, context);
    addTrain(app, context);
    addEvaluate(app, context);
    addRecommenders(app, context);
    addEncode(app, context);
    addEncoders(app, context);
    addTokenize(app, context);
    addNeighbors(app, context);
    addRuns(app, context);
    addExport(app, context);
    addBench(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError &error) {
        const auto rest = app.remaining();
        if (app.get_subcommands().empty() && !rest.empty()) {
            std::cerr << "apiary-cli: there is no command \"" << rest.front() << "\" (apiary-cli --help lists them)"
                      << std::endl;
            return usage;
        }
        return app.exit(error) == 0 ? success : usage;
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? success : usage;
    }
    try {
        return context.action(context);
    } catch (const InputError &error) {
        std::cerr << "apiary-cli: " << error.what() << std::endl;
        return usage;
    } catch (const Cancelled &) {
        std::cerr << "apiary-cli: stopped" << std::endl;
        return failure;
    } catch (const std::bad_alloc &) {
        std::cerr << "apiary-cli: the memory of this machine is too small" << std::endl;
        return failure;
    } catch (const std::exception &error) {
        std::cerr << "apiary-cli: " << error.what() << std::endl;
        return failure;
    }
}

} // namespace

} // namespace apiary::cli

int main(int argc, char **argv)
{
    apiary::prepareProcess(argv);
    return apiary::cli::run(argc, argv);
}
