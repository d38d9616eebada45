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

std::int64_t readHeads(const JsonFile &file, std::int64_t width, const std::string &field)
{
    const std::int64_t heads = file.integer(field, 1, width);
    if (width % heads != 0)
        throw InputError("a hidden size of " + std::to_string(width) + " does not divide among " +
                             std::to_string(heads) + " heads",
                         file.where(field), "download the encoder's folder again");
    return heads;
}

void expectEvenHeads(const JsonFile &file, std::int64_t headWidth, const char *field)
{
    if (headWidth % 2 != 0)
        throw InputError("heads of the odd width " + std::to_string(headWidth) + " cannot be rotated",
                         file.where(field), "download the encoder's folder again");
}

std::vector<bool> readWindowedLayers(const JsonFile &file, std::int64_t layers)
{
    if (!file.has("layer_types"))
        return {};
    const nlohmann::json &types = file.root().at("layer_types");
    if (!types.is_array() || types.size() != static_cast<std::size_t>(layers))
        throw InputError("expected a list of " + std::to_string(layers) + " names", file.where("layer_types"),
                         "download the encoder's folder again");
    std::vector<bool> windowed;
    for (const nlohmann::json &type : types) {
        if (type != "full_attention" && type != "sliding_attention")
            throw InputError("unknown kind of attention " + type.dump(), file.where("layer_types"),
                             "this version knows: full_attention, sliding_attention");
        windowed.push_back(type == "sliding_attention");
    }
    return windowed;
}

PostNormSettings readPostNormSettings(const JsonFile &file, std::int64_t width)
{
    PostNormSettings settings;
    settings.width = width;
    settings.intermediateSize = file.integer("intermediate_size", 1, 1 << 20);
    settings.normEps = file.number("layer_norm_eps", 0, 1, 1e-12);
    settings.attentionDropout = file.number("attention_probs_dropout_prob", 0, 0.999, 0.1);
    settings.attentionOutputDropout = file.number("hidden_dropout_prob", 0, 0.999, 0.1);
    settings.feedForwardDropout = settings.attentionOutputDropout;
    settings.activation = readActivation(file, "hidden_act", "gelu");
    return settings;
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

void expectFlag(const JsonFile &file, const std::string &field, bool known)
{
    if (file.boolean(field, known) != known)
        throw InputError(std::string("unknown value ") + (known ? "false" : "true"), file.where(field),
                         std::string("this version knows: ") + (known ? "true" : "false"));
}

void refuseDecoder(const JsonFile &file)
{
    if (file.boolean("is_decoder", false))
        throw InputError("the network is a decoder", file.where("is_decoder"), "choose an encoder");
}

} // namespace apiary::encoder
