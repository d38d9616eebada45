#pragma once

#include "hub/durable.h"

#include <filesystem>
#include <memory>
#include <string>

namespace apiary::hub {

/// The hidden folder beside an encoder's place in which its files gather until all are there: PARENT/.download-NAME.
/// It outlives a failure or a stop, so that the next call goes on with what has arrived. One process at a time.
class Staging {
public:
    /// Throws InputError where the place is taken or may not be written to, Error where another process is at it.
    explicit Staging(const std::filesystem::path &target);

    std::filesystem::path files() const { return m_folder / "encoder"; } ///< what will be the encoder's folder
    std::filesystem::path parts() const { return m_folder / "parts"; }   ///< what it is made from
    /// Writes .apiary.json into files(), brings all to disk and renames files() to the target; the rest is deleted.
    void publish(const std::string &source, const std::string &repository, const std::string &revision,
                 const std::string &licence);

private:
    std::filesystem::path m_target;
    std::filesystem::path m_folder;
    std::unique_ptr<ExclusiveLock> m_lock;
};

} // namespace apiary::hub
