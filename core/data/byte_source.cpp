#include "data/byte_source.h"

#include "base/error.h"
#include "data/strings.h"
#include "hub/member_stream.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace apiary::data {

namespace {

namespace fs = std::filesystem;

class FileBytes : public ByteSource {
public:
    explicit FileBytes(const fs::path &path) : m_path(path)
    {
        m_file.rdbuf()->pubsetbuf(nullptr, 0); // read() takes large blocks
        errno = 0;
        m_file.open(path, std::ios::binary);
        if (!m_file)
            throw InputError("cannot be read: " + std::generic_category().message(errno), path.string(),
                             "check its permissions");
    }
    std::size_t read(std::span<char> into) override
    {
        errno = 0;
        m_file.read(into.data(), static_cast<std::streamsize>(into.size()));
        const auto count = static_cast<std::size_t>(m_file.gcount());
        if (m_file.bad() || (count < into.size() && errno != 0 && !m_file.eof()))
            throw InputError("cannot be read further: " + std::generic_category().message(errno), m_path.string(),
                             "check the disk and try again");
        m_read += static_cast<std::int64_t>(count);
        return count;
    }
    std::int64_t consumed() const override { return m_read; }

private:
    fs::path m_path;
    std::ifstream m_file;
    std::int64_t m_read = 0;
};

/// The part of a path that is a file on disk, where what follows would be within it.
fs::path fileWithin(const fs::path &path)
{
    fs::path file = path;
    std::error_code ignored;
    while (file.has_relative_path() && file.has_parent_path() && !fs::exists(file, ignored))
        file = file.parent_path();
    return fs::is_regular_file(file, ignored) ? file : fs::path();
}

std::string ending(const std::string &name)
{
    std::string text = fs::path(name).extension().string();
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return text;
}

std::vector<std::string> tablesAmong(const std::vector<hub::ArchiveMember> &members)
{
    static const std::vector<std::string> others{".md", ".html", ".htm", ".pdf", ".png",   ".jpg", ".jpeg", ".gif",
                                                 ".py", ".sh",   ".pl",  ".zip", ".ipynb", ".xml", ".yml",  ".yaml"};
    std::vector<std::string> names;
    for (const hub::ArchiveMember &member : members) {
        const std::string file = fs::path(member.name).filename().string();
        const bool document = std::find(others.begin(), others.end(), ending(file)) != others.end() ||
                              file.starts_with("README") || file.starts_with("LICEN");
        if (!document && !file.starts_with('.') && !member.name.starts_with("__MACOSX/"))
            names.push_back(member.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

std::vector<std::string> tableMembers(const fs::path &archive)
{
    return tablesAmong(hub::membersOf(archive));
}

Place placeOf(const fs::path &path)
{
    std::error_code ignored;
    Place place;
    place.file = path;
    if (!path.empty() && !fs::exists(path, ignored)) {
        const fs::path within = fileWithin(path);
        if (!within.empty() && within != path) {
            place.file = within;
            place.member = path.lexically_relative(within).generic_string();
        }
    }
    const fs::file_status status = fs::status(place.file, ignored);
    if (fs::exists(status) && !fs::is_directory(status) && !fs::is_regular_file(status))
        throw InputError("is no plain file", place.file.string(), "copy what it gives into a file");
    const hub::Packing packing = hub::packingOf(place.file);
    place.packed = packing != hub::Packing::None;
    place.fileBytes = place.bytes = static_cast<std::int64_t>(fs::file_size(place.file));
    if (!place.member.empty() && packing != hub::Packing::Zip)
        throw InputError("is no zip, so there is no \"" + place.member + "\" within it", place.file.string(),
                         "check the path");
    if (packing != hub::Packing::Zip)
        return place;
    const auto all = hub::membersOf(place.file);
    const auto holds = [&all](const std::string &name) {
        return std::any_of(all.begin(), all.end(),
                           [&name](const hub::ArchiveMember &member) { return member.name == name; });
    };
    const std::vector<std::string> tables = tablesAmong(all);
    if (place.member.empty()) {
        if (holds("xl/workbook.xml"))
            throw InputError("is an Excel workbook", place.file.string(), "save the sheet as CSV");
        if (tables.empty())
            throw InputError("holds no table", place.file.string(), "give an archive with a table in it");
        if (tables.size() > 1)
            throw InputError("holds several files", place.file.string(),
                             "name one behind the archive, as in \"" + (place.file / tables.front()).string() +
                                 "\"; they are: " + listed(tables));
        place.member = tables.front();
    } else {
        if (!holds(place.member))
            throw InputError("has no file \"" + place.member + "\"", place.file.string(),
                             tables.empty() ? "give an archive with a table in it"
                                            : "its files are: " + listed(tables));
    }
    for (const hub::ArchiveMember &member : all)
        if (member.name == place.member)
            place.bytes = std::max<std::int64_t>(member.bytes, 0);
    return place;
}

std::unique_ptr<ByteSource> openBytes(const Place &place)
{
    if (place.packed)
        return std::make_unique<hub::MemberStream>(place.file, place.member);
    return std::make_unique<FileBytes>(place.file);
}

} // namespace apiary::data
