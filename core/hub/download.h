#pragma once

#include "base/progress.h"
#include "hub/transfer.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>

namespace apiary::hub {

/// Turns bytes that arrive into Progress (unit "bytes") for one file or several that follow each other. The rate is that
/// of the last seconds and of what crossed the network: bytes kept from an earlier attempt count as done, not as speed.
class ByteMeter {
public:
    ByteMeter(std::string stage, std::int64_t total, ProgressFn report);
    std::string setStage(std::string stage); ///< returns the one before
    void setTotal(std::int64_t total) { m_progress.total = total; }
    /// The file at hand stands at `done` bytes, of which `received` have just arrived.
    void at(std::int64_t done, std::int64_t received);
    /// The file at hand is complete with `bytes`; the next begins.
    void nextFile(std::int64_t bytes);

private:
    void report(bool now);

    using Clock = std::chrono::steady_clock;
    Progress m_progress;
    ProgressFn m_report;
    std::int64_t m_base = 0;
    std::int64_t m_received = 0;
    std::deque<std::pair<Clock::time_point, std::int64_t>> m_samples; ///< when so much had been received
    Clock::time_point m_last{};
};

/// A file to be fetched.
struct Download {
    std::string url;
    std::filesystem::path file; ///< appears whole and checked, or not at all; its folder is there
    std::int64_t size = -1;     ///< expected bytes, -1 where not known
    std::string sha256;         ///< expected, 64 hexadecimal digits; empty where not known
    std::string gitBlob; ///< expected id as a git blob (SHA-1 of "blob SIZE\0" and the bytes), 40 digits; or empty
};

/// Fetches a file. What arrives is kept in FILE.part, with the server's mark of its version in FILE.part.json, so that a
/// later call goes on where this one ended (Range; If-Range where no hash is known that would tell); a version that has
/// changed since begins anew. Broken transfers, stalls and servers in trouble are tried again, as long as they bring
/// something (Network::enoughBytes). The size and, where known, the hash are checked: the expected
/// ones, else the hash that the hub sends in its ETag. Then the file is brought to disk and renamed. A file that is there
/// already and right is not fetched. `meter` may be null. Throws
/// - Cancelled within a second of a stop; FILE.part stays,
/// - InputError: no such file, login needed, no right to write, offline mode,
/// - Error: no network, full disk, wrong size or hash (FILE.part is removed), a server that fails again and again,
///   another process that fetches the same file.
void download(const Download &what, const Network &network, ByteMeter *meter, std::stop_token stop);

/// The id git gives a file's bytes. Throws as sha256File().
std::string gitBlobId(const std::filesystem::path &file, std::stop_token stop = {});

} // namespace apiary::hub
