// Whether a device computes what transformers does, and how fast. Needs libtorch and JSON only: see APIARY_STEP_ONLY.
//   device DEVICE GOLDEN [ENCODER STEPS ITEMS]      GOLDEN: tests/golden/data; ENCODER: a folder to train on made texts
// Prints one JSON object a line:
//   architecture   largest difference of embeddings, largest relative difference of gradients to the golden values, and
//                  of embeddings with dropout to the processor's
//   masks          whether the dropout masks are the same bits as the processor's
//   steps          seconds, losses and memory of training steps in one pass and in two, with dropout, and the largest
//                  relative difference of a loss between the two and to the processor's first steps
//   encode         texts and tokens a second in evaluation mode
#include "encoder/device.h"
#include "base/process.h"
#include "encoder/model_folder.h"
#include "encoder/ops.h"
#include "encoder/safetensors.h"
#include "made_texts.h"
#include "train/trainer.h"

#include <ATen/core/grad_mode.h>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace apiary;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

double largest(const at::Tensor &a, const at::Tensor &b)
{
    return (a.cpu().to(at::kDouble) - b.cpu().to(at::kDouble)).abs().max().item<double>();
}

encoder::PackedTokens tokensOf(const encoder::SafetensorsFile &golden)
{
    const at::Tensor ids = golden.tensor("ids"), offsets = golden.tensor("offsets");
    const auto *id = ids.const_data_ptr<std::int32_t>();
    const auto *offset = offsets.const_data_ptr<std::int64_t>();
    encoder::PackedTokens tokens;
    for (std::int64_t i = 0; i + 1 < offsets.numel(); ++i)
        tokens.add({id + offset[i], id + offset[i + 1]}, i);
    return tokens;
}

/// Largest ‖a − b‖ / ‖b‖ of the gradients, against the golden ones; as tests/core/encoder/architectures_test.cpp judges.
double gradientDifference(encoder::Transformer &model, const encoder::SafetensorsFile &golden)
{
    const at::Tensor projection = golden.tensor("projection").to(at::kDouble);
    std::map<std::string, at::Tensor> expected;
    double norm = 0, worst = 0;
    for (const encoder::Parameter &parameter : model.parameters()) {
        expected[parameter.name] = golden.tensor("gradient." + parameter.name).to(at::kDouble);
        norm = std::max(norm, expected[parameter.name].norm().item<double>());
    }
    for (const encoder::Parameter &parameter : model.parameters()) {
        const at::Tensor &of = parameter.value.grad();
        at::Tensor found = (of.defined() ? of : at::zeros_like(parameter.value)).cpu().to(at::kDouble);
        if (found.numel() > 600)
            found = projection.narrow(1, 0, found.size(0)).mm(found);
        const at::Tensor &known = expected[parameter.name];
        worst =
            std::max(worst, (found - known).norm().item<double>() / std::max(known.norm().item<double>(), 1e-3 * norm));
    }
    return worst;
}

void checkArchitecture(const fs::path &folder, const at::Device &device)
{
    const auto golden = encoder::SafetensorsFile::open(folder / "golden.safetensors");
    const encoder::PackedTokens tokens = tokensOf(golden);
    const encoder::LoadedModel onProcessor = encoder::loadModel(folder), model = encoder::loadModel(folder);
    model.transformer->to(device);
    const encoder::DropoutPlan plan{5, 3};
    Json json{{"what", "architecture"}, {"name", folder.filename()}};
    {
        const at::NoGradGuard noGradients;
        json["embeddings"] = largest(model.transformer->forward(tokens, {}), golden.tensor("embeddings.mean"));
        json["with_dropout"] = largest(model.transformer->forward(tokens, {&plan, false, {}}),
                                       onProcessor.transformer->forward(tokens, {&plan, false, {}}));
    }
    for (encoder::Parameter &parameter : model.transformer->parameters())
        parameter.value.set_requires_grad(true);
    const at::Tensor weights = golden.tensor("loss.weights").to(device);
    (model.transformer->forward(tokens, {}) * weights).sum().backward();
    json["gradients"] = gradientDifference(*model.transformer, golden);
    std::cout << json << std::endl;
}

void checkMasks(const at::Device &device)
{
    encoder::PackedBatch here;
    here.offsets = {0, 3, 40, 51};
    here.longest = 37;
    encoder::PackedBatch there = here;
    there.device = device;
    const encoder::Mask mask{{0x0123456789ABCDEFULL, 1, ~0ULL}, 0.1};
    const bool equal = at::equal(encoder::hiddenMask(here, mask, 64), encoder::hiddenMask(there, mask, 64).cpu()) &&
                       at::equal(encoder::attentionMask(here, mask, 12), encoder::attentionMask(there, mask, 12).cpu());
    std::cout << Json{{"what", "masks"}, {"equal_bits", equal}} << std::endl;
}

using Data = bench::Made;

/// Texts of 60 to 200 tokens, about as long as descriptions of books are.
Data made(std::int64_t items, int users)
{
    return bench::made({items, users, 60, 200, 20});
}

std::vector<double> train(const Data &data, const fs::path &folder, const std::string &device, int steps,
                          train::Passes passes, Json *json)
{
    const encoder::LoadedModel model = encoder::loadModel(folder);
    model.transformer->to(at::Device(device));
    train::TrainerConfig config;
    config.usersPerStep = 256;
    config.epochs = 1000;
    config.passes = passes;
    config.tokenBudget = device == "cpu" ? 4096 : 32768;
    train::Trainer trainer(*model.transformer, data.interactions, data.tokens, data.items, config);
    std::vector<double> losses, seconds;
    train::StepReport report;
    for (int i = 0; i < steps; ++i) {
        report = trainer.step({});
        losses.push_back(report.loss);
        seconds.push_back(report.seconds);
    }
    if (json)
        *json = {{"seconds", seconds}, {"tokens", report.tokens}, {"passes", report.passes}, {"losses", losses}};
    if (json && device != "cpu") {
        MemoryUse use;
        encoder::addDeviceMemory(use, device);
        (*json)["gpu_mib"] = use.gpuReserved >> 20;
        encoder::releaseDeviceMemory(device);
    }
    return losses;
}

double difference(const std::vector<double> &a, const std::vector<double> &b)
{
    double worst = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        worst = std::max(worst, std::abs(a[i] / b[i] - 1));
    return worst;
}

void measureSteps(const fs::path &folder, const std::string &device, int steps, std::int64_t items)
{
    const Data small = made(120, 300), data = made(items, 1000);
    const auto processor = train(small, folder, "cpu", 3, train::Passes::One, nullptr);
    Json one, two;
    const auto onDevice = train(small, folder, device, 3, train::Passes::Two, nullptr);
    const auto inOne = train(data, folder, device, steps, train::Passes::One, &one);
    const auto inTwo = train(data, folder, device, steps, train::Passes::Two, &two);
    std::cout << Json{{"what", "steps"},
                      {"one_pass", one},
                      {"two_passes", two},
                      {"one_to_two", difference(inOne, inTwo)},
                      {"device_to_processor", difference(onDevice, processor)}}
              << std::endl;
}

void measureEncoding(const fs::path &folder, const at::Device &device)
{
    const Data data = made(10000, 1);
    const encoder::LoadedModel model = encoder::loadModel(folder);
    model.transformer->to(device);
    std::vector<std::int64_t> lengths;
    for (std::int64_t i = 0; i < data.tokens.size(); ++i)
        lengths.push_back(data.tokens.length(i));
    const at::NoGradGuard noGradients;
    Json seconds = Json::array();
    double best = 1e300;
    for (int repeat = 0; repeat < 3; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        for (const auto &batch : encoder::cutByLength(lengths, 32768)) {
            encoder::PackedTokens tokens;
            for (const std::int64_t i : batch)
                tokens.add(std::span(data.tokens.ids)
                               .subspan(static_cast<std::size_t>(data.tokens.offsets[static_cast<std::size_t>(i)]),
                                        static_cast<std::size_t>(data.tokens.length(i))),
                           i);
            model.transformer->forward(tokens, {}).cpu();
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        seconds.push_back(took.count());
        best = std::min(best, took.count());
    }
    std::cout << Json{{"what", "encode"},
                      {"seconds", seconds},
                      {"texts_per_second", static_cast<double>(data.tokens.size()) / best},
                      {"tokens_per_second", static_cast<double>(data.tokens.tokens()) / best}}
              << std::endl;
}

} // namespace

int main(int argc, char **argv)
{
    prepareProcess(argv);
    if (argc < 3) {
        std::cerr << "usage: device DEVICE GOLDEN [ENCODER STEPS ITEMS]\n";
        return 2;
    }
    try {
        const std::string device = encoder::resolveDevice(argv[1]);
        for (const encoder::DeviceInfo &info : encoder::devices())
            std::cout << Json{{"what", "device"}, {"name", info.name}, {"description", info.description}} << std::endl;
        for (const auto &entry : fs::directory_iterator(fs::path(argv[2]) / "architectures"))
            checkArchitecture(entry.path(), at::Device(device));
        checkMasks(at::Device(device));
        if (argc > 5) {
            measureSteps(argv[3], device, std::atoi(argv[4]), std::atoll(argv[5]));
            measureEncoding(argv[3], at::Device(device));
        }
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
