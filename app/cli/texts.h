#pragma once

#include <string>
#include <vector>

namespace apiary::cli {

/// The lines of a UTF-8 file ("-": standard input); with `field`, that field of each line's JSON object.
/// Throws InputError naming file and line.
std::vector<std::string> readTexts(const std::string &file, const std::string &field);

} // namespace apiary::cli
