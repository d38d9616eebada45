#include "data/table_format.h"

#include "data/names.h"

namespace apiary::data {

namespace {

constexpr Names<FileKind, 5> kinds{{{FileKind::Auto, "auto"},
                                    {FileKind::Delimited, "delimited"},
                                    {FileKind::JsonLines, "json-lines"},
                                    {FileKind::Feather, "feather"},
                                    {FileKind::Parquet, "parquet"}}};
constexpr Names<Encoding, 6> encodings{{{Encoding::Auto, "auto"},
                                        {Encoding::Utf8, "utf-8"},
                                        {Encoding::Utf16Le, "utf-16le"},
                                        {Encoding::Utf16Be, "utf-16be"},
                                        {Encoding::Windows1252, "windows-1252"},
                                        {Encoding::Latin1, "latin-1"}}};

} // namespace

std::string nameOf(FileKind kind)
{
    return nameIn(kinds, kind);
}

std::string nameOf(Encoding encoding)
{
    return nameIn(encodings, encoding);
}

FileKind fileKindOf(const std::string &name, const std::string &field)
{
    return valueIn(kinds, name, field);
}

Encoding encodingOf(const std::string &name, const std::string &field)
{
    return valueIn(encodings, name, field);
}

} // namespace apiary::data
