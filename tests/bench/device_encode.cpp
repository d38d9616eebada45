// Encodes token ids on any device, so that embeddings from a GPU machine can be laid beside those from a processor.
// Needs libtorch and JSON only: see APIARY_STEP_ONLY.
//
//   device_encode DEVICE ENCODER TOKENS OUT     TOKENS: what `apiary-cli tokenize` prints, an array of ids a line
//
// Writes OUT, a safetensors file with "embeddings", a row a line (pooled, and normalised where the encoder does that).
// Prints one JSON line: texts and tokens a second, the device.
#include "base/process.h"
#include "encoder/device.h"
#include "encoder/model_folder.h"
#include "encoder/ops.h"
#include "encoder/safetensors.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace apiary;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t tokensABatch = 65536;

std::vector<std::vector<std::int32_t>> readTokens(const fs::path &file)
{
    std::ifstream in(file);
    std::vector<std::vector<std::int32_t>> texts;
    for (std::string line; std::getline(in, line);)
        texts.push_back(nlohmann::json::parse(line).get<std::vector<std::int32_t>>());
    return texts;
}

at::Tensor encode(const encoder::LoadedModel &model, const std::vector<std::vector<std::int32_t>> &texts)
{
    std::vector<std::int64_t> lengths;
    for (const auto &ids : texts)
        lengths.push_back(static_cast<std::int64_t>(ids.size()));
    at::Tensor all;
    for (const auto &batch : encoder::cutByLength(lengths, tokensABatch)) {
        encoder::PackedTokens tokens;
        for (const std::int64_t i : batch)
            tokens.add(texts[static_cast<std::size_t>(i)], i);
        const at::Tensor rows = model.transformer->forward(tokens, {}).cpu();
        if (!all.defined())
            all = at::empty({static_cast<std::int64_t>(texts.size()), rows.size(1)});
        all.index_copy_(0, at::tensor(batch), rows);
    }
    return all;
}

void work(const std::string &device, const fs::path &folder, const fs::path &tokens, const fs::path &out)
{
    const auto texts = readTokens(tokens);
    std::int64_t count = 0;
    for (const auto &ids : texts)
        count += static_cast<std::int64_t>(ids.size());
    const encoder::LoadedModel model = encoder::loadModel(folder);
    model.transformer->to(at::Device(device));
    const at::NoGradGuard noGradients;
    const auto start = std::chrono::steady_clock::now();
    const at::Tensor rows = encode(model, texts);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    encoder::writeSafetensors(out, std::vector<std::pair<std::string, at::Tensor>>{{"embeddings", rows}});
    std::cout << nlohmann::ordered_json{{"device", device},
                                        {"encoder", model.hash},
                                        {"texts", texts.size()},
                                        {"tokens", count},
                                        {"seconds", seconds},
                                        {"texts_per_second", static_cast<double>(texts.size()) / seconds},
                                        {"tokens_per_second", static_cast<double>(count) / seconds}}
              << std::endl;
}

} // namespace

int main(int argc, char **argv)
{
    prepareProcess(argv);
    if (argc != 5) {
        std::cerr << "usage: device_encode DEVICE ENCODER TOKENS OUT\n";
        return 2;
    }
    try {
        work(encoder::resolveDevice(argv[1]), argv[2], argv[3], argv[4]);
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
