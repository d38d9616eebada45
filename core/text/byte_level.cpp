#include "text/byte_level.h"

#include "text/utf8.h"

#include <cstring>

namespace apiary::text {

namespace {

struct Written {
    std::array<char, 2> bytes;
    std::uint8_t length;
};

std::array<Written, 256> writtenBytes()
{
    std::array<Written, 256> table{};
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
        const bool printing = (byte > ' ' && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
        std::string text;
        appendScalar(text, printing ? char32_t{byte} : next++);
        std::memcpy(table[byte].bytes.data(), text.data(), text.size());
        table[byte].length = static_cast<std::uint8_t>(text.size());
    }
    return table;
}

} // namespace

void appendByteLevel(std::string_view bytes, std::string &out)
{
    static const std::array<Written, 256> table = writtenBytes();
    const std::size_t before = out.size();
    out.resize(before + 2 * bytes.size());
    char *to = out.data() + before;
    for (const char byte : bytes) {
        const Written &written = table[static_cast<unsigned char>(byte)];
        std::memcpy(to, written.bytes.data(), 2);
        to += written.length;
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
}

ByteLevel::ByteLevel(bool addPrefixSpace, bool useRegex)
    : m_addPrefixSpace(addPrefixSpace)
    , m_pattern(useRegex ? makeGpt2Pattern() : nullptr)
{
}

bool ByteLevel::split(std::string_view text, bool atStart, WordSink take) const
{
    if (text.empty())
        return true;
    std::string spaced, word;
    if (m_addPrefixSpace && text.front() != ' ') {
        spaced.reserve(text.size() + 1);
        spaced = ' ';
        spaced += text;
        text = spaced;
    }
    const auto write = [&](std::size_t begin, std::size_t end, bool) {
        word.clear();
        appendByteLevel(text.substr(begin, end - begin), word);
        return take(word, atStart && begin == 0);
    };
    return m_pattern ? m_pattern->stretches(text, write) : write(0, text.size(), true);
}

} // namespace apiary::text
