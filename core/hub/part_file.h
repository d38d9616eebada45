#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace apiary::hub {

/// FILE.part, what has arrived of a file so far, locked while the object lives; and FILE.part.json, the notes on which
/// version the bytes belong to. Failures throw as throwFileError(), a second holder Error.
class PartFile {
public:
    explicit PartFile(const std::filesystem::path &file);
    ~PartFile();
    PartFile(const PartFile &) = delete;
    PartFile &operator=(const PartFile &) = delete;

    const std::filesystem::path &path() const { return m_path; }
    std::int64_t size() const { return m_size; }
    void append(std::string_view bytes);
    void clear();
    /// Writes the three fields below. A note that gets lost costs a fresh start, no more: not fsynced.
    void note() const;
    /// To disk, then under the file's own name.
    void publish(const std::filesystem::path &file);
    void remove() const;

    std::string url;
    std::string etag;
    std::string modified;

private:
    bool open();

    std::filesystem::path m_path;
    std::filesystem::path m_notes;
    int m_descriptor = -1;
    std::int64_t m_size = 0;
};

} // namespace apiary::hub
