#pragma once

#include "hub/library.h"

#include <filesystem>
#include <string>
#include <vector>

namespace apiary::hub {

/// What people call the encoder of a folder: "run 3 of films" for films/models/3/encoder, which a project's run has made;
/// "org/name" for a snapshot in the cache of the Hugging Face libraries; else the folder's own name. `above` tells so many
/// folders more that lie above it: "old/encoder", "run 3 of old/films".
std::string encoderName(const std::filesystem::path &folder, int above = 0);

/// Gives encoders names that tell them apart and none of which is among `taken`. Names of the user's folders that collide
/// get the folder above, as often as it takes; what is still the same is counted: "name", "name (2)".
void tellApart(std::vector<KnownEncoder> &encoders, const std::vector<std::string> &taken = {});

} // namespace apiary::hub
