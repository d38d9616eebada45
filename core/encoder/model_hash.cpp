#include "encoder/model_hash.h"

#include "base/random.h"
#include "encoder/json_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

namespace apiary::encoder {

namespace {

namespace fs = std::filesystem;

/// Two lanes of mix64 over 8-byte words and the lengths of the parts.
class Digest {
public:
    void add(const void *data, std::size_t size)
    {
        const char *at = static_cast<const char *>(data);
        word(size);
        for (; size >= 8; size -= 8, at += 8) {
            std::uint64_t value = 0;
            std::memcpy(&value, at, 8);
            word(value);
        }
        std::uint64_t rest = 0;
        std::memcpy(&rest, at, size);
        word(rest);
    }
    void add(const std::string &text) { add(text.data(), text.size()); }
    void add(std::int64_t value) { add(&value, sizeof value); }

    std::string hex() const
    {
        char text[33];
        std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(m_lanes[0]),
                      static_cast<unsigned long long>(m_lanes[1]));
        return text;
    }

private:
    void word(std::uint64_t value)
    {
        m_lanes[0] = mix64(m_lanes[0] ^ value);
        m_lanes[1] = mix64(m_lanes[1] + value);
    }
    std::array<std::uint64_t, 2> m_lanes{0x41706961, 0x72790002};
};

/// config.json without the fields that say how the file came about.
std::string networkText(const fs::path &file)
{
    nlohmann::json config = JsonFile::read(file).root();
    for (const char *field : {"_name_or_path", "transformers_version", "torch_dtype", "dtype", "architectures"})
        config.erase(field);
    return config.dump();
}

void addModule(Digest &digest, const Module &module)
{
    digest.add(static_cast<std::int64_t>(module.kind));
    digest.add(module.out);
    digest.add(poolingName(module.modes));
    for (const bool flag : {module.includePrompt, module.bias, module.residual})
        digest.add(std::int64_t{flag});
    digest.add(static_cast<std::int64_t>(module.activation));
}

} // namespace

std::string modelHash(const fs::path &folder, const ModelConfig &config, const Transformer &transformer)
{
    const fs::path inner = folder / config.transformerPath;
    Digest digest;
    digest.add(networkText(inner / "config.json"));
    digest.add(config.maxTokens);
    if (config.lowercase)
        digest.add(std::string("lowercase"));
    for (const Module &module : config.head)
        addModule(digest, module);
    for (const char *name : {"tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model"}) {
        if (!fs::is_regular_file(inner / name))
            continue;
        std::ifstream stream(inner / name, std::ios::binary);
        digest.add(std::string(std::istreambuf_iterator<char>(stream), {}));
    }
    std::vector<const Parameter *> order;
    for (const Parameter &parameter : transformer.parameters())
        order.push_back(&parameter);
    std::sort(order.begin(), order.end(), [](const Parameter *a, const Parameter *b) { return a->name < b->name; });
    for (const Parameter *parameter : order) {
        const at::Tensor value = parameter->value.detach().to(at::kCPU).contiguous();
        digest.add(parameter->name);
        digest.add(value.const_data_ptr(), value.nbytes());
    }
    return digest.hex();
}

} // namespace apiary::encoder
