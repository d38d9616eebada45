// An encoder folder in which one file holds any bytes: loaded and used, or refused with an InputError. The input's first
// byte chooses the golden checkpoint, the second the file that is replaced.
#include "encoder/model_folder.h"

#include "base/error.h"
#include "place.h"

#include <ATen/core/grad_mode.h>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

using namespace apiary;
namespace fs = std::filesystem;

namespace {

constexpr const char *files[] = {"config.json",
                                 "modules.json",
                                 "1_Pooling/config.json",
                                 "sentence_bert_config.json",
                                 "2_Dense/config.json",
                                 "tokenizer_config.json",
                                 "model.safetensors.index.json",
                                 "config_sentence_transformers.json",
                                 "2_LayerNorm/config.json"};

/// Copies of the golden folders, each with the modules of the tiny BERT where it has none.
std::vector<fs::path> copies()
{
    const char *golden = std::getenv("APIARY_GOLDEN"); // tests/golden/data
    if (!golden)
        std::abort();
    std::vector<fs::path> result;
    const auto add = [&](const fs::path &from, const fs::path &over) {
        const fs::path to = fuzz::place() / std::to_string(result.size());
        fs::create_directories(to);
        const auto options = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
        fs::copy(from, to, options);
        if (!over.empty())
            fs::copy(over, to, options);
        if (fs::exists(to / "model.safetensors.index.json"))
            fs::remove(to / "model.safetensors");
        result.push_back(to);
    };
    add(fs::path(golden) / "tiny-bert", {});
    for (const char *variation : {"dense_tanh", "layer_norm", "pooling_two", "fp16_sharded"})
        add(fs::path(golden) / "tiny-bert", fs::path(golden) / "modules" / variation);
    for (const fs::directory_entry &entry : fs::directory_iterator(fs::path(golden) / "architectures"))
        if (entry.is_directory())
            add(entry.path(), {});
    return result;
}

std::string contents(const fs::path &path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void use(const fs::path &folder)
{
    const encoder::LoadedModel model = encoder::loadModel(folder);
    encoder::PackedTokens tokens;
    const std::int64_t most = std::min<std::int64_t>(model.transformer->maxTokens(), 40);
    for (const std::int64_t length : {std::int64_t{1}, most}) {
        std::vector<std::int32_t> ids(static_cast<std::size_t>(length));
        for (std::size_t i = 0; i < ids.size(); ++i)
            ids[i] = static_cast<std::int32_t>(i % static_cast<std::size_t>(model.config.vocabularySize));
        tokens.add(ids, length);
    }
    const at::NoGradGuard noGradients;
    const at::Tensor embeddings = model.transformer->forward(tokens, {});
    if (embeddings.size(0) != 2 || embeddings.size(1) != model.transformer->dimension())
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const std::vector<fs::path> folders = copies();
    if (size < 2)
        return 0;
    const fs::path &folder = folders[data[0] % folders.size()];
    const fs::path file = folder / files[data[1] % std::size(files)];
    const bool wasThere = fs::exists(file);
    const std::string before = wasThere ? contents(file) : std::string();
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char *>(data + 2), static_cast<long>(size - 2));
    try {
        use(folder);
    } catch (const InputError &) {
    }
    if (wasThere)
        std::ofstream(file, std::ios::binary) << before;
    else
        fs::remove(file);
    return 0;
}
