#include "encoder/config_fields.h"

#include "base/error.h"

#include <utility>

namespace apiary::encoder {

NetworkSize readNetworkSize(const JsonFile &file)
{
    NetworkSize size;
    size.hiddenSize = file.integer("hidden_size", 1, 1 << 16);
    size.layers = file.integer("num_hidden_layers", 1, 1000);
    size.vocabularySize = file.integer("vocab_size", 1, 1 << 24);
    size.maxPositions = file.integer("max_position_embeddings", 1, 1 << 20);
    return size;
}

std::int64_t readHeads(const JsonFile &file, std::int64_t width)
{
    const std::int64_t heads = file.integer("num_attention_heads", 1, width);
    if (width % heads != 0)
        throw InputError("a hidden size of " + std::to_string(width) + " does not divide among " +
                             std::to_string(heads) + " heads",
                         file.where("num_attention_heads"), "download the encoder's folder again");
    return heads;
}

Activation readActivation(const JsonFile &file, const std::string &field, const char *fallback)
{
    static constexpr std::pair<const char *, Activation> known[] = {
        {"gelu", Activation::Gelu}, {"gelu_new", Activation::GeluTanh}, {"gelu_pytorch_tanh", Activation::GeluTanh},
        {"relu", Activation::Relu}, {"silu", Activation::Silu},         {"swish", Activation::Silu},
    };
    const std::string name = file.string(field, fallback);
    std::string names;
    for (const auto &[text, activation] : known) {
        if (name == text)
            return activation;
        names += (names.empty() ? "" : ", ") + std::string(text);
    }
    throw InputError("unknown activation \"" + name + "\"", file.where(field), "this version knows: " + names);
}

void expectText(const JsonFile &file, const std::string &field, const char *known)
{
    const std::string found = file.string(field, known);
    if (found != known)
        throw InputError("unknown value \"" + found + "\"", file.where(field),
                         std::string("this version knows: ") + known);
}

void refuseDecoder(const JsonFile &file)
{
    if (file.boolean("is_decoder", false))
        throw InputError("the network is a decoder", file.where("is_decoder"), "choose an encoder");
}

} // namespace apiary::encoder
