#pragma once

#include "base/progress.h"
#include "hub/library.h"
#include "hub/transfer.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace apiary::hub {

/// A hub in the manner of Hugging Face: which, and how it is reached.
struct Hub {
    std::string base = "https://huggingface.co";
    Network network;
};

/// The hub of `base`, else of the settings, else of HF_ENDPOINT, else the public one. The token is HF_TOKEN, else what the
/// Hugging Face libraries keep in a file (HF_TOKEN_PATH, $HF_HOME/token, ~/.cache/huggingface/token); it is sent over
/// https, or to this machine itself, only. Throws InputError for a base that is no address.
Hub hubFor(const Settings &settings, const std::string &base = {});

struct HubFile {
    std::string path; ///< within the repository, and within the encoder's folder
    std::int64_t size = -1;
    std::string sha256;  ///< of large files
    std::string gitBlob; ///< of small ones
};

/// A repository at one commit, and what of it an encoder needs.
struct HubRepository {
    std::string name;
    std::string revision; ///< as asked for
    std::string commit;   ///< that it stands for; equal to the revision where the hub does not say
    std::string licence;  ///< as the hub states it, or empty
    std::vector<HubFile> files;

    std::int64_t bytes() const; ///< of all files
};

/// "org/name" from what a user typed: the name itself, or the address of its page at any hub, which then also gives base
/// and revision (each left alone otherwise). Throws InputError where it is neither.
std::string parseRepositoryName(const std::string &text, std::string &base, std::string &revision);

/// Whether an encoder needs a file of a repository: configurations, tokenizer, safetensors, licence; no other format's
/// weights (pickle, ONNX, TensorFlow …), no code. Only names that are safe to use as a path are wanted.
bool wantedFile(const std::string &path);

/// Asks the hub what a repository holds. Throws InputError where it is not there, needs a login, or holds no encoder in
/// safetensors; else as download().
HubRepository describeRepository(const Hub &hub, const std::string &name, const std::string &revision,
                                 std::stop_token stop);

/// Fetches the files of a repository and puts them at `target`, which nothing may have yet. What has arrived before a
/// failure or a stop is used by the next call. Throws as download().
void installRepository(const Hub &hub, const HubRepository &repository, const std::filesystem::path &target,
                       const ProgressFn &progress, std::stop_token stop);

} // namespace apiary::hub
