#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace apiary::encoder {

class JsonFile;

/// How token vectors become one vector a text.
enum class Pooling { Cls, Max, Mean, MeanSqrtLength, WeightedMean, LastToken };

/// The name that sentence-transformers gives the mode: "mean", "mean_sqrt_len_tokens" …
const char *poolingName(Pooling pooling);
/// Several modes, whose vectors are joined end to end: "cls+mean".
std::string poolingName(const std::vector<Pooling> &modes);

/// What a Dense module bends its result by.
enum class DenseActivation { Identity, Tanh, Relu, Gelu, Silu, Sigmoid };

/// What comes after the Transformer, one after the other.
struct Module {
    enum class Kind { Pooling, Dense, LayerNorm, Normalize, Truncate };

    Kind kind = Kind::Pooling;
    std::filesystem::path path; ///< the module's folder, relative to the encoder's
    std::int64_t in = 0;        ///< width of what comes in, and of what goes out
    std::int64_t out = 0;
    // Pooling
    std::vector<Pooling> modes;
    bool includePrompt = true; ///< false: the tokens of a prompt are left out
    // Dense
    bool bias = true;
    bool residual = false; ///< adds what came in, through a matrix of its own where the widths differ
    DenseActivation activation = DenseActivation::Tanh;
};

/// Where the Transformer's own files lie, relative to the encoder's folder; usually empty. A folder without modules.json
/// is read as sentence-transformers reads it: the bare Transformer with mean pooling, or with the last token's vector
/// where config.json says that it was made for generating text. Throws InputError naming the file, the field and what is
/// known here.
std::filesystem::path readTransformerPath(const std::filesystem::path &folder);
/// The modules behind a Transformer of this config.json, whose states are so wide, with widths that fit each other.
std::vector<Module> readHead(const std::filesystem::path &folder, const JsonFile &network, std::int64_t hiddenSize);

} // namespace apiary::encoder
