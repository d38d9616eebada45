#pragma once

#include "data/import.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace apiary::tests {

/// CRC-32 as gzip and zip have it.
inline std::uint32_t crc32(const QByteArray &bytes)
{
    std::uint32_t crc = ~std::uint32_t{0};
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

inline QByteArray little(std::uint64_t value, int bytes)
{
    QByteArray out;
    for (int i = 0; i < bytes; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
}

/// Bare deflate.
inline QByteArray deflated(const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return QByteArray("\x03\0", 2);        // one empty block
    constexpr int header = 4 + 2, trailer = 4; // Qt's length and zlib's header; Adler-32
    return qCompress(bytes, 9).mid(header).chopped(trailer);
}

inline QByteArray gzipped(const QByteArray &bytes)
{
    return QByteArray("\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10) + deflated(bytes) + little(crc32(bytes), 4) +
           little(static_cast<std::uint64_t>(bytes.size()), 4);
}

/// `claimed`: the unpacked size that its directory gives, where it is not the true one.
inline QByteArray zipped(const std::vector<std::pair<QByteArray, QByteArray>> &files, std::int64_t claimed = -1)
{
    QByteArray body, directory;
    for (const auto &[name, bytes] : files) {
        const QByteArray packed = deflated(bytes);
        const auto size = static_cast<std::uint64_t>(claimed < 0 ? bytes.size() : claimed);
        const QByteArray common = little(20, 2) + little(0x800, 2) + little(8, 2) + little(0, 4) +
                                  little(crc32(bytes), 4) + little(static_cast<std::uint64_t>(packed.size()), 4) +
                                  little(size, 4) + little(static_cast<std::uint64_t>(name.size()), 2) + little(0, 2);
        directory += "PK\x01\x02" + little(20, 2) + common + little(0, 10) +
                     little(static_cast<std::uint64_t>(body.size()), 4) + name;
        body += "PK\x03\x04" + common + name + packed;
    }
    const auto count = static_cast<std::uint64_t>(files.size());
    return body + directory + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) +
           little(static_cast<std::uint64_t>(directory.size()), 4) +
           little(static_cast<std::uint64_t>(body.size()), 4) + little(0, 2);
}

/// Two small files to import, in a folder that goes with them.
class ImportFiles {
public:
    static constexpr const char *plainInteractions = "user_id,item_id,rating,timestamp\n"
                                                     "u1,a,5,1000000010\n"
                                                     "u1,b,4,1000000020\n"
                                                     "u2,c,4.5,1000000030\n"
                                                     "u2,a,1,1000000040\n";
    static constexpr const char *plainItems = "item_id,title,genre\n"
                                              "a,Alpha,Drama\n"
                                              "b,Beta,\n"
                                              "c,Gamma,Comedy\n";

    ImportFiles()
    {
        spec.name = "small";
        spec.interactions.file = write("inter.csv", plainInteractions);
        spec.items.file = write("items.csv", plainItems);
        spec.items.textTemplate = "{title}. Genre: {genre}";
    }

    std::string path(const QString &name) const { return folder.filePath(name).toStdString(); }
    std::string write(const QString &name, const QByteArray &bytes) const
    {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            throw std::runtime_error("the temporary folder cannot be written");
        return file.fileName().toStdString();
    }
    data::Imported import() const { return data::importDataset(spec); }

    QTemporaryDir folder;
    data::ImportSpec spec;
};

} // namespace apiary::tests
