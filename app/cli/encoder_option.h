#pragma once

#include "hub/library.h"

#include <string>
#include <vector>

namespace apiary::cli {

/// Help for options that name an encoder.
constexpr const char *encoderHelp = "Encoder: a folder, or a name as `encoders list` shows it";

/// The encoder that an option names. Throws InputError where there is none, or its folder has gone.
hub::KnownEncoder encoderOf(const std::string &text);
std::vector<hub::KnownEncoder> encodersOf(const std::vector<std::string> &texts);

} // namespace apiary::cli
