#pragma once

#include "hub/library.h"

#include <filesystem>
#include <vector>

namespace apiary::hub {

/// The folders where the Hugging Face libraries keep models on this machine, those that exist: HF_HUB_CACHE (and the older
/// HUGGINGFACE_HUB_CACHE), else $HF_HOME/hub, else $XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub; then
/// SENTENCE_TRANSFORMERS_HOME, else $TORCH_HOME/sentence_transformers, else ~/.cache/torch/sentence_transformers.
std::vector<std::filesystem::path> cacheFolders();

/// The encoders in one cache folder. models--ORG--NAME/snapshots/COMMIT become "ORG/NAME" (the commit of refs/main, with
/// other commits as "ORG/NAME@abcdef12"); plain folders and those of sentence-transformers' older cache (ORG_NAME) are
/// named as they are. Snapshots that miss their weights, as interrupted downloads leave them, are not listed.
std::vector<KnownEncoder> encodersInCache(const std::filesystem::path &cache);

} // namespace apiary::hub
