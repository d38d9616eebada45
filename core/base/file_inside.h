#pragma once

#include <filesystem>

namespace apiary {

/// `folder / relative`, after a look that no symbolic link leads out of the encoder's folder; links into the blobs of a
/// Hugging Face cache, which is where its snapshots keep their files, are let through. Throws InputError.
std::filesystem::path fileInside(const std::filesystem::path &folder, const std::filesystem::path &relative);

} // namespace apiary
