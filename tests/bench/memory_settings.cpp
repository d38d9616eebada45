// Invariant 2 on a real encoder: losses and weights after some steps under several memory settings, against one pass.
//   memory_settings [STEPS] [ITEMS]      MiniLM, made texts of 8 to 64 tokens, dropout on
// Prints one JSON line a setting: budget, passes, last loss, largest relative differences of losses and of tensors.
#include "base/process.h"
#include "encoder/device.h"
#include "encoder/model_folder.h"
#include "made_texts.h"
#include "support/assets.h"
#include "train/trainer.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace apiary;

namespace {

using Data = bench::Made;

struct Outcome {
    std::vector<double> losses;
    std::vector<encoder::Parameter> weights;
};

Outcome trained(const Data &data, const std::string &folder, int steps, std::int64_t budget, train::Passes passes)
{
    const encoder::LoadedModel model = encoder::loadModel(folder);
    train::TrainerConfig config;
    config.usersPerStep = 100;
    config.epochs = steps;
    config.tokenBudget = budget;
    config.passes = passes;
    train::Trainer trainer(*model.transformer, data.interactions, data.tokens, data.items, config);
    Outcome outcome;
    for (int i = 0; i < steps; ++i)
        outcome.losses.push_back(trainer.step({}).loss);
    for (const encoder::Parameter &parameter : model.transformer->parameters())
        outcome.weights.push_back({parameter.name, parameter.value.detach().clone()});
    return outcome;
}

} // namespace

int main(int argc, char **argv)
{
    prepareProcess(argv);
    encoder::setThreads(2);
    const int steps = argc > 1 ? std::atoi(argv[1]) : 20;
    const Data data = bench::made({argc > 2 ? std::atoll(argv[2]) : 100, 200, 8, 64, 10});
    const std::string folder = tests::encoderFolder().string();
    const Outcome reference = trained(data, folder, steps, 1 << 30, train::Passes::One);
    std::printf("{\"budget\":\"all\",\"passes\":1,\"loss\":%.9g}\n", reference.losses.back());
    for (const std::int64_t budget : {512, 2048, 8192}) {
        const Outcome other = trained(data, folder, steps, budget, train::Passes::Two);
        double loss = 0, tensor = 0, keyBias = 0;
        for (std::size_t i = 0; i < other.losses.size(); ++i)
            loss = std::max(loss, std::abs(other.losses[i] / reference.losses[i] - 1));
        for (std::size_t i = 0; i < other.weights.size(); ++i) {
            const at::Tensor &was = reference.weights[i].value;
            const double change = (other.weights[i].value - was).norm().item<double>();
            if (reference.weights[i].name.ends_with("key.bias"))
                keyBias = std::max(keyBias, change);
            else
                tensor = std::max(tensor, change / was.norm().item<double>());
        }
        std::printf("{\"budget\":%lld,\"passes\":2,\"loss\":%.9g,\"loss_difference\":%.2e,\"weight_difference\":%.2e,"
                    "\"key_bias_difference\":%.2e}\n",
                    static_cast<long long>(budget), other.losses.back(), loss, tensor, keyBias);
        std::fflush(stdout);
    }
}
