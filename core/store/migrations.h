#pragma once

#include "store/database.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace apiary::store {

/// "Apia": what marks a SQLite file as a project of ours.
constexpr std::int64_t applicationId = 0x41706961;

/// Step n (from 1) turns a file of version n − 1 into one of version n.
using Migration = std::string_view;
std::span<const Migration> migrations();

/// Throws Error unless the file is a project (or, with `mayBeEmpty`, nothing yet) of a version this build knows.
void checkVersion(const Database &database, bool mayBeEmpty, std::span<const Migration> steps = migrations());

/// Brings the file to the newest version in one transaction, after a backup beside it (project.sqlite.v1.backup) where
/// there is anything to lose. A failed step leaves the file as it was.
void migrate(const Database &database, std::span<const Migration> steps = migrations());

} // namespace apiary::store
