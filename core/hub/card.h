#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace apiary::hub {

/// What a folder says about its encoder, from its configuration files and the heads of its weight files: no weights are
/// read. That files are there, whole and inside the folder is checked; whether Apiary can compute the encoder is not: see
/// run/encoder_check.h. Numbers are -1 and texts empty where the folder does not say.
struct EncoderCard {
    std::string architecture; ///< "BERT", "MPNet" …; another model_type as it stands
    std::int64_t layers = -1;
    std::int64_t parameters = -1; ///< of the network and the modules after it
    std::string weights;          ///< what the numbers on disk are: "float32", "bfloat16" …
    std::int64_t dimension = -1;  ///< of an embedding
    std::int64_t maxTokens = -1;
    std::string pooling; ///< "mean", "cls", "mean + max" …
    bool normalized = false;
    std::vector<std::string> modules; ///< after pooling: "Dense 768 → 256", "Normalize"
    std::vector<std::string> prompts; ///< names, those of empty texts included
    std::string licence;
    bool ownLicence = false; ///< `licence` is a name of its own (license_name), not one of the hub's list
    std::string baseModel;
    std::string repository; ///< what it is called at a hub, "org/name"; empty where the folder does not tell
    std::string source;     ///< where it was fetched from
    std::string revision;   ///< commit
    std::string fetched;    ///< date
    std::int64_t diskBytes = -1;
    std::int64_t memoryBytes = -1; ///< of the weights as float32, as they are used
    std::string error;             ///< what is broken, in the words of an Error; empty where nothing is
};

/// Never throws for what is in the folder: what could be read is there, the first trouble is in `error`.
EncoderCard readCard(const std::filesystem::path &folder);

/// Throws InputError where a Transformer's folder has none of the files that a tokenizer is read from. A look at names.
void requireTokenizer(const std::filesystem::path &folder);

} // namespace apiary::hub
