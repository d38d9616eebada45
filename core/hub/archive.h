#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apiary::hub {

/// The bytes of an archive: a file, or the members of several files, joined in order.
struct ArchiveSource {
    std::filesystem::path file; ///< where empty: `members`
    /// Archive files, each with the name of a member whose bytes are a part of the archive to unpack.
    std::vector<std::pair<std::filesystem::path, std::string>> members;
};

struct UnpackRules {
    /// Where an entry goes, relative to the target ("" leaves it out). By default as it is named.
    std::function<std::string(const std::string &entry)> place;
    std::int64_t maxBytes = 0; ///< of all files together
    int maxFiles = 1000;
    std::map<std::string, std::string> sha256; ///< by place; a file named here must be there and be this one
};

/// Unpacks the files of a zip (or what else libarchive knows) into `target`, an empty folder, as they come: an archive of
/// any size needs little memory. Archives are hostile: a name that leads out of the target (also one that is left out), a
/// link, more bytes or files than allowed, a wrong hash, a truncated or damaged archive throw InputError with the entry's
/// name. Nothing is synced. `onBytes` is told the bytes written so far. Returns the bytes written.
std::int64_t unpack(const ArchiveSource &source, const std::filesystem::path &target, const UnpackRules &rules,
                    const std::function<void(std::int64_t)> &onBytes, std::stop_token stop);

} // namespace apiary::hub
